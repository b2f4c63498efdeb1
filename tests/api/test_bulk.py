"""Many payments settled by one call."""

from datetime import date

import pytest

from claims.models import TimelineEntry
from claims_crm.models import IdempotencyKey
from payments.models import Payment
from payments.services import cancel, settle

from ..audit import audit_money
from .conftest import Api

pytestmark = pytest.mark.django_db

KEY = {"idempotency-key": "5f0c2c0e-58f5-4f0b-a1a5-5f4f5e0b7e11"}


def verdicts(answer):
    assert answer.status_code == 200, answer.content
    return [one["verdict"] for one in answer.json()["results"]]


def test_each_payment_has_its_own_verdict(accountant_api, claim, payments, accountant):
    settle(payments[0], by=accountant, paid_on=date(2026, 5, 12))
    cancel(payments[3], by=None)
    sent = [
        {"id": payments[0].pk},
        {"id": payments[1].pk, "document_number": "417", "paid_on": "2026-05-14"},
        {"id": payments[2].pk, "amount": "300.00"},
        {"id": payments[3].pk},
        {"id": 10**9},
    ]
    answer = accountant_api.post("payments/settle/", {"payments": sent})

    assert verdicts(answer) == ["already_paid", "settled", "settled", "refused", "refused"]
    before, whole, part, withdrawn, none = answer.json()["results"]
    assert before["payment"]["paid_on"] == "2026-05-12"
    assert (whole["payment"]["document_number"], whole["payment"]["paid_on"]) == ("417", "2026-05-14")
    assert (part["payment"]["amount"], Payment.objects.get(pk=part["rest"]).amount) == ("300.00", 700)
    assert (withdrawn["problem"]["status"], withdrawn["problem"]["code"]) == (409, "payment_cancelled")
    assert (none["problem"]["status"], none["payment"]) == (404, None)
    assert audit_money() == []


def test_a_rule_that_refuses_one_names_its_field(accountant_api, payments):
    sent = [{"id": payments[0].pk, "paid_on": "2026-05-16"}, {"id": payments[1].pk, "amount": "1000.01"}]
    answer = accountant_api.post("payments/settle/", {"payments": sent})

    assert [list(one["problem"]["errors"]) for one in answer.json()["results"]] == [["paid_on"], ["amount"]]
    assert not Payment.objects.paid().exists()


@pytest.mark.parametrize(
    "sent, field",
    [
        ([], "payments"),
        ([{"id": 1}] * 501, "payments"),
        ([{"id": 1}, {"id": "2"}], "payments.1.id"),
        ([{"id": 1, "sum": "5.00"}], "payments.0.sum"),
        ([{}], "payments.0.id"),
    ],
)
def test_what_is_malformed_refuses_the_whole(accountant_api, sent, field):
    answer = accountant_api.post("payments/settle/", {"payments": sent})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_the_same_call_with_its_key_gives_the_first_answer(accountant_api, claim, payments):
    sent = {"payments": [{"id": payment.pk} for payment in payments]}
    first = accountant_api.post("payments/settle/", sent, **KEY)
    again = accountant_api.post("payments/settle/", sent, **KEY)

    assert verdicts(first) == ["settled"] * 4
    assert again.content == first.content
    assert accountant_api.post("payments/settle/", {"payments": sent["payments"][:1]}, **KEY).status_code == 422


@pytest.mark.logs_errors
@pytest.mark.django_db(transaction=True)
def test_a_call_cut_off_in_the_middle_has_done_nothing_and_is_sent_again(accountant_api, claim, payments, monkeypatch):
    """It fails unexpectedly after everything is written: neither a payment nor the key is left behind."""
    sent = {"payments": [{"id": payment.pk} for payment in payments]}
    with monkeypatch.context() as broken:
        broken.setattr("payments.api.settling.Verdicts", lambda *_: 1 / 0)
        assert accountant_api.post("payments/settle/", sent, **KEY).status_code == 500
    assert not Payment.objects.paid().exists()
    assert not IdempotencyKey.objects.exists()

    again = accountant_api.post("payments/settle/", sent, **KEY)

    assert verdicts(again) == ["settled"] * 4
    assert claim.timeline.filter(kind=TimelineEntry.Kind.PAYMENT_SETTLED).count() == 4
    assert audit_money() == []


def test_a_specialist_settles_nothing(specialist_api, payments):
    assert specialist_api.post("payments/settle/", {"payments": [{"id": payments[0].pk}]}).status_code == 403


def test_a_token_that_was_not_made_for_it_settles_nothing(accountant, payments):
    answer = Api(accountant, "read", "write").post("payments/settle/", {"payments": [{"id": payments[0].pk}]})

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
