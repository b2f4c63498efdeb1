from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0017_ibans'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='claim',
            name='claim_next_due',
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['specialist', 'stage'], name='claim_of_specialist'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('next_due_on__isnull', False)), fields=['next_due_on', 'id', 'accountant', 'specialist', 'currency'], name='claim_next_due'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['remaining_amount', 'id'], name='claim_by_remaining'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('agreed_amount__gt', models.F('scheduled_amount'))), fields=['id'], name='claim_short_of_agreed'),
        ),
    ]
