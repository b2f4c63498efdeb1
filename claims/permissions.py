"""Who may do what with claims: one function per action, used by pages, the admin and the API.

Visibility is decided by `Claim.objects.visible_to(user)`; the functions here assume a visible claim.
"""

from django.db.models import Q

from accounts.models import User
from accounts.querysets import UserQuerySet
from claims_crm.models import Company

from .models import Attachment, Claim, Stage, TimelineEntry

BACKEND = "django.contrib.auth.backends.ModelBackend"


def can_see_claims(user: User) -> bool:
    return user.has_perm("claims.view_claim")


def users_who_can_see(claim: Claim) -> UserQuerySet:
    """Return the users who can see this claim, the counterpart of `Claim.objects.visible_to`. One query."""
    people = _users_with_permission("claims.view_claim")
    if Company.current().specialists_see == Company.Sees.OWN:
        wide = (_users_with_permission("payments.settle_payment"), _users_with_permission("claims.change_pipeline"))
        people = people.filter(Q(pk=claim.specialist_id) | Q(pk__in=wide[0]) | Q(pk__in=wide[1]))
    return people


def _users_with_permission(name: str) -> UserQuerySet:
    return User.objects.with_perm(name, backend=BACKEND)


def can_create_claim(user: User) -> bool:
    return user.has_perm("claims.add_claim")


def can_edit_claim(user: User, claim: Claim) -> bool:
    return user.has_perm("claims.change_claim")


def can_reassign(user: User) -> bool:
    """Whether `user` may reassign many claims at once."""
    return user.has_perm("claims.change_claim")


def can_change_agreed_amount(user: User, claim: Claim | None = None) -> bool:
    return user.has_perm("claims.change_agreed_amount")


def can_move(user: User, claim: Claim, stage: Stage | None = None) -> bool:
    """Return whether `user` may move the claim by hand; from or to a final stage that takes the right to close."""
    final = claim.is_final or (stage is not None and stage.is_final)
    return user.has_perm("claims.close_claim" if final else "claims.move_claim")


def can_use_stage(user: User, stage: Stage) -> bool:
    """Return whether `user` may move claims by hand out of the stage and into it."""
    return user.has_perm("claims.close_claim" if stage.is_final else "claims.move_claim")


def can_comment(user: User, claim: Claim) -> bool:
    return user.has_perm("claims.add_comment")


def can_edit_comment(user: User, entry: TimelineEntry) -> bool:
    """Whether `user` may edit the comment: only its author may."""
    return entry.author_id == user.pk and user.has_perm("claims.add_comment")


def can_attach(user: User, claim: Claim) -> bool:
    return user.has_perm("claims.add_attachment")


def can_remove_attachment(user: User, attachment: Attachment) -> bool:
    """Whether `user` may remove the file: their own, or any with the permission to delete files."""
    return attachment.uploaded_by_id == user.pk or user.has_perm("claims.delete_attachment")


def can_see_clients(user: User) -> bool:
    return user.has_perm("claims.view_client")


def can_create_client(user: User) -> bool:
    return user.has_perm("claims.add_client")


def can_edit_client(user: User) -> bool:
    return user.has_perm("claims.change_client")
