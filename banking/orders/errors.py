from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from claims_crm.errors import BusinessRuleError


class OrdersRefused(BusinessRuleError):
    """Some payments cannot be sent: `problems` are (which, why)."""

    code = "orders_refused"

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(" ".join(f"{what}: {why}" for what, why in problems))
        self.problems = problems


class ApprovalRefused(BusinessRuleError):
    code = "approval_refused"

    def __init__(self) -> None:
        super().__init__(_("Payment orders are approved by another person than the one who made them."))


class FileNotReady(BusinessRuleError):
    code = "order_file_not_ready"

    def __init__(self) -> None:
        super().__init__(_("This file waits for approval, or has been taken back."))
