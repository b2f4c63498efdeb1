import claims_crm.money
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
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
            name='Calculation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mode', models.CharField(choices=[('consumer_work', 'Work for a consumer: 3 % a day'), ('consumer_goods', 'Goods for a consumer: 1 % a day'), ('shared_construction', 'Shared construction: a share of the key rate a day'), ('interest_395', 'Interest by article 395: the key rate of each period'), ('contract', 'Penalty of the contract: its own percentage')], max_length=20, verbose_name='kind')),
                ('total', claims_crm.money.MoneyField(verbose_name='sum')),
                ('asked', models.JSONField()),
                ('outcome', models.JSONField()),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calculations', to='claims.claim', verbose_name='claim')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'calculation',
                'verbose_name_plural': 'calculations',
                'ordering': ['-pk'],
                'default_permissions': ('add',),
            },
        ),
        migrations.CreateModel(
            name='Moratorium',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(help_text='Named in the calculation.', max_length=200, verbose_name='act')),
                ('first_day', models.DateField(verbose_name='from')),
                ('last_day', models.DateField(blank=True, help_text='Empty: it has no end yet.', null=True, verbose_name='to')),
                ('modes', models.JSONField(default=list, verbose_name='stops')),
                ('whom', models.CharField(blank=True, help_text='Shown beside the result, for people to check that it applies.', max_length=300, verbose_name='whom it covers')),
                ('arisen_before', models.DateField(blank=True, help_text='A debt is taken to have arisen by the last day of its term.', null=True, verbose_name='only debts that arose before')),
                ('rate_cap', models.DecimalField(blank=True, decimal_places=2, help_text='For shared construction, where the term ended within this period.', max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.01')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='key rate not above, percent')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='source')),
                ('note', models.TextField(blank=True, max_length=2000, verbose_name='note')),
            ],
            options={
                'verbose_name': 'moratorium',
                'verbose_name_plural': 'moratoria',
                'ordering': ['first_day', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('last_day', None), ('last_day__gte', models.F('first_day')), _connector='OR'), name='moratorium_ends_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='KeyRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('effective_from', models.DateField(help_text='The day from which it is in force, not the day of the decision.', unique=True, verbose_name='effective from')),
                ('rate', models.DecimalField(decimal_places=2, max_digits=5, validators=[django.core.validators.MinValueValidator(Decimal('0.01')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='percent a year')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='source')),
                ('confirmed_on', models.DateField(blank=True, help_text='The last day on which someone checked that the Bank of Russia has not changed it.', null=True, verbose_name='checked on')),
                ('confirmed_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='checked by')),
            ],
            options={
                'verbose_name': 'key rate',
                'verbose_name_plural': 'key rates',
                'ordering': ['-effective_from'],
                'constraints': [models.CheckConstraint(condition=models.Q(('rate__gte', Decimal('0.01')), ('rate__lte', Decimal('100'))), name='key_rate_in_range')],
            },
        ),
    ]
