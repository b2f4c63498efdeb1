"""The task rules of the first funnel."""

from django.db import migrations

# As they were when this was written: what the product begins with later comes with later migrations.
RULES = (
    {
        "trigger": "payment_due",
        "role": "accountants",
        "title_ru": "Оплатить {amount} по претензии {claim}",
        "title_en": "Pay {amount} on claim {claim}",
    },
    {
        "trigger": "all_paid",
        "role": "specialists",
        "title_ru": "Заверши работу с претензией {claim}",
        "title_en": "Complete the work on claim {claim}",
        "checklist_ru": "Акт о выплате\nПодпись клиента\nАрхивация",
        "checklist_en": "Act of payment\nClient's signature\nArchiving",
    },
    {
        "trigger": "under_scheduled",
        "role": "specialists",
        "title_ru": "Составь график на остаток по претензии {claim}",
        "title_en": "Schedule the rest of claim {claim}",
    },
)


def make_rules(apps, schema_editor):
    Pipeline = apps.get_model("claims", "Pipeline")
    TaskRule = apps.get_model("notifications", "TaskRule")
    TaskRule.objects.bulk_create(
        TaskRule(pipeline=pipeline, **rule) for pipeline in Pipeline.objects.all() for rule in RULES
    )


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial"), ("claims", "0002_funnel_and_grounds")]
    operations = [migrations.RunPython(make_rules, migrations.RunPython.noop)]
