import banking.models.statements
import claims_crm.money
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('claims', '0001_initial'),
        ('jobs', '0001_initial'),
        ('payments', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BankAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holder', models.CharField(help_text='The company as the bank knows it.', max_length=160, verbose_name='holder')),
                ('tax_number', models.CharField(blank=True, max_length=12, verbose_name='tax number (INN)')),
                ('reason_code', models.CharField(blank=True, max_length=9, verbose_name='KPP')),
                ('number', models.CharField(help_text='20 digits, or an IBAN.', max_length=34, unique=True, verbose_name='account')),
                ('bic', models.CharField(max_length=11, verbose_name='BIC')),
                ('bank_name', models.CharField(blank=True, max_length=250, verbose_name='bank')),
                ('bank_city', models.CharField(blank=True, max_length=100, verbose_name="bank's city")),
                ('correspondent_account', models.CharField(blank=True, max_length=20, verbose_name='correspondent account')),
                ('currency', models.CharField(default='RUB', max_length=3, verbose_name='currency')),
                ('is_default', models.BooleanField(default=False, verbose_name='pays by default')),
            ],
            options={
                'verbose_name': 'company account',
                'verbose_name_plural': 'company accounts',
                'ordering': ['-is_default', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('currency',), name='one_default_account_of_currency')],
            },
        ),
        migrations.CreateModel(
            name='OrderFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True, verbose_name='number')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='made at')),
                ('needs_approval', models.BooleanField(default=False)),
                ('approved_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='banking.bankaccount', verbose_name='account')),
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
            name='PayeeRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=260, unique=True)),
                ('made_at', models.DateTimeField(auto_now=True)),
                ('client', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='claims.client')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'learnt payee',
                'verbose_name_plural': 'learnt payees',
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
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='orders', to='banking.orderfile')),
                ('payment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='orders', to='payments.payment')),
            ],
            options={
                'verbose_name': 'payment order',
                'verbose_name_plural': 'payment orders',
                'ordering': ['number'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(upload_to=banking.models.statements.statement_path, verbose_name='file')),
                ('name', models.CharField(max_length=255, verbose_name='name')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('file_format', models.CharField(blank=True, max_length=4)),
                ('accounts', models.JSONField(default=list)),
                ('first_day', models.DateField(null=True, verbose_name='from')),
                ('last_day', models.DateField(null=True, verbose_name='to')),
                ('faults', models.JSONField(default=list)),
                ('failure', models.JSONField(default=dict)),
                ('balances', models.JSONField(default=list)),
                ('known_count', models.PositiveIntegerField(default=0)),
                ('uploaded_at', models.DateTimeField(auto_now_add=True, verbose_name='sent at')),
                ('read_at', models.DateTimeField(null=True)),
                ('posted_at', models.DateTimeField(null=True)),
                ('undone_at', models.DateTimeField(null=True)),
                ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.job')),
                ('posted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'bank statement',
                'verbose_name_plural': 'bank statements',
                'ordering': ['-pk'],
                'permissions': [('post_statement', 'Can read and post bank statements')],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='StatementLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=64, unique=True)),
                ('document_key', models.CharField(db_index=True, max_length=64)),
                ('row', models.PositiveIntegerField(verbose_name='line')),
                ('direction', models.CharField(choices=[('out', 'paid'), ('in', 'received'), ('own', 'between own accounts')], max_length=3)),
                ('account', models.CharField(max_length=34)),
                ('number', models.CharField(blank=True, max_length=40, verbose_name='number')),
                ('dated', models.DateField(verbose_name='date')),
                ('posted_on', models.DateField(verbose_name='posted on')),
                ('amount', claims_crm.money.MoneyField(verbose_name='amount')),
                ('currency', models.CharField(max_length=3)),
                ('party_name', models.CharField(blank=True, max_length=250)),
                ('party_account', models.CharField(blank=True, max_length=34)),
                ('party_tax_number', models.CharField(blank=True, max_length=12)),
                ('party_bic', models.CharField(blank=True, max_length=11)),
                ('purpose', models.TextField(blank=True, verbose_name='purpose')),
                ('doubt', models.CharField(blank=True, max_length=16)),
                ('return_code', models.CharField(blank=True, max_length=4)),
                ('verdict', models.CharField(choices=[('certain', 'certain'), ('probable', 'probable'), ('several', 'several possible'), ('none', 'not found'), ('paid', 'already paid: seen in the bank'), ('returned', 'returned payment'), ('unexecuted', 'not executed yet')], default='none', max_length=10)),
                ('is_contradicted', models.BooleanField(default=False)),
                ('reasons', models.JSONField(default=list)),
                ('is_ignored', models.BooleanField(default=False)),
                ('is_decided', models.BooleanField(default=False)),
                ('refusal', models.JSONField(default=dict)),
                ('also_in', models.ManyToManyField(related_name='shared_lines', to='banking.statement')),
                ('looks_like', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='banking.statementline')),
                ('statement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='banking.statement')),
            ],
            options={
                'verbose_name': 'line of a statement',
                'verbose_name_plural': 'lines of a statement',
                'ordering': ['row', 'pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Match',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', claims_crm.money.MoneyField()),
                ('payment_amount', claims_crm.money.MoneyField()),
                ('is_chosen', models.BooleanField(default=False)),
                ('posted_at', models.DateTimeField(null=True)),
                ('seen_in_bank_on', models.DateField(null=True)),
                ('returned_on', models.DateField(null=True)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='matches', to='payments.payment')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='matches', to='banking.statementline')),
            ],
            options={
                'verbose_name': 'match',
                'verbose_name_plural': 'matches',
                'ordering': ['pk'],
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
        migrations.AddIndex(
            model_name='statementline',
            index=models.Index(fields=['statement', 'is_ignored', 'verdict', 'row', 'id'], name='statement_line_by_verdict'),
        ),
        migrations.AddConstraint(
            model_name='statementline',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='statement_line_amount_positive'),
        ),
        migrations.AddIndex(
            model_name='match',
            index=models.Index(condition=models.Q(('is_chosen', True), ('posted_at', None)), fields=['payment'], name='match_to_post'),
        ),
        migrations.AddConstraint(
            model_name='match',
            constraint=models.UniqueConstraint(fields=('line', 'payment'), name='match_once'),
        ),
        migrations.AddConstraint(
            model_name='match',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lte', models.F('payment_amount'))), name='match_amount_in_payment'),
        ),
        migrations.AddConstraint(
            model_name='match',
            constraint=models.CheckConstraint(condition=models.Q(('posted_at', None), ('is_chosen', True), _connector='OR'), name='match_posted_is_chosen'),
        ),
    ]
