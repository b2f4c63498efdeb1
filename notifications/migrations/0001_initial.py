import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import notifications.models
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
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('pay', 'pay'), ('complete', 'complete the claim'), ('schedule', 'schedule the rest'), ('manual', 'to do')], default='manual', max_length=8, verbose_name='kind')),
                ('role', models.CharField(blank=True, choices=[('accountants', 'accountant'), ('specialists', 'specialist')], help_text='Whose task it is while unassigned.', max_length=14)),
                ('title_ru', models.CharField(max_length=200, verbose_name='title')),
                ('title_en', models.CharField(blank=True, max_length=200)),
                ('checklist', models.JSONField(blank=True, default=list)),
                ('due_on', models.DateField(verbose_name='due date')),
                ('status', models.CharField(choices=[('open', 'open'), ('done', 'done'), ('cancelled', 'withdrawn')], default='open', max_length=9, verbose_name='status')),
                ('completed_at', models.DateTimeField(blank=True, null=True, verbose_name='done at')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to=settings.AUTH_USER_MODEL, verbose_name='on whom')),
                ('claim', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='claims.claim', verbose_name='claim')),
                ('completed_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('payment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='payments.payment', verbose_name='payment')),
            ],
            options={
                'verbose_name': 'task',
                'verbose_name_plural': 'tasks',
                'ordering': ['due_on', 'pk'],
                'default_permissions': ('view', 'add'),
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('task_raised', 'a new task for me'), ('payment_overdue', 'a payment is overdue'), ('claim_settled', 'a claim is paid in full'), ('mention', 'I am mentioned'), ('digest', 'morning digest'), ('job_ended', 'a background job has finished'), ('trouble', 'something needs an administrator')], max_length=15)),
                ('key', models.CharField(max_length=80)),
                ('data', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('read_at', models.DateTimeField(null=True)),
                ('mail', models.CharField(choices=[('none', 'not by mail'), ('waiting', 'waiting'), ('sent', 'sent'), ('failed', 'failed')], default='none', max_length=7)),
                ('mail_attempts', models.PositiveSmallIntegerField(default=0)),
                ('mail_not_before', models.DateTimeField(default=django.utils.timezone.now)),
                ('claim', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='claims.claim')),
                ('entry', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='claims.timelineentry')),
                ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='jobs.job')),
                ('payment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='payments.payment')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
                ('task', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='notifications.task')),
            ],
            options={
                'verbose_name': 'notice',
                'verbose_name_plural': 'notices',
                'ordering': ['-pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='TaskRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trigger', models.CharField(choices=[('payment_due', "a payment's deadline comes"), ('all_paid', 'all of the claim is paid'), ('under_scheduled', 'all that is scheduled is paid, but not all that is agreed'), ('stage_entered', 'a stage is entered')], max_length=15, verbose_name='when')),
                ('role', models.CharField(choices=[('accountants', 'accountant'), ('specialists', 'specialist')], max_length=14, verbose_name='on whom')),
                ('lead_working_days', models.PositiveSmallIntegerField(default=0, help_text='For a deadline: how many working days before it the task is raised.', validators=[django.core.validators.MaxValueValidator(60)], verbose_name='working days ahead')),
                ('due_in_working_days', models.PositiveSmallIntegerField(default=3, help_text='For the other triggers: the deadline of the task itself.', validators=[django.core.validators.MaxValueValidator(60)], verbose_name='working days to do it')),
                ('title_ru', models.CharField(help_text='May contain {claim}, {client}, {amount}, {due}.', max_length=200, validators=[notifications.models.check_placeholders], verbose_name='title in Russian')),
                ('title_en', models.CharField(blank=True, max_length=200, validators=[notifications.models.check_placeholders], verbose_name='title in English')),
                ('checklist_ru', models.TextField(blank=True, help_text='One item per line.', verbose_name='checklist in Russian')),
                ('checklist_en', models.TextField(blank=True, help_text='The same items, in order.', verbose_name='checklist in English')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('pipeline', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='claims.pipeline', verbose_name='funnel')),
                ('stage', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='claims.stage', verbose_name='stage')),
            ],
            options={
                'verbose_name': 'task rule',
                'verbose_name_plural': 'task rules',
                'ordering': ['pipeline', 'pk'],
            },
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['assignee', 'due_on', 'id'], name='task_open_of_user'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(fields=['claim', 'id'], name='task_of_claim'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('status', 'done')), fields=['-completed_at'], name='task_done_lately'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('completed_by__isnull', False), ('status', 'done')), fields=['completed_by', '-completed_at'], name='task_done_lately_by'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.UniqueConstraint(condition=models.Q(('payment__isnull', False), ('status', 'open')), fields=('payment', 'kind'), name='task_one_per_payment'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ['complete', 'schedule']), ('status', 'open')), fields=('claim', 'kind'), name='task_one_per_claim'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'pay'), ('payment__isnull', False)), models.Q(models.Q(('kind', 'pay'), _negated=True), ('payment__isnull', True)), _connector='OR'), name='task_pay_has_payment'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('completed_at__isnull', True), ('status', 'open')), models.Q(models.Q(('status', 'open'), _negated=True), ('completed_at__isnull', False)), _connector='OR'), name='task_ended_has_time'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('read_at__isnull', True)), fields=['user', '-id'], name='notice_unread'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('mail', 'waiting')), fields=['mail_not_before'], name='notice_to_mail'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('user', 'key'), name='notice_once'),
        ),
        migrations.AddConstraint(
            model_name='taskrule',
            constraint=models.UniqueConstraint(condition=models.Q(('trigger', 'stage_entered'), _negated=True), fields=('pipeline', 'trigger'), name='task_rule_once'),
        ),
        migrations.AddConstraint(
            model_name='taskrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('stage__isnull', False), ('trigger', 'stage_entered')), models.Q(models.Q(('trigger', 'stage_entered'), _negated=True), ('stage__isnull', True)), _connector='OR'), name='task_rule_stage_where_entered'),
        ),
    ]
