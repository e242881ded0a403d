"""What trying to decide may come to; each case is a struct, none is an exception."""

from datetime import datetime
from typing import Any

import msgspec

from engine.events import Action
from engine.source.problem import Problem


class Decided(msgspec.Struct, frozen=True, tag=True):
    """The verdict counts; the action is in its next state. `replayed`: the idempotency key was known."""

    action: Action
    replayed: bool = False


class AlreadyDecided(msgspec.Struct, frozen=True, tag=True):
    """Somebody was faster, or the action is beyond deciding."""

    action: Action
    by: str
    at: datetime


class Difference(msgspec.Struct, frozen=True):
    """One payload key that is not as it was shown."""

    key: str
    shown: Any
    current: Any


class StaleDigest(msgspec.Struct, frozen=True, tag=True):
    """The digest is not the current version's; `differences` tell what changed since it was shown."""

    action: Action
    differences: tuple[Difference, ...] = ()


class NotThisPerson(msgspec.Struct, frozen=True, tag=True):
    """The person may not decide this action, e.g. wrong ruleset, amount limit, four eyes."""

    reason: str


class NotEditable(msgspec.Struct, frozen=True, tag=True):
    """The edit touches what may not be edited, or its words fail the guards."""

    problems: tuple[Problem, ...]


class BadVerdict(msgspec.Struct, frozen=True, tag=True):
    """The verdict makes no sense, e.g. delegation to nobody known, a snooze into the past, a key used for another."""

    problems: tuple[Problem, ...]


class UnknownAction(msgspec.Struct, frozen=True, tag=True):
    """No action has this id."""

    id: str


DecideResult = Decided | AlreadyDecided | StaleDigest | NotThisPerson | NotEditable | BadVerdict | UnknownAction
