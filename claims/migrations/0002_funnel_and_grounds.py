"""The funnel, the stages and the grounds that come out of the box."""

from django.db import migrations

STAGES = (
    ("Новая", "New", "open"),
    ("Рассмотрение", "Review", "open"),
    ("Согласование", "Agreement", "open"),
    ("Выплаты", "Payments", "paying"),
    ("Завершение", "Completion", "completing"),
    ("Закрыта", "Closed", "closed"),
    ("Отклонена", "Rejected", "rejected"),
)
GROUNDS = (
    ("late", "Срок", "Late"),
    ("quality", "Качество", "Quality"),
    ("other", "Иное", "Other"),
)


def make_defaults(apps, schema_editor):
    Pipeline = apps.get_model("claims", "Pipeline")
    Stage = apps.get_model("claims", "Stage")
    Ground = apps.get_model("claims", "Ground")
    pipeline = Pipeline.objects.create(name_ru="Претензии", name_en="Claims", number_prefix="П", position=1)
    Stage.objects.bulk_create(
        Stage(pipeline=pipeline, name_ru=ru, name_en=en, kind=kind, position=position)
        for position, (ru, en, kind) in enumerate(STAGES, start=1)
    )
    Ground.objects.bulk_create(
        Ground(code=code, name_ru=ru, name_en=en, position=position)
        for position, (code, ru, en) in enumerate(GROUNDS, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial")]
    operations = [migrations.RunPython(make_defaults, migrations.RunPython.noop)]
