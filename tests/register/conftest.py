from ..claims.conftest import (
    accountant,
    administrator,
    as_accountant,
    as_administrator,
    as_specialist,
    claim,
    htmx,
    specialist,
)

__all__ = [
    "accountant",
    "administrator",
    "as_accountant",
    "as_administrator",
    "as_specialist",
    "claim",
    "htmx",
    "specialist",
]
