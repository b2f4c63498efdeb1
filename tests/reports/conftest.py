from ..payments.conftest import accountant, as_accountant, as_specialist, claim, may, payments, specialist

__all__ = ["accountant", "as_accountant", "as_specialist", "claim", "may", "payments", "specialist"]
