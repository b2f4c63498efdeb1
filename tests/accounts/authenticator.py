"""An authenticator app, as tests need it."""

import time
from base64 import b32decode

from django_otp.oath import TOTP

STEP = 30  # seconds


def shown(secret: str, *, after: int = 0) -> str:
    """Return the six digits that an app with this secret shows, `after` steps from now."""
    code = TOTP(b32decode("".join(secret.split())))
    code.time = time.time() + after * STEP
    return f"{code.token():06}"
