"""The three roles and what each may do at first. An administrator may change it in the admin."""

from enum import StrEnum


class Role(StrEnum):
    SPECIALIST = "specialists"
    ACCOUNTANT = "accountants"
    ADMINISTRATOR = "administrators"


SPECIALIST_RIGHTS = (
    "claims.view_claim",
    "claims.add_claim",
    "claims.change_claim",
    "claims.change_agreed_amount",
    "claims.move_claim",
    "claims.close_claim",
    "claims.import_register",
    "claims.view_client",
    "claims.add_client",
    "claims.change_client",
    "claims.add_attachment",
    "claims.add_comment",
    "payments.view_payment",
    "payments.schedule_payment",
    "payments.reschedule_payment",
    "notifications.view_task",
    "notifications.add_task",
)

ACCOUNTANT_RIGHTS = (
    "claims.view_claim",
    "claims.view_client",
    "claims.add_attachment",
    "claims.add_comment",
    "payments.view_payment",
    "payments.settle_payment",
    "payments.reopen_payment",
    "payments.reschedule_payment",
    "notifications.view_task",
    "notifications.add_task",
)

RIGHTS: dict[Role, tuple[str, ...]] = {
    Role.SPECIALIST: SPECIALIST_RIGHTS,
    Role.ACCOUNTANT: ACCOUNTANT_RIGHTS,
}
"""Administrators are given every permission but to delete claims, payments and timeline entries."""
