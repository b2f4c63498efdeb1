import django.db.models.deletion
import django.utils.timezone
import jobs.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60)),
                ('arguments', models.JSONField(default=dict)),
                ('language', models.CharField(max_length=2)),
                ('status', models.CharField(choices=[('draft', 'not confirmed'), ('waiting', 'being done'), ('done', 'done'), ('failed', 'failed'), ('cancelled', 'stopped')], default='waiting', max_length=9, verbose_name='status')),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('refused', models.JSONField(default=list)),
                ('file', models.FileField(blank=True, upload_to=jobs.models.result_path)),
                ('file_name', models.CharField(blank=True, max_length=200)),
                ('failure', models.TextField(blank=True)),
                ('last_error', models.CharField(blank=True, max_length=100)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='jobs', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'job',
                'verbose_name_plural': 'jobs',
                'ordering': ['-pk'],
                'default_permissions': (),
                'indexes': [models.Index(condition=models.Q(('status', 'waiting')), fields=['not_before'], name='job_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('status__in', ['draft', 'waiting'])), models.Q(models.Q(('status__in', ['draft', 'waiting']), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='job_ended_has_time')],
            },
        ),
    ]
