"""Signatures as Standard Webhooks 1.0 makes them, for what comes in and what goes out.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hmac

STANDARD = "webhook"
"""What the three headers begin with."""
_PREFIX = "whsec_"


def standard_key(secret: str) -> bytes:
    """Return the bytes that a Standard Webhooks secret stands for."""
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return secret.encode()


def standard_signature(key: bytes, id: str, at: str, body: bytes) -> str:
    """Return the `v1` signature of a message."""
    mac = hmac.new(key, f"{id}.{at}.".encode() + body, "sha256").digest()
    return f"v1,{base64.b64encode(mac).decode()}"
