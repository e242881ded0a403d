"""What the actions of the configuration in force depend on, computed when it is first asked for."""

from collections.abc import Callable

from engine.events import ActionKey
from evals.autonomy.fingerprints import Fingerprint


class Stages:
    """Fingerprints by `ruleset/rule/action`, of those actions that can graduate."""

    def __init__(self, compute: Callable[[], dict[str, Fingerprint]]) -> None:
        self._compute = compute
        self._found: dict[str, Fingerprint] | None = None

    def all(self) -> dict[str, Fingerprint]:
        """Return every fingerprint."""
        if self._found is None:
            self._found = self._compute()
        return self._found

    def of(self, name: str) -> Fingerprint | None:
        """Return one fingerprint, None for an action that cannot graduate."""
        return self.all().get(name)

    def digest(self, key: ActionKey) -> str:
        """Return the digest of an action's fingerprint, "" for one that cannot graduate."""
        found = self.of(f"{key.ruleset}/{key.rule}/{key.action}")
        return found.digest if found else ""
