"""The morning digest, once on each working day."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core import mail

from claims_crm.models import Company, DayOff
from notifications.models import Notice
from notifications.services import send_waiting_mail, write_digests
from payments.services import add, settle

from ..factories import ClaimFactory, accountant, claim_with_payments, specialist

pytestmark = pytest.mark.django_db

FRIDAY = "2026-05-15"


def write(moment):
    with time_machine.travel(moment, tick=False):
        return write_digests()


def sent(moment=f"{FRIDAY} 08:00+03:00"):
    """Write and mail the digests; return {address: letter}."""
    write(moment)
    Notice.objects.exclude(kind=Notice.Kind.DIGEST).delete()
    with time_machine.travel(moment, tick=False):
        send_waiting_mail()
    return {letter.to[0]: letter for letter in mail.outbox}


def test_it_is_written_once_a_day_from_eight_in_the_morning_where_the_company_is(claim):
    assert write(f"{FRIDAY} 07:59+03:00") == 0
    assert write(f"{FRIDAY} 08:00+03:00") == 1
    assert write(f"{FRIDAY} 12:00+03:00") == 0
    # Monday
    assert write("2026-05-18 08:00+03:00") == 1


def test_the_morning_is_that_of_the_companys_time_zone(claim):
    Company.objects.update(time_zone="Asia/Vladivostok")
    Company.invalidate()
    assert write(f"{FRIDAY} 00:59+03:00") == 0  # 07:59 there
    assert write(f"{FRIDAY} 01:00+03:00") == 1


@pytest.mark.parametrize("day", ["2026-05-16", "2026-05-17", "2026-06-12"])
def test_none_is_written_on_days_off(claim, day):
    assert write(f"{day} 09:00+03:00") == 0


def test_it_follows_the_companys_own_days(claim):
    DayOff.objects.create(day=date(2026, 5, 15))
    assert write(f"{FRIDAY} 09:00+03:00") == 0
    DayOff.objects.create(day=date(2026, 5, 16), is_working=True)
    assert write("2026-05-16 09:00+03:00") == 1


def test_an_empty_digest_is_not_written(payer, owner):
    assert write(f"{FRIDAY} 09:00+03:00") == 0


def test_a_user_without_the_preference_gets_none(claim, payer):
    payer.mail_digest = False
    payer.save()
    assert write(f"{FRIDAY} 09:00+03:00") == 0


def test_the_accountant_reads_what_is_overdue_due_today_and_within_seven_days(owner, payer):
    with time_machine.travel("2026-04-01 12:00+03:00", tick=False):
        claim = ClaimFactory(specialist=owner, accountant=payer, agreed_amount=Decimal("600"))
        for day, amount in ((date(2026, 5, 1), "100"), (date(2026, 5, 15), "200"), (date(2026, 5, 22), "300")):
            add(claim, by=owner, due_on=day, amount=Decimal(amount))
    letter = sent()[payer.email]
    assert letter.subject == "На сегодня: что ждёт вас"
    assert "Просрочено: 1, 100,00\xa0₽" in letter.body
    assert "Оплатить сегодня: 1, 200,00\xa0₽" in letter.body
    assert "Оплатить за 7 дней: 2, 500,00\xa0₽" in letter.body
    assert f"{claim.client.name} · {claim.number} · 100,00\xa0₽ · 1 мая, 14 дн. назад" in letter.body
    assert "/payments/?when=overdue" in letter.body


def test_another_accountants_payments_are_left_out(claim):
    other = accountant()
    assert other.email not in sent()


def test_the_specialist_reads_whom_to_answer_what_to_schedule_and_what_to_complete(owner, payer):
    with time_machine.travel("2026-05-10 12:00+03:00", tick=False):
        waiting = ClaimFactory(specialist=owner, agreed_amount=None, respond_by=date(2026, 5, 18))
        ClaimFactory(specialist=owner, agreed_amount=None, respond_by=date(2026, 5, 30))
        short = ClaimFactory(specialist=owner, agreed_amount=Decimal("900"))
        paid = claim_with_payments("100", first_due_on=date(2026, 5, 31), specialist=owner, accountant=payer)
        settle(paid.payments.get(), by=payer)
    body = sent()[owner.email].body
    assert f"Ответить клиенту: 1\n  {waiting.client.name} · {waiting.number}" in body
    assert f"График меньше согласованной суммы: 1\n  {short.client.name} · {short.number} · 900,00\xa0₽" in body
    assert f"Завершить: 1\n  {paid.client.name} · {paid.number}" in body


def test_the_first_ten_are_named_and_the_rest_counted(owner):
    for _ in range(12):
        ClaimFactory(specialist=owner, agreed_amount=None, received_on=date(2026, 5, 1), respond_by=date(2026, 5, 10))
    body = sent()[owner.email].body
    assert body.count(" назад") == 10
    assert "и ещё 2" in body


def test_it_is_no_notice_of_the_bell(claim, payer):
    write(f"{FRIDAY} 09:00+03:00")
    assert Notice.objects.filter(kind=Notice.Kind.DIGEST).exists()
    assert Notice.objects.unread_count(payer) == Notice.objects.filter(user=payer).unread().count()
    assert not Notice.objects.filter(user=payer).in_bell().filter(kind=Notice.Kind.DIGEST).exists()


def test_each_person_costs_the_same_however_much_there_is(owner, payer, django_assert_max_num_queries):
    for _ in range(3):
        specialist()
        claim_with_payments(*["10"] * 12, first_due_on=date(2026, 1, 31), specialist=owner, accountant=payer)
    with time_machine.travel(f"{FRIDAY} 09:00+03:00", tick=False), django_assert_max_num_queries(60):
        write_digests()
