"""Per-person data keys: AES-256-GCM for bodies, wrapped under a key derived from the store's secret."""

import secrets
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.store.errors import StoreUnavailable, WrongSecret

SECRET_BYTES: Final = 32
_NONCE: Final = 12
_CACHED: Final = 50_000


class Sealed(NamedTuple):
    """A data key as the database holds it."""

    id: int
    person: str
    wrapped: bytes


class DataKey:
    """One person's key, unwrapped."""

    __slots__ = ("_cipher", "id")

    def __init__(self, id: int, key: bytes) -> None:
        self.id = id
        self._cipher = AESGCM(key)

    def seal(self, content: bytes, context: bytes) -> bytes:
        """Encrypt with a random nonce in front; `context` must be the same to open it."""
        return _seal(self._cipher, content, context)

    def open(self, content: bytes, context: bytes) -> bytes:
        """Decrypt; raises InvalidTag when content, key or context were changed."""
        return _open(self._cipher, content, context)


class KeyRing:
    """Wraps and unwraps data keys, and keeps the recently used ones in memory."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SECRET_BYTES:
            raise StoreUnavailable(f"The secret key must have at least {SECRET_BYTES} random bytes.")
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"opslayer person keys 1").derive(secret)
        self._wrapping = AESGCM(derived)
        self._known: dict[str, DataKey] = {}
        self._erasures = 0

    def new(self, person: str) -> bytes:
        """A fresh data key, wrapped."""
        return _seal(self._wrapping, secrets.token_bytes(32), _person_context(person))

    def unwrap(self, sealed: Sealed) -> DataKey:
        """The key for use; raises WrongSecret."""
        known = self._known.get(sealed.person)
        if known is not None and known.id == sealed.id:
            return known
        key = DataKey(sealed.id, self._opened(sealed))
        if len(self._known) >= _CACHED:
            self._known.clear()
        self._known[sealed.person] = key
        return key

    def handed(self, sealed: Sealed, to: "KeyRing") -> bytes:
        """The same key, wrapped under another ring's secret; raises WrongSecret."""
        return _seal(to._wrapping, self._opened(sealed), _person_context(sealed.person))  # noqa: SLF001  (of its kind)

    def opens(self, sealed: Sealed) -> bool:
        """Whether the secret is the right one."""
        try:
            self._opened(sealed)
        except WrongSecret:
            return False
        return True

    def _opened(self, sealed: Sealed) -> bytes:
        try:
            return _open(self._wrapping, sealed.wrapped, _person_context(sealed.person))
        except InvalidTag as fault:
            raise WrongSecret from fault

    def known(self, person: str) -> DataKey | None:
        """The key, if it is in memory."""
        return self._known.get(person)

    def forget(self) -> None:
        """Let go of every key, after an erasure or when a new key was not committed."""
        self._known.clear()

    def heed(self, erasures: int) -> None:
        """Forget when anyone, in any process, has erased since last time."""
        if erasures != self._erasures:
            self._erasures = erasures
            self.forget()


def _person_context(person: str) -> bytes:
    return f"opslayer person key 1/{person}".encode()


def _seal(cipher: AESGCM, content: bytes, context: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + cipher.encrypt(nonce, content, context)


def _open(cipher: AESGCM, content: bytes, context: bytes) -> bytes:
    return cipher.decrypt(content[:_NONCE], content[_NONCE:], context)
