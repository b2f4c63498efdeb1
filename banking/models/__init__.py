from .accounts import BankAccount
from .orders import OrderFile, PaymentOrder
from .statements import LearntPayee, Match, Statement, StatementLine

__all__ = [
    "BankAccount",
    "LearntPayee",
    "Match",
    "OrderFile",
    "PaymentOrder",
    "Statement",
    "StatementLine",
]
