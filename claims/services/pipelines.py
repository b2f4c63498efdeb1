from __future__ import annotations

from django.db import transaction

from ..models import Pipeline, Stage
from ..signals import pipeline_furnished

USUAL_STAGES = (
    ("Новая", "New", Stage.Kind.OPEN),
    ("Рассмотрение", "Review", Stage.Kind.OPEN),
    ("Согласование", "Agreement", Stage.Kind.OPEN),
    ("Выплаты", "Payments", Stage.Kind.PAYING),
    ("Завершение", "Completion", Stage.Kind.COMPLETING),
    ("Закрыта", "Closed", Stage.Kind.CLOSED),
    ("Отклонена", "Rejected", Stage.Kind.REJECTED),
)


@transaction.atomic
def furnish(pipeline: Pipeline) -> None:
    """Give a new funnel the usual stages and, from the floors above, the usual rules: to be changed as one likes."""
    if pipeline.stages.exists():
        return
    Stage.objects.bulk_create(
        Stage(pipeline=pipeline, name_ru=ru, name_en=en, kind=kind, position=position)
        for position, (ru, en, kind) in enumerate(USUAL_STAGES, start=1)
    )
    pipeline_furnished.send(Pipeline, pipeline=pipeline)
