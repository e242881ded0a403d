"""From when on a rule can be judged by the journal: a field that was not kept then cannot be read now."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from engine.inference.nodes import Slot
from engine.ports import Stored
from evals.diff.slicing import Slices


class Missing(msgspec.Struct, frozen=True):
    """The fields that a rule reads and that were not kept before a moment; None: they are not kept yet."""

    before: datetime | None
    fields: tuple[str, ...]

    def hides(self, at: datetime) -> bool:
        """Whether a decision of that moment cannot be judged."""
        return self.before is None or at < self.before


def missing(slices: Slices, rules: Iterable[str], coverage: Iterable[Stored]) -> dict[str, Missing]:
    """Return what each rule misses; a journal without coverage kept everything."""
    kept = [(each.recorded_at, frozenset((each.body or {}).get("fields", ()))) for each in coverage]
    found: dict[str, Missing] = {}
    for rule in rules:
        since = {_name(slot): _since(slot, slices, kept) for slot in slices.given(rule)} if kept else {}
        late = {name: at for name, at in since.items() if at is None or at > kept[0][0]}
        if late:
            moments = [at for at in late.values() if at is not None]
            never = len(moments) < len(late)
            found[rule] = Missing(None if never else max(moments), tuple(sorted(late)))
    return found


def _since(slot: Slot, slices: Slices, kept: list[tuple[datetime, frozenset[str]]]) -> datetime | None:
    """Return since when a field has been kept without a break, None when it is not kept at the end."""
    names = {_name(slot), _inverse(slot, slices)}
    since: datetime | None = None
    for at, fields in kept:
        since = (since or at) if names & fields else None
    return since


def _name(slot: Slot) -> str:
    return f"{slot[0]}.{slot[1]}"


def _inverse(slot: Slot, slices: Slices) -> str:
    field = slices.rulebook.model.entities[slot[0]].fields.get(slot[1])
    return f"{field.ref}.{field.inverse}" if field is not None and field.ref and field.inverse else ""
