import pytest

from claims.models import Ground, Pipeline
from claims_crm.models import Company

from ..factories import ClaimFactory, ClientFactory, specialist
from .conftest import Api

pytestmark = pytest.mark.django_db


def stage(kind):
    return Pipeline.objects.get(number_prefix="П").first_stage(kind)


def test_a_claim_is_told_with_all_its_fields(specialist_api, claim, specialist, accountant):
    answer = specialist_api.get(f"claims/{claim.pk}/")

    assert answer.status_code == 200
    assert answer.json() == {
        "id": claim.pk,
        "number": "П-2026-0001",
        "pipeline": claim.pipeline.pk,
        "stage": {"id": stage("paying").pk, "name": "Выплаты", "kind": "paying"},
        "client": claim.client.pk,
        "subject": "",
        "ground": "late",
        "description": "",
        "contract_number": "",
        "site": "",
        "received_on": "2026-05-15",
        "respond_by": "2026-05-25",
        "specialist": specialist.pk,
        "accountant": accountant.pk,
        "currency": "RUB",
        "agreed_amount": "3500.00",
        "scheduled_amount": "3500.00",
        "paid_amount": "0.00",
        "remaining_amount": "3500.00",
        "next_due_on": "2026-05-31",
        "is_settled": False,
        "closed_at": None,
        "created_at": "2026-05-15T12:00:00+03:00",
        "updated_at": "2026-05-15T12:00:00+03:00",
    }


def test_a_claim_is_created_in_the_first_stage_with_the_next_number(may, specialist_api):
    client = ClientFactory()
    answer = specialist_api.post("claims/", {"client": client.pk, "ground": "quality", "agreed_amount": "3500.00"})

    assert answer.status_code == 201
    told = answer.json()
    assert (told["number"], told["stage"]["kind"], told["respond_by"]) == ("П-2026-0001", "open", "2026-05-25")
    assert answer["Location"] == f"http://testserver/api/v1/claims/{told['id']}/"


def test_the_company_may_keep_its_own_number_once(specialist_api):
    sent = {"client": ClientFactory().pk, "ground": "late", "number": "2019/7"}

    assert specialist_api.post("claims/", sent).json()["number"] == "2019/7"
    answer = specialist_api.post("claims/", sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "number_taken")


@pytest.mark.parametrize(
    "sent, field",
    [
        ({"client": 0}, "client"),
        ({"client": "1"}, "client"),
        ({"ground": "whim"}, "ground"),
        ({"received_on": "2026-05-16"}, "received_on"),
        ({"received_on": "2026-05-01", "respond_by": "2026-04-30"}, "respond_by"),
        ({"agreed_amount": "1000000000000.00"}, "agreed_amount"),
        ({"number": "9" * 41}, "number"),
        ({"paid_amount": "1.00"}, "paid_amount"),
        ({"colour": "red"}, "colour"),
        ({"subject": "a\0b"}, "subject"),
    ],
)
def test_facts_that_cannot_be_are_refused_at_their_field(may, specialist_api, sent, field):
    whole = {"client": ClientFactory().pk, "ground": "late", **sent}
    answer = specialist_api.post("claims/", whole)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_a_specialist_is_named_only_who_is_one(specialist_api, accountant):
    sent = {"client": ClientFactory().pk, "ground": "late", "specialist": accountant.pk}

    assert list(specialist_api.post("claims/", sent).json()["errors"]) == ["specialist"]


def test_facts_are_changed_and_written_down(specialist_api, claim):
    answer = specialist_api.patch(f"claims/{claim.pk}/", {"site": "Дом 4", "respond_by": "2026-06-01"})

    assert answer.status_code == 200
    assert answer.json()["site"] == "Дом 4"
    [entry] = specialist_api.get(f"claims/{claim.pk}/timeline/?page_size=1").json()["results"]
    assert entry["kind"] == "claim_edited"
    assert entry["data"]["changes"]["site"] == ["", "Дом 4"]


def test_the_agreed_sum_is_not_for_everyone(accountant_api, specialist_api, claim):
    assert accountant_api.patch(f"claims/{claim.pk}/", {"agreed_amount": "1.00"}).status_code == 403
    assert specialist_api.patch(f"claims/{claim.pk}/", {"agreed_amount": "4000.00"}).status_code == 200


