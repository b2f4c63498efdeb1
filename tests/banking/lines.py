"""Statements read in tests, and what was found for their lines."""

from datetime import date
from typing import Any

from django.core.files.base import ContentFile

from banking.models import Statement, StatementLine
from banking.statements import services
from claims.models import Claim
from tests.factories import ClientFactory, claim_with_payments

from .formats.files import statement

NAME = "Орлов Дмитрий Ильич"


def make_claim(*amounts: str, name: str = NAME, number: str = "90/26", **details: Any) -> Claim:
    """Return a claim of these payments, the first due on 30.11.2026."""
    client = ClientFactory(name=name, **details)
    return claim_with_payments(
        *(amounts or ["1000"] * 4), number=number, client=client, first_due_on=date(2026, 11, 30)
    )


def send(*documents: str, content: bytes = b"", name: str = "kl_to_1c.txt") -> Statement:
    """Return the statement of these documents, read and matched."""
    sent = services.upload(ContentFile(content or statement(*documents), name=name), by=None)
    list(services.read_steps(sent))
    sent.refresh_from_db()
    return sent


def read(*documents: str, content: bytes = b"") -> list[StatementLine]:
    return list(send(*documents, content=content).lines.order_by("row").prefetch_related("matches__payment__claim"))


def payments(line: StatementLine) -> list[int]:
    """Return the payments the line is matched with."""
    return [match.payment_id for match in line.matches.all()]


def codes(line: StatementLine) -> set[str]:
    return {reason["code"] for reason in line.reasons}
