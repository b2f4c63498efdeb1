"""Tasks in the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts.models import ApiToken, User
from accounts.requests import ApiRequest
from claims.models import Claim
from claims_crm.api.fields import StrictBooleanField, StrictCharField, StrictDateField, StrictPrimaryKeyField
from claims_crm.api.filters import ChoiceFilter, FilterSet, IdFilter, StrictDateFilter
from claims_crm.api.serializers import ModelSerializer, Serializer
from claims_crm.api.views import ListMixin, RetrieveMixin, ViewSet, require
from payments.api.payments import VisibleClaim

from . import permissions, services
from .models import Task


class Item(Serializer):
    text = StrictCharField(required=False)
    done = StrictBooleanField()


class TaskOut(ModelSerializer):
    title = StrictCharField(read_only=True)
    checklist = Item(source="items", many=True, read_only=True)

    class Meta:
        model = Task
        fields = (
            "id",
            "kind",
            "claim",
            "payment",
            "assignee",
            "title",
            "due_on",
            "checklist",
            "status",
            "completed_at",
            "completed_by",
        )
        read_only_fields = fields


class NewTask(Serializer):
    claim = VisibleClaim()
    title = StrictCharField(max_length=200)
    assignee = StrictPrimaryKeyField(queryset=User.objects.active(), required=False, help_text="The sender by default.")
    due_on = StrictDateField(required=False, help_text="Today by default.")


class Checked(Serializer):
    checklist = Item(many=True, required=False, help_text="All its items in order, ticked or not.")

    def ticked(self, task: Task) -> list[int] | None:
        """Return the positions of the ticked items, or None if no checklist was sent."""
        items = self.validated_data.get("checklist")
        if items is None:
            return None
        if len(items) != len(task.checklist):
            raise serializers.ValidationError(
                {"checklist": [_("The task has %(count)s items.") % {"count": len(task.checklist)}]}
            )
        return [position for position, item in enumerate(items) if item["done"]]


class TaskFilter(FilterSet):
    claim = IdFilter()
    payment = IdFilter()
    assignee = IdFilter()
    kind = ChoiceFilter(choices=Task.Kind.choices)
    status = ChoiceFilter(choices=Task.Status.choices)
    due_before = StrictDateFilter(field_name="due_on", lookup_expr="lte")


class Tasks(ListMixin, RetrieveMixin, ViewSet):
    """What people have to do for claims."""

    serializer_class = TaskOut
    filterset_class = TaskFilter
    may_enter = permissions.can_see_tasks
    scopes = {"complete": ("write", "settle")}
    orderings = ("due_on", "id")

    def rows(self) -> Any:
        return Task.objects.select_related("claim__client", "payment")

    def lock(self, row: Task) -> None:
        Claim.objects.lock(row.claim_id)

    @extend_schema(request=NewTask, responses={201: TaskOut})
    def create(self, request: ApiRequest) -> Response:
        """Add a task by hand."""
        require(permissions.can_add_task(request.user))
        facts = self.sent(NewTask)
        claim = facts.pop("claim")
        require(permissions.can_add_task(request.user, claim))
        return self.answer(services.add_task(claim, by=request.user, **facts), status=201)

    @extend_schema(request=Checked, responses=TaskOut)
    def partial_update(self, request: ApiRequest, pk: int) -> Response:
        """Tick or untick items of the checklist."""
        task = self.get_object()
        require(permissions.can_complete(request.user, task))
        ticked = self._ticked(task)
        return self.answer(task if ticked is None else services.tick_all(task, ticked=ticked))

    @extend_schema(request=Checked, responses=TaskOut)
    @action(detail=True, methods=["post"])
    def complete(self, request: ApiRequest, pk: int) -> Response:
        """Complete the task: a `pay` task settles its payment, a `complete` task closes its claim.

        A token needs the scope `settle` for a `pay` task and `write` for others.
        """
        task = self.get_object()
        require(permissions.can_complete(request.user, task))
        scope = ApiToken.Scope.SETTLE if task.kind == Task.Kind.PAY else ApiToken.Scope.WRITE
        require(request.auth is None or scope in request.auth.scopes)
        return self.answer(services.complete(task, by=request.user, ticked=self._ticked(task)))

    def _ticked(self, task: Task) -> list[int] | None:
        checked = Checked(data=self.request.data)
        checked.is_valid(raise_exception=True)
        return checked.ticked(task)


router = SimpleRouter(use_regex_path=False)
router.register("tasks", Tasks, "task")

urlpatterns = router.urls
