from .accounts import BankAccount
from .payments import Payment
from .statements import LearntPayee, Match, Statement, StatementLine

__all__ = ["BankAccount", "LearntPayee", "Match", "Payment", "Statement", "StatementLine"]
