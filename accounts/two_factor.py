"""The second step of signing in: a code of an authenticator app, or a recovery code where the phone is lost.

A person has it switched on while they have a `TOTPDevice` of django-otp, which lets the phone's clock be one step
(half a minute) wrong, takes no code twice, and after each wrong one waits twice as long as before.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b32encode
from collections.abc import Iterator
from datetime import datetime
from math import ceil

import segno
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from claims_crm.errors import BusinessRuleError
from claims_crm.models import Company

from .models import RecoveryCode, Session, User

RECOVERY_CODES = 10
DIGITS = 6


class WrongCode(Exception):
    """The code is not one that is good now. Its text tells the person what to do."""

    def __init__(self) -> None:
        super().__init__(_("The code does not fit. Take the one that the app shows now."))


class TooManyCodes(WrongCode):
    """So many codes were wrong that the next one is looked at after `until` only."""

    def __init__(self, until: datetime) -> None:
        seconds = max(1, ceil((until - timezone.now()).total_seconds()))
        text = ngettext(
            "Too many wrong codes. Try again in %(count)s second.",
            "Too many wrong codes. Try again in %(count)s seconds.",
            seconds,
        )
        Exception.__init__(self, text % {"count": seconds})


def device_of(user: User) -> TOTPDevice | None:
    """Return the user's authenticator app; None where two-factor is off."""
    return TOTPDevice.objects.filter(user=user).first()


def is_on(user: User) -> bool:
    return TOTPDevice.objects.filter(user=user).exists()


def is_required_of(user: User) -> bool:
    """Return whether the company requires it of the user. Costs no query."""
    match Company.current().two_factor:
        case Company.TwoFactor.EVERYONE:
            return True
        case Company.TwoFactor.ADMINISTRATORS:
            return user.is_staff
    return False


# switching on and off


def new_key() -> str:
    """Return a new secret to share with the app, in hex."""
    return random_hex(20)


def spelled(key: str) -> str:
    """Return the secret as it is typed into an app by hand: «ABCD EFGH …»."""
    return " ".join(_in_fours(b32encode(bytes.fromhex(key)).decode()))


def picture(user: User, key: str) -> str:
    """Return the secret as a QR code, an <svg>."""
    code = segno.make(TOTPDevice(user=user, key=key).config_url, error="m")
    return code.svg_inline(omitsize=True, border=2, light="#fff", dark="#000", svgclass=None, lineclass=None)


@transaction.atomic
def switch_on(user: User, *, key: str, code: str) -> list[str]:
    """Ask the user for a code from now on. Return the recovery codes, which are shown once.

    Raises WrongCode if `code` is not what an app with this `key` shows.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if is_on(user):
        raise BusinessRuleError(_("Two-factor sign-in is on already."))
    if not TOTPDevice(user=user, name=user.username, key=key).verify_token(_typed(code)):
        # What the library has saved of it is taken back with the transaction.
        raise WrongCode
    return renew_recovery_codes(user)


@transaction.atomic
def switch_off(user: User) -> None:
    TOTPDevice.objects.filter(user=user).delete()
    user.recovery_codes.all().delete()


@transaction.atomic
def reset(user: User) -> None:
    """Switch it off for who has lost phone and codes. All their sessions end, as others may have the phone."""
    switch_off(user)
    Session.objects.filter(user=user).sign_out()


@transaction.atomic
def renew_recovery_codes(user: User) -> list[str]:
    """Return new recovery codes; the old ones are no longer good."""
    codes = ["-".join(_in_fours(b32encode(secrets.token_bytes(10)).decode().lower())) for _ in range(RECOVERY_CODES)]
    user.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(_typed(code))) for code in codes)
    return codes


# signing in


def use_code(user: User, code: str) -> None:
    """Use up a code of the user's app, or a recovery code. Raises WrongCode; what it counts is kept."""
    if not _accept(user, code):
        raise WrongCode


@transaction.atomic
def _accept(user: User, code: str) -> bool:
    """Return whether the code is valid. The device's row is the lock: one code sent twice at once is valid once."""
    device = TOTPDevice.objects.select_for_update().get(user=user)
    is_allowed, why = device.verify_is_allowed()
    if not is_allowed:
        raise TooManyCodes(why["locked_until"])
    typed = _typed(code)
    if len(typed) == DIGITS:
        return device.verify_token(typed)
    if RecoveryCode.objects.filter(user=user, digest=_digest(typed)).delete()[0]:
        device.throttle_reset()
        return True
    device.throttle_increment()
    return False


def _typed(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()


def _digest(code: str) -> str:
    """A code is 80 random bits, so there is nothing to guess and a quick digest is as good as a slow one."""
    return hashlib.sha256(code.encode()).hexdigest()


def _in_fours(text: str) -> Iterator[str]:
    return (text[start : start + 4] for start in range(0, len(text), 4))
