"""Who may do what with claims: one question per action, asked by pages, admin and programs alike.

Whether a claim is seen at all is `Claim.objects.visible_to(user)`; here it is taken as seen.
"""

from django.db.models import Q

from accounts.models import User
from accounts.querysets import UserQuerySet
from claims_crm.models import Company

from .models import Attachment, Claim, Stage, TimelineEntry

BACKEND = "django.contrib.auth.backends.ModelBackend"


def can_see_claims(user: User) -> bool:
    return user.has_perm("claims.view_claim")


def who_may_see(claim: Claim) -> UserQuerySet:
    """Return the people `Claim.objects.visible_to` shows this claim to, in one query."""
    people = _with_right("claims.view_claim")
    if Company.current().specialists_see == Company.Sees.OWN:
        wide = (_with_right("payments.settle_payment"), _with_right("claims.change_pipeline"))
        people = people.filter(Q(pk=claim.specialist_id) | Q(pk__in=wide[0]) | Q(pk__in=wide[1]))
    return people


def _with_right(name: str) -> UserQuerySet:
    return User.objects.with_perm(name, backend=BACKEND)


def can_create_claim(user: User) -> bool:
    return user.has_perm("claims.add_claim")


def can_edit_claim(user: User, claim: Claim) -> bool:
    return user.has_perm("claims.change_claim")


def can_reassign(user: User) -> bool:
    """Hand claims over to another specialist or accountant, many at once."""
    return user.has_perm("claims.change_claim")


def can_change_agreed_amount(user: User, claim: Claim | None = None) -> bool:
    return user.has_perm("claims.change_agreed_amount")


def can_move(user: User, claim: Claim, stage: Stage | None = None) -> bool:
    """Tell whether `user` may move the claim by hand; a final stage is closing it, from or to."""
    final = claim.is_final or (stage is not None and stage.is_final)
    return user.has_perm("claims.close_claim" if final else "claims.move_claim")


def can_move_in(user: User, stage: Stage) -> bool:
    """Tell whether `user` may move by hand what stands in the stage, and bring there what may be moved."""
    return user.has_perm("claims.close_claim" if stage.is_final else "claims.move_claim")


def can_comment(user: User, claim: Claim) -> bool:
    return user.has_perm("claims.add_comment")


def can_edit_comment(user: User, entry: TimelineEntry) -> bool:
    """One's own only: nobody puts words into another's mouth."""
    return entry.author_id == user.pk and user.has_perm("claims.add_comment")


def can_attach(user: User, claim: Claim) -> bool:
    return user.has_perm("claims.add_attachment")


def can_remove_attachment(user: User, attachment: Attachment) -> bool:
    """One's own file, or any for who may delete files."""
    return attachment.uploaded_by_id == user.pk or user.has_perm("claims.delete_attachment")


def can_see_clients(user: User) -> bool:
    return user.has_perm("claims.view_client")


def can_create_client(user: User) -> bool:
    return user.has_perm("claims.add_client")


def can_edit_client(user: User) -> bool:
    return user.has_perm("claims.change_client")
