from django.db import migrations

COUNT = """
    UPDATE claims_claim SET planned_count = (
        SELECT count(*) FROM payments_payment WHERE claim_id = claims_claim.id AND status = 'planned')
    WHERE next_due_on IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0021_count_what_is_to_come'),
        ('payments', '0009_sums_of_what_is_due'),
    ]

    operations = [
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
