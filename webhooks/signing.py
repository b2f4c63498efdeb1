"""Signatures by Standard Webhooks: with the secret a receiver can verify that a message is ours and recent."""

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    """Return a random secret in the format of Standard Webhooks."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def signature_headers(secret: str, *, key: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers that sign `body` under the message's id `key`, sent at `timestamp` (Unix seconds)."""
    content = f"{key}.{timestamp}.".encode() + body
    digest = hmac.digest(base64.b64decode(secret.removeprefix(PREFIX)), content, hashlib.sha256)
    return {
        "webhook-id": key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
