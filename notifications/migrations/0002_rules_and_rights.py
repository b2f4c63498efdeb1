"""The task rules of the first funnel, and what each role may do at first."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

from accounts.roles import RIGHTS, Role
from notifications.rules import DEFAULT_RULES

NEVER_BY_ROLE = ("delete_claim", "delete_client", "delete_user", "delete_group")


def make_rules(apps, schema_editor):
    Pipeline, TaskRule = (
        apps.get_model("claims", "Pipeline"),
        apps.get_model("notifications", "TaskRule"),
    )
    TaskRule.objects.bulk_create(
        TaskRule(pipeline=pipeline, **rule)
        for pipeline in Pipeline.objects.all()
        for rule in DEFAULT_RULES
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
        Group.objects.get(name=role.value).permissions.set(
            [given[right] for right in rights]
        )
    everything = [
        pk for name, pk in given.items() if name.split(".")[1] not in NEVER_BY_ROLE
    ]
    Group.objects.get(name=Role.ADMINISTRATOR.value).permissions.set(everything)


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
