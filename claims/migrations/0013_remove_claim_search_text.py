from django.db import migrations

from claims.search import digits, normalise

CHUNK = 2000


def write_back(apps, schema_editor):
    Claim = apps.get_model("claims", "Claim")
    claims = Claim.objects.select_related("client").order_by("pk")
    last = 0
    while chunk := list(claims.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        for claim in chunk:
            of_client = (claim.client.name, digits(claim.client.phone))
            facts = (claim.number, *of_client, claim.contract_number, claim.site, claim.subject)
            claim.search_text = normalise(" ".join(facts))
        Claim.objects.bulk_update(chunk, ["search_text"])


class Migration(migrations.Migration):
    dependencies = [("claims", "0012_find_by_words")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, write_back),
        migrations.RemoveField(model_name="claim", name="search_text"),
    ]
