"""Passwords: hashed with Argon2id (argon2-cffi's defaults, RFC 9106 low-memory profile)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 512


def hash_password(password: str) -> str:
    """Return the encoded hash with its salt and parameters."""
    return PasswordHasher().hash(password)


def matches(hash: str, password: str) -> bool:
    """Whether the password is the hashed one; an unset hash takes as long and never matches."""
    hasher = PasswordHasher()
    if not hash or len(password) > LONGEST:
        hasher.hash("as long as a real one")
        return False
    try:
        return hasher.verify(hash, password)
    except (VerificationError, InvalidHashError):
        return False


def too_weak(password: str) -> str:
    """Return what is wrong with a new password, "" when nothing."""
    if len(password) < SHORTEST:
        return f"A password has at least {SHORTEST} characters."
    return f"A password has at most {LONGEST} characters." if len(password) > LONGEST else ""
