import django.db.models.deletion
import django.utils.timezone
import register.models
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
            name='RegisterImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(upload_to=register.models.register_path, verbose_name='file')),
                ('name', models.CharField(max_length=255, verbose_name='name')),
                ('status', models.CharField(choices=[('reading', 'is being read'), ('failed', 'cannot be read'), ('ready', 'waiting for your decision'), ('importing', 'is being written'), ('done', 'written'), ('undoing', 'is being undone'), ('undone', 'undone')], default='reading', max_length=9, verbose_name='status')),
                ('failure', models.JSONField(blank=True, default=dict)),
                ('sheet', models.CharField(blank=True, max_length=255)),
                ('mapping', models.JSONField(blank=True, default=dict)),
                ('header_row', models.PositiveIntegerField(default=0)),
                ('chosen_sheets', models.JSONField(blank=True, default=list)),
                ('left_out', models.JSONField(blank=True, default=list)),
                ('answers', models.JSONField(blank=True, default=dict)),
                ('questions', models.JSONField(blank=True, default=list)),
                ('totals', models.JSONField(blank=True, default=list)),
                ('unused', models.JSONField(blank=True, default=list)),
                ('sheets', models.JSONField(blank=True, default=list)),
                ('labels', models.JSONField(blank=True, default=list)),
                ('examples', models.JSONField(blank=True, default=list)),
                ('skipped', models.JSONField(blank=True, default=dict)),
                ('people', models.JSONField(blank=True, default=dict)),
                ('closes_paid', models.BooleanField(default=False)),
                ('uploaded_at', models.DateTimeField(auto_now_add=True, verbose_name='sent at')),
                ('imported_at', models.DateTimeField(null=True)),
                ('undone_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now)),
                ('accountant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='accountant')),
                ('imported_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pipeline', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.pipeline', verbose_name='funnel')),
                ('specialist', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='specialist')),
                ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'register import',
                'verbose_name_plural': 'register imports',
                'ordering': ['-pk'],
                'permissions': [('import_register', 'Can import a register')],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ImportRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('sheet', models.CharField(blank=True, max_length=255)),
                ('number', models.PositiveIntegerField(verbose_name='row')),
                ('verdict', models.CharField(choices=[('new', 'new'), ('exists', 'already there'), ('near', 'looks like another'), ('error', 'error'), ('imported', 'written'), ('undone', 'undone')], max_length=8)),
                ('claim_number', models.CharField(blank=True, max_length=40)),
                ('cells', models.JSONField()),
                ('facts', models.JSONField(null=True)),
                ('is_paid_in_full', models.BooleanField(default=False)),
                ('errors', models.JSONField(default=list)),
                ('notices', models.JSONField(default=list)),
                ('near', models.JSONField(default=dict)),
                ('new_client', models.BooleanField(default=False)),
                ('claim', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='claims.claim')),
                ('register', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='register.registerimport')),
            ],
            options={
                'verbose_name': 'row of a register',
                'verbose_name_plural': 'rows of a register',
                'ordering': ['position'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['register', 'verdict', 'position'], name='import_row_by_verdict')],
                'constraints': [models.UniqueConstraint(fields=('register', 'position'), name='import_row_once')],
            },
        ),
    ]