# stages


def test_a_claim_is_moved(specialist_api):
    claim = ClaimFactory()
    second = claim.pipeline.stages.all()[1]
    answer = specialist_api.post(f"claims/{claim.pk}/move/", {"stage": second.pk})

    assert (answer.status_code, answer.json()["stage"]["id"]) == (200, second.pk)


def test_an_unsettled_claim_is_closed_with_a_reason_only(specialist_api, claim):
    closed = stage("closed").pk
    answer = specialist_api.post(f"claims/{claim.pk}/move/", {"stage": closed})

    assert (answer.status_code, answer.json()["code"]) == (409, "reason_required")
    answer = specialist_api.post(f"claims/{claim.pk}/move/", {"stage": closed, "reason": "Договорились"})
    assert answer.json()["stage"]["kind"] == "closed"


# timeline


def test_the_summary_of_a_claims_money_is_pinned(specialist_api, claim):
    entries = specialist_api.get(f"claims/{claim.pk}/timeline/?page_size=200").json()["results"]
    [summary] = [entry for entry in entries if entry["kind"] == "summary"]

    assert summary["pinned"] is True
    assert summary["data"] == {"total": "3500.00", "paid": "0.00", "remaining": "3500.00", "currency": "RUB"}


def test_a_comment_is_added(specialist_api, claim, specialist):
    answer = specialist_api.post(f"claims/{claim.pk}/comments/", {"text": "Позвонил клиент"})

    assert answer.status_code == 201
    told = answer.json()
    assert (told["kind"], told["author"], told["text"]) == ("comment", specialist.pk, "Позвонил клиент")


def test_a_comment_of_more_than_10000_characters_is_refused(specialist_api, claim):
    answer = specialist_api.post(f"claims/{claim.pk}/comments/", {"text": "а" * 10_001})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["text"])


# the list


@pytest.mark.parametrize(
    "asked, found",
    [
        ("", ["B", "A"]),
        ("ordering=number", ["A", "B"]),
        ("ground=quality", ["B"]),
        ("stage_kind=open", ["B", "A"]),
        ("stage_kind=closed", []),
        ("settled=true", []),
        ("settled=false&ordering=id", ["A", "B"]),
        ("overdue=true", []),
        ("received_before=2026-05-14", []),
        ("received_after=2026-05-15", ["B", "A"]),
        ("search=орлов b", ["B"]),
        ("specialist=999", []),
        ("client=9223372036854775807", []),
    ],
)
def test_filters_of_claims(may, specialist_api, asked, found):
    ClaimFactory(number="A")
    ClaimFactory(number="B", ground=Ground.objects.get(code="quality"))
    rows = specialist_api.get(f"claims/?{asked}").json()["results"]

    assert [row["number"] for row in rows] == found


@pytest.mark.parametrize(
    "asked, name",
    [
        ("stage=open", "stage"),
        ("stage=1.0", "stage"),
        ("stage=9223372036854775808", "stage"),
        ("stage=", "stage"),
        ("stage=1&stage=2", "stage"),
        ("stage_kind=paid", "stage_kind"),
        ("ground=whim", "ground"),
        ("overdue=yes", "overdue"),
        ("overdue=True", "overdue"),
        ("received_after=15.05.2026", "received_after"),
        ("received_after=2026-02-30", "received_after"),
        ("ordering=client", "ordering"),
        ("page_size=201", "page_size"),
        ("page_size=0", "page_size"),
        ("cursor=abc", "cursor"),
        ("search=%00", "search"),
        ("colour=red", "colour"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(specialist_api, asked, name):
    answer = specialist_api.get(f"claims/?{asked}")

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])


def test_what_one_may_not_see_is_not_there(claim):
    Company.objects.update_or_create(pk=1, defaults={"specialists_see": Company.Sees.OWN})
    Company.invalidate()
    stranger = Api(specialist())

    assert stranger.get(f"claims/{claim.pk}/").status_code == 404
    assert stranger.get("claims/").json()["results"] == []
    assert stranger.get("payments/").json()["results"] == []
    assert stranger.post("payments/", {"claim": claim.pk, "due_on": "2026-09-30", "amount": "1.00"}).status_code == 400
    assert stranger.post("claims/", {"client": claim.client.pk, "ground": "late"}).status_code == 400
