"""Control digits of bank details and tax numbers, by the rules of the Bank of Russia and the tax service."""

from __future__ import annotations

import re

_WEIGHTS = (7, 1, 3)
_INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_11 = (7, *_INN_10)
_INN_12 = (3, *_INN_11)


def account_fits_bank(account: str, bic: str) -> bool:
    """Return whether the control digit of a Russian account (20 digits) agrees with its bank's BIC (9 digits)."""
    if account.startswith("03") or bic.startswith("01"):
        return True  # accounts of the treasury have other rules
    branch = bic[6:9]
    # An account in a settlement centre, or of a bank there, is checked by the centre's number.
    is_centre = branch in ("000", "001", "002") or account.startswith("301")
    digits = ("0" + bic[4:6] if is_centre else branch) + account
    return sum(int(digit) * _WEIGHTS[place % 3] % 10 for place, digit in enumerate(digits)) % 10 == 0


def is_iban(account: str) -> bool:
    """Return whether the control digits of an IBAN without spaces are right."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", account):
        return False
    return int("".join(str(int(sign, 36)) for sign in account[4:] + account[:4])) % 97 == 1


def is_tax_number(number: str) -> bool:
    """Return whether the control digits of an INN of 10 or 12 digits are right."""
    if not re.fullmatch(r"[0-9]{10}|[0-9]{12}", number) or number.startswith("00"):
        return False

    def check(weights: tuple[int, ...]) -> bool:
        control = sum(weight * int(digit) for weight, digit in zip(weights, number, strict=False)) % 11 % 10
        return control == int(number[len(weights)])

    return check(_INN_10) if len(number) == 10 else check(_INN_11) and check(_INN_12)
