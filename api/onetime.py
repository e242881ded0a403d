"""Sign-in links that work once, for whoever can read the output of the serving process."""

import secrets
import time
from collections.abc import Callable


class Links:
    """Unguessable tokens, kept in this process only, each used up by the first sign-in (seconds to live)."""

    def __init__(self, lifetime: float = 3600, clock: Callable[[], float] = time.monotonic) -> None:
        self._lifetime = lifetime
        self._clock = clock
        self._ends: dict[str, float] = {}

    def make(self) -> str:
        """Return a new token."""
        token = secrets.token_urlsafe(32)
        self._ends[token] = self._clock() + self._lifetime
        return token

    def valid(self, token: str) -> bool:
        """Whether the token would still sign somebody in."""
        return self._ends.get(token, 0) > self._clock()

    def use(self, token: str) -> bool:
        """Use the token up; False when it is unknown, used or too old."""
        return self._ends.pop(token, 0) > self._clock()
