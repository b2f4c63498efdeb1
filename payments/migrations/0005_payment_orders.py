import claims_crm.money
import django.db.models.deletion
from django.apps import apps as installed
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models


def give_rights(apps, schema_editor):
    # Permissions are made after all migrations; these are needed now.
    create_permissions(installed.get_app_config("payments"), verbosity=0, using=schema_editor.connection.alias)
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    given = Permission.objects.filter(
        content_type__app_label="payments", codename__in=("send_order", "approve_order")
    )
    for group in Group.objects.filter(name__in=("accountants", "administrators")):
        group.permissions.add(*given)


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0004_bank_statements'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OrderFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True, verbose_name='number')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='made at')),
                ('needs_approval', models.BooleanField(default=False)),
                ('approved_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.bankaccount', verbose_name='account')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'file of payment orders',
                'verbose_name_plural': 'files of payment orders',
                'ordering': ['-pk'],
                'permissions': [('send_order', 'Can make payment orders for the bank'), ('approve_order', 'Can approve payment orders made by others')],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='PaymentOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('dated', models.DateField(verbose_name='date')),
                ('amount', claims_crm.money.MoneyField(verbose_name='amount')),
                ('purpose', models.CharField(max_length=210, verbose_name='purpose')),
                ('payee_name', models.CharField(max_length=250)),
                ('payee_account', models.CharField(max_length=34)),
                ('payee_bic', models.CharField(max_length=11)),
                ('payee_bank', models.CharField(blank=True, max_length=250)),
                ('payee_tax_number', models.CharField(blank=True, max_length=12)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='orders', to='payments.orderfile')),
                ('payment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='orders', to='payments.payment')),
            ],
            options={
                'verbose_name': 'payment order',
                'verbose_name_plural': 'payment orders',
                'ordering': ['number'],
                'default_permissions': (),
            },
        ),
        migrations.AddConstraint(
            model_name='orderfile',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('approved_by', models.F('made_by')), _negated=True), _connector='OR'), name='order_file_approved_by_another'),
        ),
        migrations.AddIndex(
            model_name='paymentorder',
            index=models.Index(fields=['number', 'amount'], name='order_by_number'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.UniqueConstraint(fields=('file', 'payment'), name='order_once_in_file'),
        ),
        migrations.AddConstraint(
            model_name='paymentorder',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='order_amount_positive'),
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop, elidable=True),
    ]
