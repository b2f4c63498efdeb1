"""The facts of a claim: what people enter about it, each declared once, in FACTS.

Form, facts panel, table columns, Excel, history, admin, API (in and out) and webhooks derive from the declaration. For
a field of the model the label is its `verbose_name`, the kind follows from its class and emptiness from `null`. A fact
that is no model field (a company's own field) only needs another way to be made: a `Fact` with `value` of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst

from claims_crm.money import MoneyField

from .models import Claim


class Kind(StrEnum):
    """What a fact holds: it decides how the fact is entered and shown."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    DAY = "day"
    SUM = "sum"
    PERSON = "person"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact: its name (as in the API and the history), label, kind and value, and where it appears."""

    name: str
    label: str | Promise
    kind: Kind
    # None is allowed: "not known yet". Texts are never None, but may be empty.
    is_nullable: bool
    value: Callable[[Claim], Any]
    # The name of its table column, "" for none, and the column's width in Excel, in characters.
    column: str
    width: int
    # Facts with a place of their own in the page's header or below its panel are not in the panel.
    in_panel: bool
    # Whether it is in the form of a new claim, and in the form of its facts.
    in_new_form: bool
    in_form: bool
    # Whether it takes the whole width of a form.
    is_wide: bool


def field_fact(
    name: str,
    *,
    column: str | None = None,
    width: int = 16,
    in_panel: bool = True,
    in_new_form: bool = True,
    in_form: bool = True,
    is_wide: bool = False,
) -> Fact:
    """Return the fact of a field of Claim; its table column has the field's name unless `column` says otherwise."""
    field: Any = Claim._meta.get_field(name)
    return Fact(
        name=name,
        label=capfirst(field.verbose_name),
        kind=_kind(field),
        is_nullable=field.null,
        value=attrgetter(name),
        column=name if column is None else column,
        width=width,
        in_panel=in_panel,
        in_new_form=in_new_form,
        in_form=in_form,
        is_wide=is_wide,
    )


def _kind(field: models.Field) -> Kind:
    """Return the kind that follows from the field's class. Raises TypeError for a class without one."""
    if isinstance(field, models.ForeignKey):
        return Kind.PERSON if field.remote_field.model._meta.label == settings.AUTH_USER_MODEL else Kind.ROW
    kinds = {MoneyField: Kind.SUM, models.DateField: Kind.DAY, models.TextField: Kind.LONG_TEXT}
    for field_class, kind in {**kinds, models.CharField: Kind.TEXT}.items():
        if isinstance(field, field_class):
            return kind
    raise TypeError(f"no kind of fact for {type(field).__name__}")


FACTS = {
    fact.name: fact
    for fact in (
        # Edited apart; its column and panel show more than its name.
        field_fact("client", column="", in_panel=False, in_new_form=False, in_form=False),
        field_fact("subject", width=40, in_panel=False, is_wide=True),
        field_fact("ground", is_wide=True),
        field_fact("contract_number", column="contract"),
        field_fact("site", width=28),
        field_fact("received_on", column="received", width=12),
        field_fact("respond_by", column="answer", width=12),
        field_fact("agreed_amount", column="agreed"),
        field_fact("specialist", width=24),
        field_fact("accountant", width=24),
        field_fact("description", column="", in_panel=False, is_wide=True),
    )
}
"""The facts by name, in the order of the form and the panel."""


def names_of_kind(*kinds: Kind) -> tuple[str, ...]:
    """Return the names of the facts of these kinds."""
    return tuple(fact.name for fact in FACTS.values() if fact.kind in kinds)
