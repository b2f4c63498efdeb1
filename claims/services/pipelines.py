from __future__ import annotations

from django.db import transaction

from ..models import Pipeline, Stage

DEFAULT_STAGES = (
    ("Новая", "New", Stage.Kind.OPEN),
    ("Рассмотрение", "Review", Stage.Kind.OPEN),
    ("Согласование", "Agreement", Stage.Kind.OPEN),
    ("Выплаты", "Payments", Stage.Kind.PAYING),
    ("Завершение", "Completion", Stage.Kind.COMPLETING),
    ("Закрыта", "Closed", Stage.Kind.CLOSED),
    ("Отклонена", "Rejected", Stage.Kind.REJECTED),
)


@transaction.atomic
def create_default_stages(pipeline: Pipeline) -> None:
    """Create the default stages of a funnel that has none."""
    if pipeline.stages.exists():
        return
    Stage.objects.bulk_create(
        Stage(pipeline=pipeline, name_ru=ru, name_en=en, kind=kind, position=position)
        for position, (ru, en, kind) in enumerate(DEFAULT_STAGES, start=1)
    )
