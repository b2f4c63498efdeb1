import claims.keys
from django.conf import settings
from django.db import migrations, models


BATCH = 2000


def fill(apps, schema_editor):
    """Make the keys of what is there already."""
    for name, fields in (("Claim", ["number_key", "contract_key"]), ("Client", ["name_key"])):
        model = apps.get_model("claims", name)
        last = 0
        while rows := list(model.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
            for row in rows:
                for field in fields:
                    model._meta.get_field(field).pre_save(row, add=False)
            model.objects.bulk_update(rows, fields, batch_size=200)
            last = rows[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0009_find_clients_by_tax_number'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='claim',
            name='contract_key',
            field=claims.keys.KeyField(default='', editable=False, key=claims.keys.number_key, max_length=250, of='contract_number'),
        ),
        migrations.AddField(
            model_name='claim',
            name='number_key',
            field=claims.keys.KeyField(default='', editable=False, key=claims.keys.number_key, max_length=250, of='number'),
        ),
        migrations.AddField(
            model_name='client',
            name='name_key',
            field=claims.keys.KeyField(default='', editable=False, key=claims.keys.name_key, max_length=250, of='name'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['number_key'], name='claim_number_key'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('contract_key', ''), _negated=True), fields=['contract_key'], name='claim_contract_key'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(fields=['name_key'], name='client_name_key'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(condition=models.Q(('bank_account', ''), _negated=True), fields=['bank_account'], name='client_account'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
