"""Administrators see the tokens of the API, make and revoke them."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations


def give_rights(apps, schema_editor):
    # Permissions are made after all migrations; these are needed now.
    create_permissions(installed.get_app_config("accounts"), verbosity=0, using=schema_editor.connection.alias)
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    rights = Permission.objects.filter(content_type__app_label="accounts", content_type__model="apitoken")
    Group.objects.get(name="administrators").permissions.add(*rights)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_api_tokens"),
    ]
    operations = [
        migrations.AlterModelOptions(
            name="apitoken",
            options={
                "default_permissions": ("view", "add", "delete"),
                "ordering": ["-pk"],
                "verbose_name": "API token",
                "verbose_name_plural": "API tokens",
            },
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
