"""The task rules of the first funnel, and what each role may do at first."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
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

SPECIALIST_RIGHTS = (
    "claims.view_claim",
    "claims.add_claim",
    "claims.change_claim",
    "claims.change_agreed_amount",
    "claims.move_claim",
    "claims.close_claim",
    "claims.import_register",
    "claims.view_client",
    "claims.add_client",
    "claims.change_client",
    "claims.add_attachment",
    "claims.add_comment",
    "payments.view_payment",
    "payments.schedule_payment",
    "payments.reschedule_payment",
    "notifications.view_task",
    "notifications.add_task",
)

ACCOUNTANT_RIGHTS = (
    "claims.view_claim",
    "claims.view_client",
    "claims.add_attachment",
    "claims.add_comment",
    "payments.view_payment",
    "payments.settle_payment",
    "payments.reopen_payment",
    "payments.reschedule_payment",
    "notifications.view_task",
    "notifications.add_task",
)

RIGHTS = {"specialists": SPECIALIST_RIGHTS, "accountants": ACCOUNTANT_RIGHTS}
NEVER_BY_ROLE = ("delete_claim", "delete_client", "delete_user", "delete_group")


def make_rules(apps, schema_editor):
    Pipeline, TaskRule = (
        apps.get_model("claims", "Pipeline"),
        apps.get_model("notifications", "TaskRule"),
    )
    TaskRule.objects.bulk_create(
        TaskRule(pipeline=pipeline, **rule)
        for pipeline in Pipeline.objects.all()
        for rule in RULES
    )


def give_rights(apps, schema_editor):
    # Permissions are made after all migrations; these are needed now.
    for label in (
        "claims_crm",
        "accounts",
        "claims",
        "payments",
        "notifications",
        "auth",
    ):
        create_permissions(
            installed.get_app_config(label),
            verbosity=0,
            using=schema_editor.connection.alias,
        )
    Group, Permission = (
        apps.get_model("auth", "Group"),
        apps.get_model("auth", "Permission"),
    )
    given = {
        f"{right.content_type.app_label}.{right.codename}": right.pk
        for right in Permission.objects.select_related("content_type")
    }
    for role, rights in RIGHTS.items():
        Group.objects.get(name=role).permissions.set(
            [given[right] for right in rights]
        )
    everything = [
        pk for name, pk in given.items() if name.split(".")[1] not in NEVER_BY_ROLE
    ]
    Group.objects.get(name="administrators").permissions.set(everything)


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_initial"),
        ("claims", "0002_claims_pipeline"),
        ("accounts", "0002_groups"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("claims_crm", "0001_initial"),
        ("payments", "0001_initial"),
    ]
    operations = [
        migrations.RunPython(make_rules, migrations.RunPython.noop),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
