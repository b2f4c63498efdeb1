from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import OperationalError, models

from claims_crm.db.querysets import UpdateReturning
from claims_crm.models import Company

from . import search
from .errors import ClaimBusy

if TYPE_CHECKING:
    from accounts.models import User

    from .models import Claim


# A search with more matches in the index consists of common words only.
MAX_BY_INDEX = 5000

# Relations loaded with a locked claim.
READ_WITH_LOCK = ("specialist", "accountant")


class ClaimQuerySet(UpdateReturning):
    def visible_to(self, user: User) -> ClaimQuerySet:
        """Filter by the claims `user` may see: all, or a specialist's own if the company limits them."""
        if not user.has_perm("claims.view_claim"):
            return self.none()
        if sees_own_claims_only(user):
            return self.filter(specialist=user)
        return self

    def search(self, text: str) -> ClaimQuerySet:
        """Filter by words beginning with those of `text` in number, client, contract, site and subject."""
        words: Any = apps.get_model("claims", "ClaimWords")
        return self.filter(words.objects.condition(text))

    def in_stages(self, *kinds: str) -> ClaimQuerySet:
        """Filter by stages of these kinds."""
        stages: Any = self.model._meta.get_field("stage").related_model
        # By stage ids rather than by a join: the index by stage and its statistics then apply.
        return self.filter(stage__in=stages.of_kinds(*kinds))

    def in_work(self) -> ClaimQuerySet:
        return self.in_stages("open", "paying", "completing")

    def settled(self) -> ClaimQuerySet:
        return self.filter(is_settled=True)

    def overdue(self, today: date) -> ClaimQuerySet:
        return self.filter(next_due_on__lt=today)

    def not_overdue(self, today: date) -> ClaimQuerySet:
        return self.filter(models.Q(next_due_on__gte=today) | models.Q(next_due_on__isnull=True))

    def assigned_to(self, user: User) -> ClaimQuerySet:
        """Filter by claims where `user` is the specialist or the accountant."""
        return self.filter(models.Q(specialist=user) | models.Q(accountant=user))

    def short_of_agreed(self) -> ClaimQuerySet:
        """Filter by claims whose schedule does not cover the agreed sum."""
        return self.filter(agreed_amount__gt=models.F("scheduled_amount"))

    def under_scheduled(self) -> ClaimQuerySet:
        """Filter by claims with everything scheduled paid, but less than the agreed sum."""
        return self.short_of_agreed().filter(remaining_amount=0, paid_amount__gt=0)

    def with_people(self) -> ClaimQuerySet:
        return self.select_related("client", "specialist", "accountant")

    def with_payments(self) -> ClaimQuerySet:
        """Prefetch the planned and paid payments as `counted_payments`, for progress bars. One query for all claims."""
        payment: Any = self.model._meta.get_field("payments").related_model
        counted = payment.objects.counted().in_order().only("claim", "due_on", "amount", "status")
        return self.prefetch_related(models.Prefetch("payments", queryset=counted, to_attr="counted_payments"))

    def with_version(self) -> ClaimQuerySet:
        """Annotate `version`: the id of the latest timeline entry, since every change writes one."""
        entry: Any = self.model._meta.get_field("timeline").related_model
        newest = entry.objects.filter(claim=models.OuterRef("pk")).order_by("-pk").values("pk")[:1]
        return self.annotate(version=models.Subquery(newest))

    def lock(self, pk: int) -> Claim:
        """Lock the claim's row until the transaction ends and return it, with its people.

        Every change of money, stages or tasks starts here. On SQLite the transaction itself is the lock.
        Raises Claim.DoesNotExist; ClaimBusy if another transaction holds the row longer than the lock timeout.
        """
        # The lock comes first, alone: PostgreSQL, after waiting for a row, would join its new version with the
        # people found for the old one.
        self.filter(pk=pk).lock_rows()
        claim: Claim = self.select_related(*READ_WITH_LOCK).get(pk=pk)  # type: ignore[assignment]
        return claim

    def lock_each(self, pks: Iterable[int]) -> list[Claim]:
        """Lock these claims as `lock` does, and return them in the order of their ids. Raises ClaimBusy."""
        rows: Any = self.filter(pk__in=list(pks))
        rows.lock_rows()
        return list(rows.select_related(*READ_WITH_LOCK).order_by("pk"))

    def lock_rows(self, *, skip_locked: bool = False) -> list[int]:
        """Lock these claims' rows, in the order of their ids so that two such calls cannot deadlock; return the ids.

        Statements after it see what others have committed. Foreign keys to the rows may still be written (`no_key`):
        a comment or a notice does not wait for a payment.
        Raises ClaimBusy if another transaction holds a row longer than the lock timeout.
        """
        rows = self.select_for_update(no_key=True, skip_locked=skip_locked).order_by("pk")
        try:
            return list(rows.values_list("pk", flat=True))
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == "55P03":  # lock_not_available
                raise ClaimBusy from error
            raise


