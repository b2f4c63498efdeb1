"""What an inactive user had falls to all of their role; handing over notifies the new person."""

import pytest

from claims.services import edit_claim
from notifications import attention
from notifications.models import Notice, Task
from notifications.permissions import can_complete
from notifications.services import add_task, sweep
from payments.models import Payment
from tests.factories import accountant, claim_with_payments, specialist

pytestmark = pytest.mark.django_db


def switch_off(person):
    person.is_active = False
    person.save()


def notice_kinds(person):
    return list(Notice.objects.filter(user=person).values_list("kind", flat=True))


# who was switched off


def test_payments_of_an_inactive_accountant_fall_to_every_accountant(claim, payer, may):
    other = accountant()
    assert not Payment.objects.for_accountant(other).exists()
    switch_off(payer)
    assert Payment.objects.for_accountant(other).count() == 4


def test_their_notices_go_to_active_people(claim, payer, owner, may):
    other = accountant()
    switch_off(payer)
    sweep()
    assert notice_kinds(payer) == []
    assert set(notice_kinds(other)) == {Notice.Kind.TASK_RAISED, Notice.Kind.PAYMENT_OVERDUE}
    assert notice_kinds(owner) == [Notice.Kind.PAYMENT_OVERDUE] * 4


def test_their_tasks_fall_to_their_role_and_no_other(claim, payer, owner, may):
    other = accountant()
    sweep()
    switch_off(payer)
    assert Task.objects.open().for_user(other).count() == 4
    assert not Task.objects.open().for_user(owner).exists()


def test_their_manual_tasks_fall_to_their_role(claim, owner, payer):
    other = specialist()
    task = add_task(claim, by=payer, title="Позвонить", assignee=owner)
    switch_off(owner)
    assert list(Task.objects.open().for_user(other)) == [task]
    assert not Task.objects.open().for_user(payer).exists()
    assert can_complete(accountant(), Task.objects.with_related().get())


def test_claims_of_an_inactive_specialist_fall_to_every_specialist(claim, owner):
    other = specialist()
    assert not attention.own_claims(other).exists()
    switch_off(owner)
    assert list(attention.own_claims(other)) == [claim]


def test_an_inactive_accountant_is_not_reminded(client, claim, payer, owner, may):
    client.force_login(owner)
    switch_off(payer)
    response = client.post(f"/payments/{claim.payments.in_order()[0].pk}/remind/", headers={"HX-Request": "true"})
    assert response.status_code == 409
    assert not claim.timeline.comments().exists()


# what is handed over


def test_the_new_accountant_is_notified_of_the_open_tasks(claim, owner, may):
    sweep()
    other = accountant()
    edit_claim(claim, by=owner, accountant=other)
    assert notice_kinds(other) == [Notice.Kind.TASK_RAISED] * 4


def test_a_user_who_gets_it_back_is_notified_again(claim, owner, payer, may):
    sweep()
    Notice.objects.all().delete()
    edit_claim(claim, by=owner, accountant=accountant())
    may.shift(1)
    edit_claim(claim, by=owner, accountant=payer)
    assert notice_kinds(payer) == [Notice.Kind.TASK_RAISED] * 4


def test_taking_tasks_over_oneself_causes_no_notice(may):
    claim = claim_with_payments("1000")
    sweep()
    Notice.objects.all().delete()
    taker = accountant()
    edit_claim(claim, by=taker, accountant=taker)
    assert notice_kinds(taker) == []


def test_handing_over_takes_as_many_queries_however_many_tasks(claim, owner, may, django_assert_max_num_queries):
    sweep()
    short = claim_with_payments("1000")
    sweep()
    other = accountant()
    for each in (short, claim):
        with django_assert_max_num_queries(13):
            edit_claim(each, by=owner, accountant=other)
