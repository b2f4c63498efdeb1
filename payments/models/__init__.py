from .accounts import BankAccount
from .orders import OrderFile, PaymentOrder
from .payments import Payment
from .statements import LearntPayee, Match, Statement, StatementLine

__all__ = [
    "BankAccount",
    "LearntPayee",
    "Match",
    "OrderFile",
    "Payment",
    "PaymentOrder",
    "Statement",
    "StatementLine",
]