class ClaimChildQuerySet:
    """Visibility for querysets of rows with a foreign key `claim`."""

    def visible_to(self: Any, user: User) -> Any:
        return self.filter(self.visible_condition(user))

    @staticmethod
    def visible_condition(user: User) -> models.Q:
        """Return the condition that the row's claim is visible to `user`; empty if all claims are."""
        claims = apps.get_model("claims", "Claim")._default_manager.visible_to(user)
        # If every claim is visible, looking each up among 250 000 would only cost time.
        return models.Q(claim__in=claims) if claims.query.where else models.Q()


class ClientQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ClientQuerySet:
        """Filter by clients of claims visible to `user`, and clients without claims."""
        own: Any = apps.get_model("claims", "Claim")._default_manager.filter(client=models.OuterRef("pk"))
        return self.filter(models.Exists(own.visible_to(user)) | ~models.Exists(own))

    def search(self, text: str) -> ClientQuerySet:
        """Filter by words beginning with those of `text` in name, phone, e-mail and tax number."""
        words: Any = apps.get_model("claims", "ClientWords")
        return self.filter(words.objects.condition(text))


class WordsQuerySet(models.QuerySet):
    def condition(self, text: str, path: str = "pk") -> models.Q:
        """Return the condition for the claims (clients) that match `text`, or for rows that lead to them by `path`.

        One query. Few matches are listed by id from the index. Many matches would be slow to sort, so the rows are
        then filtered while they are read in the wanted order.
        """
        ways = search.parse_query(text)
        if not ways:
            return models.Q()
        ids = list(self.filter(words__indexed=ways).values_list("pk", flat=True)[: MAX_BY_INDEX + 1])
        if len(ids) > MAX_BY_INDEX:
            return models.Q(models.Exists(self.filter(pk=models.OuterRef(path), words__read=ways)))
        return models.Q(**{f"{path}__in": ids})


class TimelineQuerySet(models.QuerySet):
    def history(self) -> TimelineQuerySet:
        """Filter by changes: no comments, no mail, not the summary."""
        return self.exclude(kind__in=("comment", "mail_sent", "summary"))

    def feed(self) -> TimelineQuerySet:
        """Filter by the entries of the timeline page; an edited comment is marked itself."""
        return self.unpinned().exclude(kind="comment_edited")

    def comments(self) -> TimelineQuerySet:
        return self.filter(kind="comment")

    def unpinned(self) -> TimelineQuerySet:
        return self.filter(pinned=False)

    def latest_id(self) -> int:
        """Return the id of the latest entry, 0 if there is none; every change of a claim writes one."""
        return self.order_by("-pk").values_list("pk", flat=True).first() or 0


def sees_own_claims_only(user: User) -> bool:
    """Return whether the company limits `user` to their own claims; accountants and administrators see every claim."""
    if Company.current().specialists_see != Company.Sees.OWN:
        return False
    return not (user.has_perm("payments.settle_payment") or user.has_perm("claims.change_pipeline"))
