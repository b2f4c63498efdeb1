from django.urls import path
from rest_framework.routers import SimpleRouter

from .claims import Claims
from .clients import Clients
from .files import Files
from .pipelines import Pipelines, Stages

router = SimpleRouter(use_regex_path=False)
router.register("clients", Clients, "client")
router.register("claims", Claims, "claim")
router.register("pipelines", Pipelines, "pipeline")
router.register("stages", Stages, "stage")

urlpatterns = [
    *router.urls,
    path("claims/<int:pk>/files/", Files.as_view({"get": "list", "post": "create"}), name="claim-files"),
    path(
        "claims/<int:pk>/files/<int:file>/", Files.as_view({"get": "retrieve", "delete": "destroy"}), name="claim-file"
    ),
]
