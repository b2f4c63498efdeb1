import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Incoming',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('claim', 'deal'), ('payment', 'payment'), ('summary', 'summary'), ('comment', 'comment'), ('task', 'task'), ('check', 'item of a checklist'), ('contact', 'contact'), ('company', 'company'), ('pipeline', 'funnel'), ('stage', 'stage'), ('status', 'stage of a payment')], max_length=8)),
                ('remote_id', models.CharField(max_length=40)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('next_attempt', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'change to read',
                'verbose_name_plural': 'changes to read',
                'default_permissions': (),
                'indexes': [models.Index(fields=['next_attempt'], name='bitrix24_incoming_due')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'remote_id'), name='bitrix24_incoming_once')],
            },
        ),
        migrations.CreateModel(
            name='Mirror',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner_id', models.PositiveBigIntegerField(editable=False, null=True)),
                ('payments_type', models.PositiveIntegerField(editable=False, null=True)),
                ('access_token', models.CharField(blank=True, editable=False, max_length=500)),
                ('refresh_token', models.CharField(blank=True, editable=False, max_length=500)),
                ('application_token', models.CharField(blank=True, editable=False, max_length=200)),
                ('bucket_size', models.PositiveIntegerField(default=50, help_text="What the portal's plan allows: 50, or 250 on Enterprise.", verbose_name='calls at once')),
                ('bucket_leak', models.FloatField(default=2, help_text='2, or 5 on Enterprise.', verbose_name='calls a second')),
                ('bucket_level', models.FloatField(default=0, editable=False)),
                ('bucket_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('paused_methods', models.JSONField(default=dict, editable=False)),
                ('busy_until', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('failures', models.PositiveIntegerField(default=0, editable=False)),
                ('next_try', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('failing_since', models.DateTimeField(editable=False, null=True)),
                ('last_success_at', models.DateTimeField(editable=False, null=True)),
                ('last_error', models.CharField(blank=True, editable=False, max_length=300)),
                ('notified_at', models.DateTimeField(editable=False, null=True)),
                ('pulled_at', models.DateTimeField(editable=False, null=True)),
                ('last_event_at', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'verbose_name': 'Bitrix24 portal',
                'verbose_name_plural': 'Bitrix24 portal',
                'permissions': [('view_status', 'Can see how the Bitrix24 mirror goes')],
                'default_permissions': ('change', 'view'),
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='bitrix24_mirror_is_one')],
            },
        ),
        migrations.CreateModel(
            name='Mirrored',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('claim', 'deal'), ('payment', 'payment'), ('summary', 'summary'), ('comment', 'comment'), ('task', 'task'), ('check', 'item of a checklist'), ('contact', 'contact'), ('company', 'company'), ('pipeline', 'funnel'), ('stage', 'stage'), ('status', 'stage of a payment')], max_length=8)),
                ('local_id', models.PositiveBigIntegerField()),
                ('claim_id', models.PositiveBigIntegerField(null=True)),
                ('remote_id', models.CharField(blank=True, max_length=40)),
                ('pushed', models.JSONField(default=dict)),
                ('unsure', models.BooleanField(default=False)),
                ('dirty_since', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=0)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('next_attempt', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_error', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'verbose_name': 'mirrored object',
                'verbose_name_plural': 'mirrored objects',
                'default_permissions': ('view',),
                'indexes': [models.Index(condition=models.Q(('claim_id__isnull', False)), fields=['claim_id'], name='bitrix24_of_claim'), models.Index(condition=models.Q(('dirty_since__isnull', False)), fields=['next_attempt', 'id'], name='bitrix24_dirty'), models.Index(condition=models.Q(('last_error', ''), _negated=True), fields=['id'], name='bitrix24_in_error')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'local_id'), name='bitrix24_mirrored_once'), models.UniqueConstraint(condition=models.Q(('remote_id', ''), _negated=True), fields=('kind', 'remote_id'), name='bitrix24_mirrored_one_there')],
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('remote_id', models.PositiveBigIntegerField(help_text="The number in the address of the employee's page.", unique=True, verbose_name='employee in Bitrix24')),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='name in Bitrix24')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'person in Bitrix24',
                'verbose_name_plural': 'people in Bitrix24',
            },
        ),
    ]
