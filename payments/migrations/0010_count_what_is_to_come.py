from django.db import migrations

# Both anew: where a kept balance had drifted, they must agree with one another.
COUNT = """
    UPDATE claims_claim SET (planned_count, next_due_on) = (
        SELECT count(*), min(due_on) FROM payments_payment WHERE claim_id = claims_claim.id AND status = 'planned')
    WHERE next_due_on IS NOT NULL
        OR EXISTS (SELECT 1 FROM payments_payment WHERE claim_id = claims_claim.id AND status = 'planned')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0021_count_what_is_to_come'),
        ('payments', '0009_sums_of_what_is_due'),
    ]

    operations = [
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
