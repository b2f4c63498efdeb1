"""Text of timeline entries: facts are stored, sentences are made on reading, in the reader's language.

No queries are made here. An entry of an unknown kind is still readable, by its kind and its text.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from claims_crm.db.bilingual import localized
from claims_crm.money import format_money
from claims_crm.templatetags.rigel import day, day_long

from .facts import FACTS, Kind, names_of_kind
from .models.clients import CLIENT_DETAILS, client_label
from .services.timeline import to_json

if TYPE_CHECKING:
    from .models import Claim, TimelineEntry

log = logging.getLogger(__name__)

Facts = Mapping[str, Any]
PLACEHOLDER = re.compile(r"\{(\w+)\}")

# Labels of fields in the history: facts of a claim, details of its client, and of a payment.
LABELS: dict[str, str | Promise] = {
    **{name: client_label(name) for name in CLIENT_DETAILS},
    **{fact.name: fact.label for fact in FACTS.values()},
    "name": gettext_lazy("Name or title"),
    "kind": gettext_lazy("Person or company"),
    "amount": gettext_lazy("Amount"),
    "due_on": gettext_lazy("Due date"),
}
SUMS = ("amount", *names_of_kind(Kind.SUM))
DAYS = ("due_on", *names_of_kind(Kind.DAY))
CHOICES = {
    "person": gettext_lazy("person"),
    "company": gettext_lazy("company"),
}


# The subjects of a letter.
LETTER_SUBJECTS = {
    "task_raised": gettext_lazy("a task"),
    "payment_overdue": gettext_lazy("a payment is overdue"),
    "claim_settled": gettext_lazy("the claim is paid in full"),
    "mention": gettext_lazy("a mention"),
}


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of a sentence; names and sums are strong."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A changed field: its label, the old and the new value as text."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EntryText:
    """The text of an entry: a sentence, details in small print, changed fields, and a quote of the user."""

    icon: str
    tone: str
    parts: tuple[TextPart, ...]
    details: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    quote: str = ""

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)


def describe(entry: TimelineEntry, claim: Claim) -> EntryText:
    """Return the text of the entry. Of a comment it says only that there is one; its own text is shown as it is."""
    try:
        return DESCRIBERS.get(entry.kind, _unknown)(entry, claim)
    except (KeyError, TypeError, ValueError, InvalidOperation, AttributeError):
        # Facts of another shape, written by an older version: the page must still open.
        log.exception("Timeline entry %s (%s) cannot be described", entry.pk, entry.kind)
        return _unknown(entry, claim)


# a function for each kind


def _comment(entry: TimelineEntry, claim: Claim) -> EntryText:
    return EntryText("reply", "", _sentence(_("Comment")), quote=entry.text)


def _comment_edited(entry: TimelineEntry, claim: Claim) -> EntryText:
    return EntryText(
        "edit", "", _sentence(_("Comment edited. Previous text:")), (_author(entry),), quote=entry.data["before"]
    )


def _mail_sent(entry: TimelineEntry, claim: Claim) -> EntryText:
    about = ", ".join(str(LETTER_SUBJECTS[kind]) for kind in entry.data["about"] if kind in LETTER_SUBJECTS)
    sentence = _sentence(_("E-mail sent to {person}: {about}"), person=entry.data["to"], about=about)
    return EntryText("at", "", sentence, (_("automatically"),))


def _created(entry: TimelineEntry, claim: Claim) -> EntryText:
    return EntryText("flag", "", _sentence(_("Claim registered")), (_author(entry),))


def _imported(entry: TimelineEntry, claim: Claim) -> EntryText:
    facts = entry.data
    details = []
    if facts.get("file"):
        details.append(str(facts["file"]))
    if facts.get("row"):
        details.append(_("row %(row)s") % {"row": facts["row"]})
    return EntryText("import", "", _sentence(_("Claim imported from a register")), (*details, _author(entry)))


def _edited(entry: TimelineEntry, claim: Claim) -> EntryText:
    text = _("Client's details changed") if entry.data.get("client") else _("Facts of the claim changed")
    return EntryText("edit", "", _sentence(text), (_author(entry),), _changes(entry.data, claim))


def _moved(entry: TimelineEntry, claim: Claim) -> EntryText:
    facts = entry.data
    parts = _sentence(
        _("Stage {before} → {after}"), before=_localized_name(facts["before"]), after=_localized_name(facts["after"])
    )
    return EntryText("flag", "", parts, (_author(entry),), quote=entry.text)


def _file_added(entry: TimelineEntry, claim: Claim) -> EntryText:
    return EntryText("file", "", _sentence(_("File added: {name}"), name=entry.data["name"]), (_author(entry),))


def _file_removed(entry: TimelineEntry, claim: Claim) -> EntryText:
    return EntryText("trash", "", _sentence(_("File removed: {name}"), name=entry.data["name"]), (_author(entry),))


def _scheduled(entry: TimelineEntry, claim: Claim) -> EntryText:
    parts, replanned = entry.data["parts"], entry.data.get("replanned", 0)
    details = [_("%(first)s to %(last)s") % _date_range(parts)] if len(parts) > 1 else []
    details.append(_author(entry))
    if len(parts) == 1 and not replanned:
        text = _("Payment scheduled: {amount} by {due}")
        sentence = _sentence(text, amount=_money(parts[0]["amount"], claim), due=_day(parts[0]["due_on"]))
        return EntryText("sched", "", sentence, tuple(details))
    text = (
        _("Schedule changed: {payments}, {total} in total")
        if replanned
        else _("Schedule: {payments}, {total} in total")
    )
    return EntryText(
        "sched", "", _sentence(text, payments=_payments(parts, claim), total=_total(parts, claim)), tuple(details)
    )


def _payment_changed(entry: TimelineEntry, claim: Claim) -> EntryText:
    facts, changes = entry.data, entry.data["changes"]
    if set(changes) == {"due_on"}:
        before, after = changes["due_on"]
        text = _("Deadline of {amount} moved from {before} to {after}")
        sentence = _sentence(text, amount=_money(facts["amount"], claim), before=_day(before), after=_day(after))
    elif set(changes) == {"amount"}:
        before, after = changes["amount"]
        text = _("Payment due {due} changed from {before} to {after}")
        sentence = _sentence(text, due=_day(facts["due_on"]), before=_money(before, claim), after=_money(after, claim))
    else:
        sentence = _sentence(_("Payment due {due} changed"), due=_day(facts["due_on"]))
        return EntryText("shift", "", sentence, (_author(entry),), _changes(facts, claim))
    return EntryText("shift", "", sentence, (_author(entry),))


def _split(entry: TimelineEntry, claim: Claim) -> EntryText:
    facts = entry.data
    sentence = _sentence(
        _("Payment due {due} split: {amount} and {rest}"),
        due=_day(facts["due_on"]),
        amount=_money(facts["amount"], claim),
        rest=_money(facts["rest"], claim),
    )
    return EntryText("split", "", sentence, (_author(entry),))


def _cancelled(entry: TimelineEntry, claim: Claim) -> EntryText:
    parts = entry.data["parts"]
    if len(parts) == 1:
        text, (part,) = _("Payment cancelled: {amount} by {due}"), parts
        sentence = _sentence(text, amount=_money(part["amount"], claim), due=_day(part["due_on"]))
        return EntryText("no", "", sentence, (_author(entry),))
    text = _("Cancelled: {payments}, {total} in total")
    sentence = _sentence(text, payments=_payments(parts, claim), total=_total(parts, claim))
    return EntryText("no", "", sentence, (_("%(first)s to %(last)s") % _date_range(parts), _author(entry)))


def _settled(entry: TimelineEntry, claim: Claim) -> EntryText:
    facts = entry.data
    sentence = _sentence(
        _("Payment due {due} is paid: {amount}"), due=_day(facts["due_on"]), amount=_money(facts["amount"], claim)
    )
    details = []
    if facts.get("document_number"):
        details.append(_("payment order %(number)s") % {"number": facts["document_number"]})
    details.append(_timeliness(facts["due_on"], facts["paid_on"]))
    if facts.get("rest"):
        details.append(_("in part, %(rest)s is left to pay") % {"rest": _money(facts["rest"], claim)})
    return EntryText("check", "paid", sentence, (*details, _author(entry)))


def _reopened(entry: TimelineEntry, claim: Claim) -> EntryText:
    facts = entry.data
    sentence = _sentence(
        _("Payment due {due} is reopened: {amount}"), due=_day(facts["due_on"]), amount=_money(facts["amount"], claim)
    )
    quote = _("undone within 10 seconds") if facts.get("undone") else entry.text
    return EntryText("undo", "due", sentence, (_author(entry),), quote=quote)


def _raised(entry: TimelineEntry, claim: Claim) -> EntryText:
    facts = entry.data
    title = _title(facts, claim)
    if facts.get("assignee"):
        sentence = _sentence(_("Task {title}, assigned to {person}"), title=title, person=facts["assignee"])
    else:
        sentence = _sentence(_("Task {title}"), title=title)
    due = _("due %(day)s") % {"day": _day(facts["due_on"])}
    return EntryText("task", "accent", sentence, (due, _author(entry)))


def _completed(entry: TimelineEntry, claim: Claim) -> EntryText:
    skipped = [_localized_name(item) for item in entry.data.get("skipped", ())]
    details = [_("skipped: %(items)s") % {"items": ", ".join(skipped)}] if skipped else []
    sentence = _sentence(_("Task done: {title}"), title=_title(entry.data, claim))
    return EntryText("task", "paid", sentence, (*details, _author(entry)))


def _withdrawn(entry: TimelineEntry, claim: Claim) -> EntryText:
    sentence = _sentence(_("Task withdrawn: {title}"), title=_title(entry.data, claim))
    return EntryText("no", "", sentence, (_author(entry),))


def _summary(entry: TimelineEntry, claim: Claim) -> EntryText:
    sentence = _sentence(
        _("Total {total}, paid {paid}, remaining {remaining}"),
        total=format_money(claim.scheduled_amount, claim.currency),
        paid=format_money(claim.paid_amount, claim.currency),
        remaining=format_money(claim.remaining_amount, claim.currency),
    )
    return EntryText("pin", "", sentence)


def _unknown(entry: TimelineEntry, claim: Claim) -> EntryText:
    name = str(dict(entry.Kind.choices).get(entry.kind, entry.kind.replace("_", " ")))
    return EntryText("dots", "", (TextPart(name[:1].upper() + name[1:]),), (_author(entry),), quote=entry.text)


DESCRIBERS: dict[str, Callable[[TimelineEntry, Claim], EntryText]] = {
    "summary": _summary,
    "comment": _comment,
    "comment_edited": _comment_edited,
    "mail_sent": _mail_sent,
    "claim_created": _created,
    "claim_imported": _imported,
    "claim_edited": _edited,
    "stage_moved": _moved,
    "file_added": _file_added,
    "file_removed": _file_removed,
    "payments_scheduled": _scheduled,
    "payment_changed": _payment_changed,
    "payment_split": _split,
    "payment_cancelled": _cancelled,
    "payment_settled": _settled,
    "payment_reopened": _reopened,
    "task_raised": _raised,
    "task_completed": _completed,
    "task_withdrawn": _withdrawn,
}


# parts of the text


def _sentence(text: str, **strong: str) -> tuple[TextPart, ...]:
    """Split a translated text at its {placeholders}; the filled-in values are strong."""
    pieces = PLACEHOLDER.split(text)
    return tuple(
        TextPart(strong[piece], strong=True) if index % 2 else TextPart(piece)
        for index, piece in enumerate(pieces)
        if piece
    )


def _author(entry: TimelineEntry) -> str:
    if entry.author is None:
        return _("automatically")
    if token := entry.data.get("token"):
        return _("%(person)s through the token “%(token)s”") % {"person": entry.author.name, "token": token}
    return entry.author.name


def _money(amount: str, claim: Claim) -> str:
    return format_money(Decimal(amount), claim.currency)


def _day(text: str) -> str:
    return day_long(date.fromisoformat(text))


def _date_range(parts: Iterable[Facts]) -> dict[str, str]:
    dates = sorted(date.fromisoformat(part["due_on"]) for part in parts)
    return {"first": day(dates[0]), "last": day(dates[-1])}


def _payments(parts: list[Facts], claim: Claim) -> str:
    """Return "4 payments of 1,000.00 ₽", without the amount if amounts differ."""
    count, amounts = len(parts), {part["amount"] for part in parts}
    if len(amounts) == 1:
        text = ngettext("%(count)s payment of %(amount)s", "%(count)s payments of %(amount)s", count)
        return text % {"count": count, "amount": _money(amounts.pop(), claim)}
    return ngettext("%(count)s payment", "%(count)s payments", count) % {"count": count}


def _total(parts: Iterable[Facts], claim: Claim) -> str:
    return format_money(sum((Decimal(part["amount"]) for part in parts), Decimal(0)), claim.currency)


def _timeliness(due_on: str, paid_on: str) -> str:
    late = (date.fromisoformat(paid_on) - date.fromisoformat(due_on)).days
    if late == 0:
        return _("on the day")
    if late > 0:
        return ngettext("%(count)s day late", "%(count)s days late", late) % {"count": late}
    return ngettext("%(count)s day early", "%(count)s days early", -late) % {"count": -late}


def _title(facts: Facts, claim: Claim) -> str:
    """Return a task's title, its placeholders filled in with the recorded facts."""
    filling = {"claim": claim.number, "client": claim.client.name, "amount": "…", "due": "…"}
    if facts.get("amount"):
        filling["amount"] = _money(facts["amount"], claim)
    if facts.get("due_on"):
        filling["due"] = day(date.fromisoformat(facts["due_on"]))
    return PLACEHOLDER.sub(lambda found: filling.get(found[1], found[0]), _localized_name(facts))


def _localized_name(facts: Facts) -> str:
    return localized(ru=facts["ru"], en=facts["en"])


def _changes(facts: Facts, claim: Claim) -> tuple[Change, ...]:
    return tuple(
        Change(str(LABELS.get(name, name)), _value(name, before, claim), _value(name, after, claim))
        for name, (before, after) in facts.get("changes", {}).items()
    )


def format_value(name: str, value: Any, row: Any) -> str:
    """Return a fact of a claim or a client as text."""
    return _value(name, str(value) if hasattr(value, "pk") else to_json(value), row)


def _value(name: str, value: Any, claim: Claim) -> str:
    if value in (None, ""):
        return _("none")
    if isinstance(value, Mapping):
        return _localized_name(value)
    if name in SUMS:
        return _money(value, claim)
    if name in DAYS:
        return day(date.fromisoformat(value))
    if name == "kind":
        return str(CHOICES.get(value, value))
    return str(value)
