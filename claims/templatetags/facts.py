"""The facts of a claim in templates: those of its panel, and the fields of its forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms, template

from ..facts import FACTS, Fact, Kind
from ..models import Claim

register = template.Library()


@register.filter
def panel_facts(claim: Claim) -> list[tuple[Fact, Any]]:
    """`{% for fact, value in claim|panel_facts %}`: the facts of the panel; empty texts and days are left out."""
    facts = [(fact, fact.value(claim)) for fact in FACTS.values() if fact.in_panel]
    return [(fact, value) for fact, value in facts if value or fact.kind in (Kind.SUM, Kind.PERSON)]


@register.filter
def fact_fields(form: forms.Form, placed: str = "") -> Iterator[tuple[Fact, forms.BoundField]]:
    """`{% for fact, field in form|fact_fields:"subject ground" %}`: the form's facts but those named."""
    return ((fact, form[name]) for name, fact in FACTS.items() if name in form.fields and name not in placed.split())
