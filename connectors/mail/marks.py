"""How our own mail is recognised: its Message-ID follows from the idempotency key, which it also carries."""

import hashlib

KEY_HEADER = "X-Opslayer-Key"


def message_id(key: str, domain: str) -> str:
    """Return the Message-ID, without brackets, of the mail that is sent under this key."""
    return f"{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}.opslayer@{domain}"


def is_own(identifier: str, key: str) -> bool:
    """Whether a message that carries this key has the Message-ID that follows from it."""
    return bool(key) and identifier == message_id(key, identifier.rpartition("@")[2])
