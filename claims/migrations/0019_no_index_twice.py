import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0018_indexes_of_home_and_table'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='claim',
            name='claim_by_client',
        ),
        migrations.AlterField(
            model_name='claim',
            name='created_by',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='claim',
            name='ground',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='claims.ground', verbose_name='ground'),
        ),
        migrations.AlterField(
            model_name='claim',
            name='pipeline',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='claims.pipeline', verbose_name='funnel'),
        ),
        migrations.AlterField(
            model_name='claim',
            name='specialist',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='claims_as_specialist', to=settings.AUTH_USER_MODEL, verbose_name='specialist'),
        ),
        migrations.AlterField(
            model_name='claim',
            name='stage',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='claims.stage', verbose_name='stage'),
        ),
        # On PostgreSQL Django takes this constraint for the field's own index, and would drop it.
        migrations.RemoveConstraint(model_name='timelineentry', name='timeline_one_summary'),
        migrations.AlterField(
            model_name='timelineentry',
            name='claim',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='timeline', to='claims.claim'),
        ),
        migrations.AddConstraint(
            model_name='timelineentry',
            constraint=models.UniqueConstraint(
                condition=models.Q(('kind', 'summary')), fields=('claim',), name='timeline_one_summary'
            ),
        ),
    ]
