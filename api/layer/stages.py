"""What the actions of the configuration in force depend on, computed when it is first asked for."""

from collections.abc import Callable, Mapping

from engine.events import ActionKey
from evals.autonomy.fingerprints import Fingerprint, Observed


class Stages:
    """Fingerprints by `ruleset/rule/action`, of those actions that can graduate."""

    def __init__(
        self, compute: Callable[[Observed], dict[str, Fingerprint]], observed: dict[str, dict[str, str]]
    ) -> None:
        self._compute = compute
        self._observed = observed
        self._found: dict[str, Fingerprint] | None = None

    def observe(self, route: str, provider: str, model: str) -> None:
        """Take in which model answered: another one than before is another thing that actions depend on."""
        known = self._observed.setdefault(route, {})
        if model and known.get(provider) != model:
            known[provider] = model
            self._found = None

    @property
    def observed(self) -> Observed:
        """The model that answered last, by route and provider."""
        return self._observed

    def all(self) -> Mapping[str, Fingerprint]:
        """Return every fingerprint."""
        if self._found is None:
            self._found = self._compute(self._observed)
        return self._found

    def of(self, name: str) -> Fingerprint | None:
        """Return one fingerprint, None for an action that cannot graduate."""
        return self.all().get(name)

    def digest(self, key: ActionKey) -> str:
        """Return the digest of an action's fingerprint, "" for one that cannot graduate."""
        found = self.of(f"{key.ruleset}/{key.rule}/{key.action}")
        return found.digest if found else ""
