"""What each role may do at first. Optional apps give the rights to their own pages themselves."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

APPS = ("claims_crm", "accounts", "jobs", "claims", "payments", "register", "notifications", "banking", "auth")

SPECIALIST_RIGHTS = (
    "claims.view_claim",
    "claims.add_claim",
    "claims.change_claim",
    "claims.change_agreed_amount",
    "claims.move_claim",
    "claims.close_claim",
    "claims.view_client",
    "claims.add_client",
    "claims.change_client",
    "claims.add_attachment",
    "claims.add_comment",
    "payments.view_payment",
    "payments.schedule_payment",
    "payments.reschedule_payment",
    "register.import_register",
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
    "banking.post_statement",
    "banking.send_order",
    "banking.approve_order",
)
# Administrators may do everything but this: only a superuser deletes records of people and money.
NEVER_BY_ROLE = {"claims.delete_claim", "claims.delete_client", "accounts.delete_user", "auth.delete_group"}


def give_rights(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    # Django makes permissions after all migrations; these are needed now.
    for label in APPS:
        create_permissions(installed.get_app_config(label), verbosity=0, using=schema_editor.connection.alias)
    permissions = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.filter(content_type__app_label__in=APPS).select_related("content_type")
    }
    rights = {
        "specialists": SPECIALIST_RIGHTS,
        "accountants": ACCOUNTANT_RIGHTS,
        "administrators": permissions.keys() - NEVER_BY_ROLE,
    }
    for role, names in rights.items():
        Group.objects.get(name=role).permissions.set([permissions[name] for name in names])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_groups"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("banking", "0001_initial"),
        ("claims", "0001_initial"),
        ("claims_crm", "0001_initial"),
        ("jobs", "0001_initial"),
        ("notifications", "0001_initial"),
        ("payments", "0001_initial"),
        ("register", "0001_initial"),
    ]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
