from django.urls import path

from . import views

app_name = "register"

urlpatterns = [
    path("import/", views.register_list, name="list"),
    path("import/template/", views.template, name="template"),
    path("import/<int:pk>/", views.detail, name="detail"),
    path("import/<int:pk>/rows/", views.rows, name="rows"),
    path("import/<int:pk>/columns/", views.change_columns, name="columns"),
    path("import/<int:pk>/answer/", views.answer, name="answer"),
    path("import/<int:pk>/rows/<int:row>/decide/", views.decide, name="decide"),
    path("import/<int:pk>/start/", views.start, name="start"),
    path("import/<int:pk>/undo/", views.undo, name="undo"),
    path("import/<int:pk>/discard/", views.discard, name="discard"),
    path("import/<int:pk>/refused/", views.refused, name="refused"),
]
