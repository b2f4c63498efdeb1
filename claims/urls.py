from django.urls import path

from . import views

app_name = "claims"

urlpatterns = [
    path("claims/", views.claim_list, name="list"),
    path("claims/board/", views.board, name="board"),
    path("claims/board/<int:pk>/<int:stage>/", views.move_on_board, name="move_on_board"),
    path("claims/columns/", views.keep_columns, name="columns"),
    path("claims/export/", views.export, name="export"),
    path("claims/reassign/", views.reassign, name="reassign"),
    path("claims/new/", views.create, name="create"),
    path("claims/new/answer-by/", views.answer_by, name="answer_by"),
    path("claims/new/clients/", views.clients, name="clients"),
    path("claims/new/client/", views.client_fields, name="client_fields"),
    path("claims/<int:pk>/", views.timeline, name="detail"),
    path("claims/<int:pk>/changes/", views.changes, name="changes"),
    path("claims/<int:pk>/history/", views.history, name="history"),
    path("claims/<int:pk>/comments/", views.add_comment, name="comment"),
    path("claims/<int:pk>/comments/<int:entry>/", views.edit_comment_of, name="edit_comment"),
    path("claims/<int:pk>/move/", views.move_claim, name="move"),
    path("claims/<int:pk>/move/<int:stage>/", views.reason, name="reason"),
    path("claims/<int:pk>/edit/", views.edit, name="edit"),
    path("claims/<int:pk>/client/", views.edit_client_of, name="edit_client"),
    path("claims/<int:pk>/files/", views.files, name="files"),
    path("claims/<int:pk>/files/<int:file>/", views.download, name="download"),
    path("claims/<int:pk>/files/<int:file>/preview/", views.preview, name="preview"),
    path("claims/<int:pk>/files/<int:file>/show/", views.show_file, name="show_file"),
    path("claims/<int:pk>/files/<int:file>/remove/", views.remove_file, name="remove_file"),
]
