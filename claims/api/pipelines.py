from __future__ import annotations

from typing import Any

from claims_crm.api.fields import StrictCharField
from claims_crm.api.filters import FilterSet, IdFilter
from claims_crm.api.serializers import ModelSerializer
from claims_crm.api.views import ListMixin, RetrieveMixin, ViewSet

from .. import permissions
from ..models import Pipeline, Stage


class PipelineOut(ModelSerializer):
    name = StrictCharField(read_only=True)

    class Meta:
        model = Pipeline
        fields = ("id", "name", "currency", "is_active")
        read_only_fields = fields


class StageOut(ModelSerializer):
    name = StrictCharField(read_only=True)

    class Meta:
        model = Stage
        fields = ("id", "name", "kind", "pipeline", "position")
        read_only_fields = fields


class StageFilterSet(FilterSet):
    pipeline = IdFilter()


class ReadOnly(ListMixin, RetrieveMixin, ViewSet):
    """Rows that an administrator sets up, the same for everyone."""

    may_enter = permissions.can_see_claims
    orderings = ("id",)

    def get_queryset(self) -> Any:
        return self.rows()


class Pipelines(ReadOnly):
    """Funnels."""

    serializer_class = PipelineOut

    def rows(self) -> Any:
        return Pipeline.objects.all()


class Stages(ReadOnly):
    """Steps of funnels. Their `kind` is for programs, their `name` for people."""

    serializer_class = StageOut
    filterset_class = StageFilterSet

    def rows(self) -> Any:
        return Stage.objects.all()
