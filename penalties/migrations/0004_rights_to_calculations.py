"""Specialists and administrators keep calculations with claims."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations


def give_rights(apps, schema_editor):
    # Permissions are made after all migrations; this one is needed now.
    create_permissions(installed.get_app_config("penalties"), verbosity=0, using=schema_editor.connection.alias)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    right = Permission.objects.get(content_type__app_label="penalties", codename="add_calculation")
    for group in Group.objects.filter(name__in=("specialists", "administrators")):
        group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [
        ("penalties", "0003_rights"),
        ("accounts", "0003_rights_of_roles"),
    ]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
