from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Sum

if TYPE_CHECKING:
    from accounts.models import User

    from .models import Statement


class StatementQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> StatementQuerySet:
        """Return all statements to users who may post them, none to others."""
        return self if user.has_perm("banking.post_statement") else self.none()

    def lock(self, statement: Statement) -> Statement:
        """Return the statement as it is now, locked, with the work that is being done on it."""
        locked: Any = self.select_for_update(of=("self",)).select_related("job").get(pk=statement.pk)
        return locked

    def counted(self) -> StatementQuerySet:
        """Annotate how many lines are posted (`posted_count`), and how many wait for a decision (`undecided_count`)."""
        posted = Q(Exists(self._matches().posted()))
        settled = posted | Q(lines__verdict="paid") | Q(lines__verdict="returned", lines__is_decided=True)
        return self.annotate(
            posted_count=Count("lines", filter=posted),
            undecided_count=Count("lines", filter=Q(lines__is_ignored=False) & ~settled),
        )

    def _matches(self) -> Any:
        match: Any = apps.get_model("banking", "Match")
        return match.objects.filter(line=OuterRef("lines"))


class MatchQuerySet(models.QuerySet):
    def posted(self) -> MatchQuerySet:
        """Filter matches that have paid their payments, and whose paying still stands: a payment that was reopened
        since, or paid again in another way, is not this line's any more.
        """
        return self.filter(
            posted_at__isnull=False,
            payment__status="paid",
            payment__paid_on=F("line__posted_on"),
            payment__document_number=F("line__number"),
        )

    def seen(self) -> MatchQuerySet:
        """Filter matches by which a paid payment is known to be in a statement."""
        posted = Q(
            posted_at__isnull=False, payment__paid_on=F("line__posted_on"), payment__document_number=F("line__number")
        )
        return self.filter(posted | Q(seen_in_bank_on__isnull=False), payment__status="paid")


class StatementLineQuerySet(models.QuerySet):
    def outgoing(self) -> StatementLineQuerySet:
        return self.filter(direction="out")

    def to_review(self) -> StatementLineQuerySet:
        """Filter lines that are or may be payments by claims."""
        return self.filter(is_ignored=False)


class OrderFileQuerySet(models.QuerySet):
    def counted(self) -> OrderFileQuerySet:
        """Annotate how many orders there are (`count`) and their sum (`total`)."""
        return self.annotate(count=Count("orders"), total=Sum("orders__amount"))

    def sent(self) -> OrderFileQuerySet:
        return self.filter(withdrawn_at=None)
