from .accounts import BankAccount
from .orders import OrderFile, PaymentOrder
from .statements import Match, PayeeRule, Statement, StatementLine

__all__ = [
    "BankAccount",
    "Match",
    "OrderFile",
    "PayeeRule",
    "PaymentOrder",
    "Statement",
    "StatementLine",
]
