import claims.match_keys
import claims.models.search
import claims.models.timeline
import claims_crm.days
import claims_crm.money
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from claims_crm.db.full_text import CreateFullTextTable


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, unique=True, verbose_name='number')),
                ('subject', models.CharField(blank=True, max_length=250, verbose_name='subject')),
                ('description', models.TextField(blank=True, max_length=10000, verbose_name='description')),
                ('contract_number', models.CharField(blank=True, max_length=100, verbose_name='contract')),
                ('site', models.CharField(blank=True, max_length=250, verbose_name='site')),
                ('received_on', models.DateField(default=claims_crm.days.today, verbose_name='received on')),
                ('respond_by', models.DateField(blank=True, null=True, verbose_name='answer by')),
                ('currency', models.CharField(default='RUB', max_length=3, verbose_name='currency')),
                ('agreed_amount', claims_crm.money.MoneyField(blank=True, null=True, validators=[claims_crm.money.check_amount], verbose_name='agreed sum')),
                ('scheduled_amount', claims_crm.money.MoneyField(default=0, editable=False, verbose_name='total')),
                ('paid_amount', claims_crm.money.MoneyField(default=0, editable=False, verbose_name='paid')),
                ('planned_count', models.PositiveIntegerField(default=0, editable=False, verbose_name='payments to come')),
                ('next_due_on', models.DateField(editable=False, null=True, verbose_name='next payment due')),
                ('remaining_amount', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(models.F('scheduled_amount'), '-', models.F('paid_amount')), output_field=claims_crm.money.MoneyField(), verbose_name='remaining')),
                ('is_settled', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('paid_amount__gt', 0), ('scheduled_amount', models.F('paid_amount')), models.Q(('agreed_amount__isnull', True), ('agreed_amount__lte', models.F('paid_amount')), _connector='OR')), then=models.Value(True)), default=models.Value(False)), output_field=models.BooleanField(), verbose_name='settled')),
                ('closed_at', models.DateTimeField(editable=False, null=True, verbose_name='closed at')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed at')),
                ('number_key', claims.match_keys.KeyField(default='', editable=False, key=claims.match_keys.number_key, max_length=250, of='number')),
                ('contract_key', claims.match_keys.KeyField(default='', editable=False, key=claims.match_keys.number_key, max_length=250, of='contract_number')),
                ('accountant', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='claims_as_accountant', to=settings.AUTH_USER_MODEL, verbose_name='accountant')),
                ('created_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('specialist', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='claims_as_specialist', to=settings.AUTH_USER_MODEL, verbose_name='specialist')),
            ],
            options={
                'verbose_name': 'claim',
                'verbose_name_plural': 'claims',
                'ordering': ['-pk'],
                'permissions': [('change_agreed_amount', 'Can change the agreed sum'), ('move_claim', 'Can move a claim to another stage'), ('close_claim', 'Can close a claim')],
                'default_permissions': ('add', 'change', 'view', 'delete'),
            },
        ),
        migrations.CreateModel(
            name='ClaimCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('last', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Client',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=250, verbose_name='name')),
                ('kind', models.CharField(choices=[('person', 'person'), ('company', 'company')], default='person', max_length=7, verbose_name='kind')),
                ('phone', models.CharField(blank=True, max_length=50, verbose_name='phone')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('tax_number', models.CharField(blank=True, max_length=12, validators=[django.core.validators.RegexValidator('^(\\d{10}|\\d{12})\\Z', 'An INN has 10 digits, or 12 for a person.')], verbose_name='tax number (INN)')),
                ('bank_account', models.CharField(blank=True, max_length=34, validators=[django.core.validators.RegexValidator('^(\\d{20}|[A-Z]{2}\\d{2}[A-Z0-9]{11,30})\\Z', 'An account has 20 digits, or is an IBAN.')], verbose_name='account')),
                ('bank_bic', models.CharField(blank=True, max_length=11, validators=[django.core.validators.RegexValidator('^(\\d{9}|[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?)\\Z', 'A BIC has 9 digits, or 8 or 11 signs abroad.')], verbose_name='BIC')),
                ('bank_name', models.CharField(blank=True, max_length=250, verbose_name='bank')),
                ('name_key', claims.match_keys.KeyField(default='', editable=False, key=claims.match_keys.name_key, max_length=250, of='name')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed at')),
            ],
            options={
                'verbose_name': 'client',
                'verbose_name_plural': 'clients',
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Ground',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_ru', models.CharField(max_length=100, verbose_name='name in Russian')),
                ('name_en', models.CharField(blank=True, max_length=100, verbose_name='name in English')),
                ('code', models.SlugField(help_text='For programs; it stays as it is.', max_length=30, unique=True, verbose_name='code')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
            ],
            options={
                'verbose_name': 'ground',
                'verbose_name_plural': 'grounds',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Pipeline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_ru', models.CharField(max_length=100, verbose_name='name in Russian')),
                ('name_en', models.CharField(blank=True, max_length=100, verbose_name='name in English')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('is_active', models.BooleanField(default=True, verbose_name='takes new claims')),
                ('number_prefix', models.CharField(help_text='П gives П-2026-0001. Each funnel has its own.', max_length=10, unique=True, verbose_name='prefix of claim numbers')),
                ('currency', models.CharField(default='RUB', max_length=3, verbose_name='currency')),
                ('respond_within_days', models.PositiveSmallIntegerField(default=10, help_text='Calendar days from receipt. Consumer law gives 10. This is not legal advice.', validators=[django.core.validators.MaxValueValidator(365)], verbose_name='days to answer the client')),
                ('day_off_shift', models.CharField(choices=[('keep', 'keep as agreed'), ('previous', 'move to the previous working day'), ('next', 'move to the next working day')], default='keep', max_length=8, verbose_name='a deadline on a day off')),
                ('starts_paying', models.BooleanField(default=True, help_text='When the first payment is scheduled.', verbose_name='go to paying by itself')),
                ('starts_completing', models.BooleanField(default=True, help_text='When all of it is paid.', verbose_name='go to completing by itself')),
                ('closes_itself', models.BooleanField(default=True, help_text='When the completion task is done.', verbose_name='close by itself')),
                ('goes_back', models.BooleanField(default=True, help_text='When a payment is reopened or added.', verbose_name='go back to paying by itself')),
                ('demands_checklist', models.BooleanField(default=False, help_text='A task with items left unticked cannot be completed.', verbose_name='demand the whole checklist')),
            ],
            options={
                'verbose_name': 'funnel',
                'verbose_name_plural': 'funnels',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Stage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_ru', models.CharField(max_length=100, verbose_name='name in Russian')),
                ('name_en', models.CharField(blank=True, max_length=100, verbose_name='name in English')),
                ('kind', models.CharField(choices=[('open', 'open'), ('paying', 'paying'), ('completing', 'completing'), ('closed', 'closed'), ('rejected', 'rejected')], default='open', max_length=10, verbose_name='kind')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
            ],
            options={
                'verbose_name': 'stage',
                'verbose_name_plural': 'stages',
                'ordering': ['pipeline', 'position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='TimelineEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('summary', 'summary'), ('comment', 'comment'), ('comment_edited', 'comment edited'), ('mail_sent', 'mail sent'), ('claim_created', 'claim created'), ('claim_imported', 'claim imported'), ('claim_edited', 'facts changed'), ('stage_moved', 'stage changed'), ('file_added', 'file added'), ('file_removed', 'file removed'), ('payments_scheduled', 'payments scheduled'), ('payment_changed', 'payment changed'), ('payment_split', 'payment split'), ('payment_cancelled', 'payment cancelled'), ('payment_settled', 'payment paid'), ('payment_reopened', 'payment reopened'), ('task_raised', 'task raised'), ('task_completed', 'task done'), ('task_withdrawn', 'task withdrawn')], max_length=20)),
                ('text', models.TextField(blank=True, max_length=10000)),
                ('data', models.JSONField(blank=True, default=dict)),
                ('pinned', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'timeline entry',
                'verbose_name_plural': 'timeline entries',
                'ordering': ['-pk'],
                'permissions': [('add_comment', 'Can comment on a claim')],
                'default_permissions': (),
            },
        ),
        CreateFullTextTable(
            name='ClaimWords',
            fields=[
                ('words', claims.models.search.WordsField()),
                ('claim', models.OneToOneField(db_column='rowid', db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='found_by', serialize=False, to='claims.claim')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(editable=False, unique=True)),
                ('file', models.FileField(max_length=200, upload_to=claims.models.timeline.attachment_path, verbose_name='file')),
                ('name', models.CharField(max_length=255, verbose_name='name')),
                ('size', models.PositiveIntegerField(verbose_name='size, bytes')),
                ('content_type', models.CharField(blank=True, max_length=100)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='added at')),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='claims.claim')),
            ],
            options={
                'verbose_name': 'file',
                'verbose_name_plural': 'files',
                'ordering': ['-pk'],
            },
        ),
        CreateFullTextTable(
            name='ClientWords',
            fields=[
                ('words', claims.models.search.WordsField()),
                ('client', models.OneToOneField(db_column='rowid', db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='found_by', serialize=False, to='claims.client')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(fields=['name'], name='client_name'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(fields=['name_key'], name='client_name_key'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(condition=models.Q(('bank_account', ''), _negated=True), fields=['bank_account'], name='client_account'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(condition=models.Q(('tax_number', ''), _negated=True), fields=['tax_number'], name='client_tax_number'),
        ),
        migrations.AddField(
            model_name='claim',
            name='client',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='claims.client', verbose_name='client'),
        ),
        migrations.AddField(
            model_name='claim',
            name='ground',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='claims.ground', verbose_name='ground'),
        ),
        migrations.AddField(
            model_name='claimcounter',
            name='pipeline',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='claims.pipeline'),
        ),
        migrations.AddField(
            model_name='claim',
            name='pipeline',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='claims.pipeline', verbose_name='funnel'),
        ),
        migrations.AddField(
            model_name='stage',
            name='pipeline',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stages', to='claims.pipeline', verbose_name='funnel'),
        ),
        migrations.AddField(
            model_name='claim',
            name='stage',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='claims.stage', verbose_name='stage'),
        ),
        migrations.AddField(
            model_name='timelineentry',
            name='author',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='timelineentry',
            name='claim',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='timeline', to='claims.claim'),
        ),
        migrations.AddConstraint(
            model_name='claimcounter',
            constraint=models.UniqueConstraint(fields=('pipeline', 'year'), name='claim_counter_once'),
        ),
        migrations.AddConstraint(
            model_name='stage',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['open', 'paying', 'completing', 'closed', 'rejected'])), name='stage_kind_known'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['stage', '-id'], name='claim_by_stage'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['specialist', 'stage', 'id'], name='claim_of_specialist'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['accountant', 'id', 'currency'], name='claim_of_accountant'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['pipeline', 'stage', 'currency', 'remaining_amount', 'agreed_amount'], name='claim_board_figures'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['stage', 'next_due_on', '-id'], name='claim_board_order'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('next_due_on__isnull', False)), fields=['next_due_on', 'id'], name='claim_next_due'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('next_due_on__isnull', False)), fields=['accountant', 'next_due_on', 'id', 'currency', 'remaining_amount', 'planned_count'], name='claim_due_of_accountant'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('next_due_on__isnull', False)), fields=['specialist', 'next_due_on', 'id', 'currency', 'remaining_amount', 'planned_count'], name='claim_due_of_specialist'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('agreed_amount__isnull', False)), fields=['agreed_amount', 'id'], name='claim_by_agreed'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['closed_at'], name='claim_closed'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['remaining_amount', 'id'], name='claim_by_remaining'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('agreed_amount__gt', models.F('scheduled_amount'))), fields=['id'], name='claim_short_of_agreed'),
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
            model_name='claim',
            index=models.Index(condition=models.Q(('is_settled', True)), fields=['stage', 'id'], name='claim_settled_by_stage'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('remaining_amount__gt', 0)), fields=['stage', 'id'], name='claim_owing_by_stage'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('paid_amount__gte', 0), ('paid_amount__lte', models.F('scheduled_amount'))), name='claim_paid_within_total'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('agreed_amount__isnull', True), models.Q(('agreed_amount__gt', 0), ('agreed_amount__lte', Decimal('999999999999.99'))), _connector='OR'), name='claim_agreed_in_range'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_due_on__isnull', True), ('planned_count', 0)), models.Q(('next_due_on__isnull', False), ('planned_count__gt', 0)), _connector='OR'), name='claim_next_due_of_planned'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('number', ''), _negated=True), name='claim_has_number'),
        ),
        migrations.AddIndex(
            model_name='timelineentry',
            index=models.Index(fields=['claim', '-id'], name='timeline_of_claim'),
        ),
        migrations.AddConstraint(
            model_name='timelineentry',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'summary')), fields=('claim',), name='timeline_one_summary'),
        ),
        migrations.AddConstraint(
            model_name='timelineentry',
            constraint=models.CheckConstraint(condition=models.Q(('pinned', False), ('kind', 'summary'), _connector='OR'), name='timeline_only_summary_pinned'),
        ),
    ]
