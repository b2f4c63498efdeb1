import claims_crm.models
import claims_crm.money
import django.core.validators
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
            name='DayOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True, verbose_name='day')),
                ('is_working', models.BooleanField(default=False, verbose_name='worked')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
            ],
            options={
                'verbose_name': 'own day off',
                'verbose_name_plural': 'own days off',
                'ordering': ['day'],
            },
        ),
        migrations.CreateModel(
            name='Company',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('time_zone', models.CharField(default=claims_crm.models.default_time_zone, max_length=64, verbose_name='time zone')),
                ('currency', models.CharField(default='RUB', max_length=3, verbose_name='currency')),
                ('calendar', models.CharField(default='RU', help_text='Country of the official calendar of days off.', max_length=2, verbose_name='calendar')),
                ('specialists_see', models.CharField(choices=[('all', 'all claims'), ('own', 'only the claims where they are the specialist')], default='all', max_length=3, verbose_name='specialists see')),
                ('two_factor', models.CharField(choices=[('none', 'no one'), ('admins', 'those who may enter the admin'), ('all', 'everyone')], default='none', help_text='Who has not switched it on yet is led there at once.', max_length=6, verbose_name='two-factor sign-in is required of')),
                ('quiet_days', models.PositiveSmallIntegerField(default=14, help_text="After so many, a claim that nothing else asks for stands on its specialist's home page.", validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)], verbose_name='days without movement')),
                ('approval_above', claims_crm.money.MoneyField(blank=True, help_text='The sum of a file for the bank. Empty: not needed. Who made it cannot approve it.', null=True, verbose_name='a second person approves payment orders above')),
            ],
            options={
                'verbose_name': 'company settings',
                'verbose_name_plural': 'company settings',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='company_is_one')],
            },
        ),
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=255)),
                ('fingerprint', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField()),
                ('headers', models.JSONField(default=dict)),
                ('body', models.TextField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'default_permissions': (),
                'indexes': [models.Index(fields=['created_at'], name='idempotency_key_old')],
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='idempotency_key_once')],
            },
        ),
    ]
