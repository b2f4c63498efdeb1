"""Who may do what with claims: one question per action, asked by pages, admin and programs alike.

Whether a claim is seen at all is `Claim.objects.visible_to(user)`; here it is taken as seen.
"""

from accounts.models import User

from .models import Attachment, Claim, Stage


def can_see_claims(user: User) -> bool:
    return user.has_perm("claims.view_claim")


def can_create_claim(user: User) -> bool:
    return user.has_perm("claims.add_claim")


def can_edit_claim(user: User, claim: Claim) -> bool:
    return user.has_perm("claims.change_claim")


def can_change_agreed_amount(user: User, claim: Claim | None = None) -> bool:
    return user.has_perm("claims.change_agreed_amount")


def can_move(user: User, claim: Claim, stage: Stage | None = None) -> bool:
    """Tell whether `user` may move the claim by hand; a final stage is closing it, from or to."""
    final = claim.is_final or (stage is not None and stage.is_final)
    return user.has_perm("claims.close_claim" if final else "claims.move_claim")


def can_comment(user: User, claim: Claim) -> bool:
    return user.has_perm("claims.add_comment")


def can_attach(user: User, claim: Claim) -> bool:
    return user.has_perm("claims.add_attachment")


def can_remove_attachment(user: User, attachment: Attachment) -> bool:
    """One's own file, or any for who may delete files."""
    return attachment.uploaded_by_id == user.pk or user.has_perm("claims.delete_attachment")


def can_edit_client(user: User) -> bool:
    return user.has_perm("claims.change_client")


def can_import_register(user: User) -> bool:
    return user.has_perm("claims.import_register")
