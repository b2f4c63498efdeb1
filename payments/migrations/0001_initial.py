import claims_crm.money
import datetime
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('claims', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_on', models.DateField(verbose_name='due date')),
                ('amount', claims_crm.money.MoneyField(verbose_name='amount')),
                ('status', models.CharField(choices=[('planned', 'planned'), ('paid', 'paid'), ('cancelled', 'cancelled')], default='planned', max_length=9, verbose_name='status')),
                ('paid_on', models.DateField(blank=True, null=True, verbose_name='paid on')),
                ('document_number', models.CharField(blank=True, max_length=40, verbose_name='payment order number')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed at')),
                ('claim', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='claims.claim', verbose_name='claim')),
                ('paid_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='marked paid by')),
            ],
            options={
                'verbose_name': 'payment',
                'verbose_name_plural': 'payments',
                'ordering': ['due_on', 'pk'],
                'permissions': [('schedule_payment', 'Can schedule, change and cancel planned payments'), ('reschedule_payment', 'Can move the deadline of a planned payment'), ('settle_payment', 'Can mark a payment as paid'), ('reopen_payment', 'Can reopen a paid payment')],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='Settlement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gross', claims_crm.money.MoneyField(verbose_name='amount')),
                ('withheld', claims_crm.money.MoneyField(default=0, verbose_name='withheld')),
                ('paid_on', models.DateField(verbose_name='paid on')),
                ('way', models.CharField(choices=[('hand', 'by hand'), ('api', 'by a program'), ('statement', 'by a bank statement'), ('mirror', 'in Bitrix24'), ('import', 'in the register')], max_length=9, verbose_name='how it was paid')),
                ('document_number', models.CharField(blank=True, max_length=40, verbose_name='payment order number')),
                ('statement_line', models.PositiveBigIntegerField(null=True)),
                ('at', models.DateTimeField(verbose_name='recorded at')),
                ('reversed_at', models.DateTimeField(null=True, verbose_name='reversed at')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('returned_on', models.DateField(null=True, verbose_name='returned on')),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('payment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='settlements', to='payments.payment')),
                ('rest', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.payment')),
                ('reversed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'settlement',
                'verbose_name_plural': 'settlements',
                'ordering': ['pk'],
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('status', 'planned')), fields=['due_on', 'id', 'claim', 'amount', 'status'], name='payment_planned_by_due'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('status', 'paid')), fields=['paid_on', 'id', 'claim', 'amount'], name='payment_paid_by_day'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['claim', 'due_on', 'id'], name='payment_of_claim'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['due_on', 'id', 'claim', 'amount', 'status'], name='payment_by_due'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['amount', 'due_on', 'id'], name='payment_by_amount'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lte', Decimal('999999999999.99'))), name='payment_amount_in_range'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['planned', 'paid', 'cancelled'])), name='payment_status_known'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_on__isnull', False), ('status', 'paid')), models.Q(models.Q(('status', 'paid'), _negated=True), ('document_number', ''), ('paid_by__isnull', True), ('paid_on__isnull', True)), _connector='OR'), name='payment_paid_has_date'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gte', datetime.date(2000, 1, 1)), ('due_on__lte', datetime.date(2100, 12, 31))), name='payment_due_in_range'),
        ),
        migrations.AddIndex(
            model_name='settlement',
            index=models.Index(fields=['payment', 'id'], name='settlement_of_payment'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.UniqueConstraint(condition=models.Q(('reversed_at', None)), fields=('payment',), name='settlement_one_live_per_payment'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('gross__gt', 0), ('withheld__gte', 0), ('withheld__lt', models.F('gross'))), name='settlement_amounts_in_range'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('reversed_at__isnull', False), models.Q(('reason', ''), ('returned_on', None), ('reversed_by', None)), _connector='OR'), name='settlement_reversal_has_time'),
        ),
    ]
