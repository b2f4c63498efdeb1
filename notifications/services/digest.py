"""The morning digest: what a user has to do today, once on each working day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from claims.services.timeline import to_json
from claims_crm import days
from claims_crm.money import format_money
from claims_crm.templatetags.rigel import day_short, distance
from payments.models import Payment
from payments.worklist import figure_ranges, summarize

from .. import attention
from ..models import Notice
from .notices import notice, notify

if TYPE_CHECKING:
    from claims.models import Claim

FROM_HOUR = 8
ANSWER_WITHIN = timedelta(days=3)
LINES = 10  # per section; the rest are only counted

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the digest as text: count, sums, the first lines (text, URL), and the page with all of them."""

    heading: str
    count: int
    sums: str
    lines: list[tuple[str, str]]
    url: str

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


def write_digests() -> int:
    """Write each user's digest of the day, from 8:00 (company time) of a working day on; return how many were written.

    A user gets at most one a day, and none if there is nothing in it.
    """
    now = days.local(timezone.now())
    today = now.date()
    if now.hour < FROM_HOUR or not days.is_working_day(today):
        return 0
    key = f"digest:{today}"
    has_it = Notice.objects.filter(user=OuterRef("pk"), key=key)
    readers = User.objects.active().filter(mail_digest=True).exclude(email="").exclude(Exists(has_it))
    written = 0
    for user in readers.prefetch_related("groups").order_by("pk"):
        if facts := collect_facts(user, today):
            notify([notice(user, Notice.Kind.DIGEST, key, data=facts, read_at=now)])
            written += 1
    return written


# collecting the facts


def collect_facts(user: User, today: date) -> Facts:
    """Return {section: facts} for sections that are not empty; a constant number of queries."""
    roles = {group.name for group in user.groups.all()}
    facts: Facts = {}
    if Role.ACCOUNTANT in roles:
        facts |= _payment_sections(user, today)
    if Role.SPECIALIST in roles:
        facts |= _claim_sections(user, today)
    return facts


def _payment_sections(user: User, today: date) -> Facts:
    payments = Payment.objects.planned().visible_to(user).for_accountant(user)
    spans = [span for span in figure_ranges(today) if span.key in ("overdue", "today", "week")]
    facts = {}
    for span, total in summarize(payments.due_by(today + timedelta(days=7)), spans):
        if total.count:
            first = payments.filter(span.condition).select_related("claim__client").in_order()[:LINES]
            facts[span.key] = {
                "count": total.count,
                "sums": to_json(total.sums),
                "first": [_payment_line(payment) for payment in first],
            }
    # A week with no more payments than today adds nothing.
    if facts.get("week", {}).get("count") == facts.get("today", {}).get("count"):
        facts.pop("week", None)
    return facts


def _claim_sections(user: User, today: date) -> Facts:
    claims = attention.own_claims(user)
    sections = {
        "answer": attention.awaiting_answer(claims, today + ANSWER_WITHIN),
        "schedule": attention.short_of_schedule(claims),
        "complete": attention.awaiting_completion(claims),
    }
    return {
        name: {"count": count, "first": [_claim_line(claim) for claim in claims[:LINES]]}
        for name, claims in sections.items()
        if (count := claims.count())
    }


def _payment_line(payment: Payment) -> Facts:
    facts = {"amount": payment.amount, "currency": payment.claim.currency, "due_on": payment.due_on}
    return {**_claim_line(payment.claim), **to_json(facts)}


def _claim_line(claim: Claim) -> Facts:
    facts = {
        "claim": claim.pk,
        "number": claim.number,
        "client": claim.client.name,
        "due_on": claim.respond_by,
        "amount": getattr(claim, "short", None),
        "currency": claim.currency,
    }
    return to_json(facts)


# the text


def digest_sections(facts: Facts) -> list[Section]:
    """Return the sections in the active language, in the order of the page."""
    return [
        Section(
            heading=heading,
            count=facts[name]["count"],
            sums=_sums(facts[name].get("sums", {})),
            lines=[_line_text(name, line) for line in facts[name]["first"]],
            url=url,
        )
        for name, heading, url in _headings()
        if name in facts
    ]


def _headings() -> Iterable[tuple[str, str, str]]:
    worklist, main = reverse("payments:worklist"), reverse("home")
    return (
        ("overdue", _("Overdue"), f"{worklist}?when=overdue"),
        ("today", _("To pay today"), f"{worklist}?when=today"),
        ("week", _("To pay within 7 days"), f"{worklist}?when=week"),
        ("answer", _("To answer the client"), main),
        ("schedule", _("The schedule is short of the agreed sum"), main),
        ("complete", _("To complete"), main),
    )


def _line_text(name: str, facts: Facts) -> tuple[str, str]:
    """Return the text and the URL of a line: client, claim, sum, due date."""
    parts = [facts["client"], facts["number"]]
    if facts["amount"]:
        parts.append(format_money(Decimal(facts["amount"]), facts["currency"]))
    if name not in ("schedule", "complete") and facts["due_on"]:
        day = date.fromisoformat(facts["due_on"])
        parts.append(f"{day_short(day)}, {distance(day)}")
    tab = "claims:detail" if name in ("answer", "complete") else "payments:claim"
    return " · ".join(parts), reverse(tab, args=[facts["claim"]])


def _sums(sums: dict[str, str]) -> str:
    return " + ".join(format_money(Decimal(amount), currency) for currency, amount in sums.items())
