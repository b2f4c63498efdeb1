"""Administrators manage webhooks."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations


def give_rights(apps, schema_editor):
    # Permissions are made after all migrations; these are needed now.
    create_permissions(installed.get_app_config("webhooks"), verbosity=0, using=schema_editor.connection.alias)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    rights = Permission.objects.filter(content_type__app_label="webhooks")
    Group.objects.get(name="administrators").permissions.add(*rights)


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0001_initial"),
        ("accounts", "0003_rights_of_roles"),
    ]
    operations = [
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
