"""The admin: how work goes is set in it, and nothing of the record can be bent from it."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import User
from claims.models import Claim, Ground, Pipeline, Stage
from claims_crm.models import Company, DayOff
from notifications.models import TaskRule

from ..factories import ClaimFactory, ClientFactory, UserFactory, administrator, specialist

pytestmark = pytest.mark.django_db


@pytest.fixture
def pipeline():
    return Pipeline.objects.get()


@pytest.fixture
def as_superuser(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def url(name, *args):
    return reverse(f"admin:{name}", args=args)


def pipeline_data(pipeline, stages=None, **fields):
    """What the page of the funnel sends as it is; `stages` replaces some fields of some stages, by their kind."""
    data = {
        "name_ru": pipeline.name_ru,
        "name_en": pipeline.name_en,
        "number_prefix": pipeline.number_prefix,
        "currency": pipeline.currency,
        "is_active": "on",
        "position": pipeline.position,
        "respond_within_days": pipeline.respond_within_days,
        "day_off_shift": pipeline.day_off_shift,
        "starts_paying": "on",
        **fields,
    }
    rows = list(pipeline.stages.order_by("position", "pk"))
    data |= {"stages-TOTAL_FORMS": len(rows), "stages-INITIAL_FORMS": len(rows)}
    for number, stage in enumerate(rows):
        row = {"id": stage.pk, "pipeline": pipeline.pk, "position": stage.position}
        row |= {"name_ru": stage.name_ru, "name_en": stage.name_en, "kind": stage.kind}
        row |= (stages or {}).get(stage.kind, {})
        data |= {f"stages-{number}-{name}": value for name, value in row.items()}
    return data


def save(client, pipeline, **changes):
    return client.post(url("claims_pipeline_change", pipeline.pk), pipeline_data(pipeline, **changes))


def refusals(response):
    assert response.status_code == 200
    (inline,) = response.context["inline_admin_formsets"]
    return " ".join(
        [*inline.formset.non_form_errors(), *(str(error) for form in inline.formset.errors for error in form.values())]
    )


@pytest.mark.parametrize(
    "name",
    [
        "claims_pipeline",
        "claims_ground",
        "claims_client",
        "claims_claim",
        "claims_timelineentry",
        "accounts_user",
        "auth_group",
        "claims_crm_dayoff",
    ],
)
def test_every_list_and_its_rows_open(as_administrator, claim, name):
    DayOff.objects.create(day=claim.received_on)
    page = as_administrator.get(url(f"{name}_changelist"))
    assert page.status_code == 200
    row = page.context["cl"].queryset.first()
    assert as_administrator.get(url(f"{name}_change", row.pk)).status_code == 200


def test_the_side_bar_is_in_order_and_in_both_languages(as_administrator, administrator):
    def titles():
        bar = as_administrator.get(url("index")).context["sidebar_navigation"]
        return [(str(group["title"]), str(group["items"][0]["title"])) for group in bar]

    assert [title for title, _ in titles()] == ["Компания", "Люди", "Как идёт работа", "Другие программы", "Учёт"]
    administrator.language = "en"
    administrator.save()
    assert titles()[0] == ("Company", "Company settings")


def test_specialists_and_accountants_have_no_admin(as_specialist):
    assert as_specialist.get(url("index")).status_code == 302


# funnels


def test_a_new_funnel_gets_the_usual_stages_and_rules(as_administrator):
    data = {"name_ru": "Возвраты", "number_prefix": "В", "currency": "RUB", "position": 2, "is_active": "on"}
    data |= {"respond_within_days": 10, "day_off_shift": "keep"}
    response = as_administrator.post(url("claims_pipeline_add"), data)
    pipeline = Pipeline.objects.get(number_prefix="В")
    assert response.url == url("claims_pipeline_change", pipeline.pk)
    assert set(pipeline.stages.values_list("kind", flat=True)) == set(Stage.Kind.values)
    triggers = {"payment_due", "all_paid", "under_scheduled"}
    assert set(TaskRule.objects.filter(pipeline=pipeline).values_list("trigger", flat=True)) == triggers


def test_a_stage_is_renamed(as_administrator, pipeline):
    assert save(as_administrator, pipeline, stages={"paying": {"name_ru": "Платим"}}).status_code == 302
    assert pipeline.stages.get(kind="paying").name == "Платим"


@pytest.mark.parametrize("kind", ["paying", "completing", "closed"])
def test_the_kinds_the_automation_needs_stay(as_administrator, pipeline, kind):
    for change in ({"DELETE": "on"}, {"kind": "rejected"}):
        response = save(as_administrator, pipeline, stages={kind: change})
        assert "Для автоматики нужна стадия и каждого из этих видов" in refusals(response)
    assert pipeline.stages.filter(kind=kind).exists()


def test_rejection_is_not_needed(as_administrator, pipeline):
    assert save(as_administrator, pipeline, stages={"rejected": {"DELETE": "on"}}).status_code == 302
    assert not pipeline.stages.filter(kind="rejected").exists()


def test_a_stage_in_use_is_neither_removed_nor_of_another_kind(as_administrator, pipeline):
    Stage.objects.create(pipeline=pipeline, name_ru="Ещё выплаты", kind="paying", position=9)
    used = pipeline.first_stage("rejected")
    ClaimFactory(stage=used)
    for change in ({"DELETE": "on"}, {"kind": "paying"}):
        assert "На этой стадии 1 претензия" in refusals(save(as_administrator, pipeline, stages={"rejected": change}))
    used.refresh_from_db()
    assert used.kind == "rejected"


def test_a_funnel_is_not_removed(as_administrator, pipeline):
    assert as_administrator.post(url("claims_pipeline_delete", pipeline.pk), {"post": "yes"}).status_code == 403


# grounds, clients, claims


def test_grounds_in_use_and_built_in_ones_stay(as_administrator):
    fine = Ground.objects.create(code="fine", name_ru="Штраф")
    used = Ground.objects.create(code="used", name_ru="Занято")
    ClaimFactory(ground=used)
    for ground, status in ((Ground.objects.get(code="other"), 403), (used, 403), (fine, 302)):
        answer = as_administrator.post(url("claims_ground_delete", ground.pk), {"post": "yes"})
        assert answer.status_code == status
    assert not Ground.objects.filter(code="fine").exists()


def test_a_client_changes_through_the_service(as_administrator, claim):
    client = claim.client
    data = {"name": "Орлова Дарья", "kind": "person", "phone": client.phone, "email": ""}
    assert as_administrator.post(url("claims_client_change", client.pk), data).status_code == 302
    assert list(Claim.objects.search("орлова дарья")) == [claim]
    assert claim.timeline.filter(kind="claim_edited", data__client=True).exists()


def test_a_clients_account_is_checked_against_the_bic(as_administrator, claim):
    client = claim.client
    data = {"name": client.name, "kind": "person", "bank_account": "40702810900000005556", "bank_bic": "044525225"}
    answer = as_administrator.post(url("claims_client_change", client.pk), data)
    assert list(answer.context["adminform"].form.errors) == ["bank_account"]
    answer = as_administrator.post(url("claims_client_change", client.pk), data | {"tax_number": "7707083894"})
    assert list(answer.context["adminform"].form.errors) == ["tax_number", "bank_account"]


def test_a_client_with_claims_stays(as_superuser, claim):
    free = ClientFactory()
    assert as_superuser.post(url("claims_client_delete", claim.client.pk), {"post": "yes"}).status_code == 403
    assert as_superuser.post(url("claims_client_delete", free.pk), {"post": "yes"}).status_code == 302


@pytest.mark.parametrize("name", ["claims_claim", "claims_timelineentry"])
def test_the_record_is_only_read(as_administrator, claim, name):
    row = claim if name == "claims_claim" else claim.timeline.first()
    assert as_administrator.get(url(f"{name}_add")).status_code == 403
    assert as_administrator.post(url(f"{name}_change", row.pk), {"number": "X"}).status_code == 403
    assert as_administrator.post(url(f"{name}_delete", row.pk), {"post": "yes"}).status_code == 403


def test_only_a_superuser_deletes_a_claim_and_only_one_without_payments(as_superuser, claim):
    empty = ClaimFactory()
    assert as_superuser.post(url("claims_claim_delete", claim.pk), {"post": "yes"}).status_code == 403
    assert as_superuser.post(url("claims_claim_delete", empty.pk), {"post": "yes"}).status_code == 302
    assert list(Claim.objects.all()) == [claim]


@pytest.mark.parametrize(
    "name",
    ["claims_claim", "claims_client", "claims_pipeline", "claims_ground", "payments_payment", "notifications_task"],
)
def test_nothing_money_hangs_on_is_removed_by_the_list(as_superuser, claim, name):
    rows = as_superuser.get(url(f"{name}_changelist")).context["cl"].queryset
    chosen = {"action": "delete_selected", "_selected_action": list(rows.values_list("pk", flat=True)), "post": "yes"}
    as_superuser.post(url(f"{name}_changelist"), chosen)
    assert list(rows.values_list("pk", flat=True)) == chosen["_selected_action"] != []


def test_who_sees_only_their_own_claims_sees_only_their_clients_and_tasks(client, claim):
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    client.force_login(specialist(is_staff=True))
    for name in ("claims_claim", "claims_client", "payments_payment", "notifications_task"):
        assert not client.get(url(f"{name}_changelist")).context["cl"].queryset.exists()


def test_claims_are_found_in_the_admin_as_in_the_product(as_administrator, claim):
    ClaimFactory(client=ClientFactory(name="Белых"))
    found = as_administrator.get(url("claims_claim_changelist"), {"q": claim.client.name.upper()})
    assert list(found.context["cl"].result_list) == [claim]


# company and people


def test_the_company_is_one_and_its_zone_is_chosen(as_administrator):
    assert as_administrator.get(url("claims_crm_company_changelist")).url == url("claims_crm_company_change", 1)
    assert as_administrator.get(url("claims_crm_company_add")).status_code == 403
    data = {"name": "Дома", "time_zone": "Asia/Omsk", "currency": "RUB", "calendar": "RU", "specialists_see": "own"}
    data |= {"two_factor": Company.TwoFactor.NO_ONE, "quiet_days": 14, "approval_above": "100 000,50"}
    assert as_administrator.post(url("claims_crm_company_change", 1), data).status_code == 302
    company = Company.current()
    assert (company.time_zone, company.approval_above) == ("Asia/Omsk", Decimal("100000.50"))
    refused = as_administrator.post(url("claims_crm_company_change", 1), data | {"time_zone": "Moon/Sea"})
    assert "time_zone" in refused.context["adminform"].form.errors


def test_a_person_is_added_with_a_role(as_administrator):
    data = {"username": "new", "usable_password": "true", "password1": "long-enough-1", "password2": "long-enough-1"}
    data |= {"first_name": "Анна", "groups": [Group.objects.get(name="accountants").pk]}
    assert as_administrator.post(url("accounts_user_add"), data).status_code == 302
    assert User.objects.get(username="new").has_perm("payments.settle_payment")


def test_an_administrator_makes_nobody_a_superuser_nor_touches_one(as_administrator, administrator):
    above = UserFactory(is_superuser=True)
    page = as_administrator.get(url("accounts_user_change", administrator.pk)).content.decode()
    assert 'name="is_superuser"' not in page
    assert as_administrator.post(url("accounts_user_change", above.pk), {"username": "x"}).status_code == 403
    assert as_administrator.get(url("auth_user_password_change", above.pk)).status_code == 403


def test_people_and_roles_are_not_removed(as_administrator):
    person, role = administrator(), Group.objects.get(name="accountants")
    assert as_administrator.post(url("accounts_user_delete", person.pk), {"post": "yes"}).status_code == 403
    assert as_administrator.post(url("auth_group_delete", role.pk), {"post": "yes"}).status_code == 403


def test_a_role_of_the_product_keeps_its_name_and_changes_its_rights(as_administrator):
    role = Group.objects.get(name="accountants")
    as_administrator.post(url("auth_group_change", role.pk), {"name": "бухгалтеры"})
    role.refresh_from_db()
    assert role.name == "accountants"
    assert not role.permissions.exists()
