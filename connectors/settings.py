"""What every source declares in sources.yaml, whatever its connector; each connector adds its own in its own file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo
from pathlib import Path
from typing import Literal, TypeVar

from connectors.budget import Budgets
from connectors.hooks.settings import Webhook
from connectors.strict import Settings
from engine.events import Consequence
from engine.ports import Clock, Operation
from engine.source import ConfigError, Problem

T = TypeVar("T")

Idempotency = Literal["native_key", "upsert", "probe", "none"]
CONSEQUENCES: tuple[Consequence, ...] = ("none", "low", "medium", "high")


class SourceSettings(Settings, frozen=True, kw_only=True):
    """The keys that all sources share; durations are ISO 8601 (`PT5M`). `webhook`: what its system may send us."""

    connector: str
    every: timedelta = timedelta(minutes=5)
    stale_after: timedelta | None = None
    absence: Literal["waits", "assumed"] = "waits"
    order: int = 0
    write: bool = False
    timeout: timedelta = timedelta(seconds=30)
    timezone: str = ""
    webhook: Webhook | None = None


class StreamSettings(Settings, frozen=True, kw_only=True):
    """The keys that all streams share.

    `link`: FEEL over `key` (and `keys`, its parts) that gives the address of a record's page in its own system.
    """

    link: str = ""


class OperationSettings(Settings, frozen=True, kw_only=True):
    """What a declared write says of itself; what it does not say is taken as the most dangerous."""

    consequence: Consequence = "high"
    leaves_company: bool = True
    fields: Mapping[str, bool] = {}
    editable: tuple[str, ...] = ()
    recipient: str = ""
    body: str = ""
    record: str = ""
    idempotency: Idempotency = "none"

    def operation(self, name: str) -> Operation:
        """Return what the engine knows of this write; `name` is `source.operation`."""
        return Operation(
            name=name,
            consequence=self.consequence,
            idempotency=self.idempotency,
            leaves_company=self.leaves_company,
            fields=self.fields,
            editable=frozenset(self.editable),
            recipient=self.recipient,
            body=self.body,
            record=self.record,
        )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a connector is given besides its settings: the home folder for relative paths, the clock, the zone.

    `budgets`: shared by all sources of the company.
    """

    home: Path
    clock: Clock
    zone: tzinfo = UTC
    budgets: Budgets = field(default_factory=Budgets)


def build_all(parts: Mapping[str, Callable[[], T]]) -> dict[str, T]:
    """Build every part by name; raises ConfigError with the faults of all of them."""
    built: dict[str, T] = {}
    problems: list[Problem] = []
    for name, build in parts.items():
        try:
            built[name] = build()
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(tuple(problems))
    return built


def at_least(floor: Consequence, declared: Consequence) -> Consequence:
    """Return the graver of what code says and what YAML says."""
    return max(floor, declared, key=CONSEQUENCES.index)
