from django.urls import path

from . import views

app_name = "statements"

urlpatterns = [
    path("statements/", views.statement_list, name="list"),
    path("statements/<int:pk>/", views.detail, name="detail"),
    path("statements/<int:pk>/lines/", views.lines, name="lines"),
    path("statements/<int:pk>/read/", views.read, name="read"),
    path("statements/<int:pk>/rematch/", views.rematch, name="rematch"),
    path("statements/<int:pk>/agree/", views.agree_all, name="agree_all"),
    path("statements/<int:pk>/post/", views.post, name="post"),
    path("statements/<int:pk>/undo/", views.undo, name="undo"),
    path("statements/<int:pk>/discard/", views.discard, name="discard"),
    path("statements/line/<int:pk>/agree/", views.agree, name="agree"),
    path("statements/line/<int:pk>/same/", views.confirm_same, name="confirm_same"),
    path("statements/line/<int:pk>/return/", views.accept_return, name="accept_return"),
    path("statements/line/<int:pk>/undo/", views.undo_line, name="undo_line"),
    path("statements/line/<int:pk>/drop/", views.drop, name="drop"),
    path("statements/line/<int:pk>/choose/", views.choose, name="choose"),
    path("statements/line/<int:pk>/ignore/", views.ignore, name="ignore"),
]
