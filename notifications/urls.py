from django.urls import include, path

from .views import notices, tasks

tasks_and_notices = (
    [
        path("tasks/", tasks.show, name="tasks"),
        path("tasks/new/", tasks.add, name="add"),
        path("tasks/new/claims/", tasks.suggest, name="suggest"),
        path("tasks/<int:pk>/", tasks.row, name="task"),
        path("tasks/<int:pk>/complete/", tasks.complete, name="complete"),
        path("tasks/<int:pk>/tick/<int:position>/", tasks.tick, name="tick"),
        path("tasks/<int:pk>/undo/", tasks.undo, name="undo"),
        path("claims/<int:pk>/tasks/", tasks.of_claim, name="claim_tasks"),
        path("claims/<int:pk>/tasks/new/", tasks.add, name="claim_add"),
        path("notices/", notices.show, name="notices"),
        path("notices/bell/", notices.bell, name="bell"),
        path("notices/count/", notices.count, name="count"),
        path("notices/read/", notices.read_all, name="read_all"),
        path("notices/<int:pk>/", notices.follow, name="follow"),
    ],
    "notifications",
)

urlpatterns = [
    path("", include(tasks_and_notices)),
]
