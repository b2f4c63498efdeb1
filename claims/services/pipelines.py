from __future__ import annotations

from django.db import transaction

from ..models import Pipeline, Stage

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
    """Give a new funnel the usual stages, to be changed as one likes; one that has stages keeps its own."""
    if pipeline.stages.exists():
        return
    Stage.objects.bulk_create(
        Stage(pipeline=pipeline, name_ru=ru, name_en=en, kind=kind, position=position)
        for position, (ru, en, kind) in enumerate(USUAL_STAGES, start=1)
    )
