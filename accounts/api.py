"""People in the API."""

from __future__ import annotations

from typing import Any

from rest_framework.routers import SimpleRouter

from claims_crm.api.serializers import ModelSerializer
from claims_crm.api.views import ListMixin, RetrieveMixin, ViewSet

from .models import User


class UserOut(ModelSerializer):
    class Meta:
        model = User
        fields = ("id", "name")
        read_only_fields = fields


def may_name_people(user: User) -> bool:
    """Return whether the user works with claims."""
    return user.has_perm("claims.view_claim")


class Users(ListMixin, RetrieveMixin, ViewSet):
    """People, by name: who may be put on a claim or a task."""

    serializer_class = UserOut
    may_enter = may_name_people
    orderings = ("id",)

    def rows(self) -> Any:
        return User.objects.active()

    def get_queryset(self) -> Any:
        return self.rows()


router = SimpleRouter(use_regex_path=False)
router.register("users", Users, "user")

urlpatterns = router.urls
