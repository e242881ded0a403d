"""All that a session knows as one value: to write down, to read back, and to go on under other rules.

Only what was told and what was decided is kept; everything derived is settled again. So a snapshot fits every version
of the rules, and changing the rules is reading a snapshot under new ones.
"""

from datetime import datetime
from typing import Any, Final

import msgspec

from engine.canonical import from_plain, to_plain
from engine.events import ActionKey
from engine.inference.state import Doubt, Unknown

_UNKNOWN: Final = 1
"""The MessagePack extension in which a value stands that is unresolved or faulty: its state and the reason."""


class PartMemory(msgspec.Struct, frozen=True, array_like=True):
    """One record's word on an entity."""

    record: str
    fields: dict[str, Any]
    version: str
    valid_at: Any
    recorded_at: datetime | None


class EntityMemory(msgspec.Struct, frozen=True, array_like=True):
    """One entity: its keys and what each record says."""

    type: str
    id: str
    keys: tuple[str, ...]
    parts: tuple[PartMemory, ...]


class ActivationMemory(msgspec.Struct, frozen=True, array_like=True):
    """One activation; `rule` and `subject` are where it stands at present, `key` names the episode for ever."""

    key: ActionKey
    rule: str
    subject: str
    episode: int
    proposal: str
    live: bool
    fired: bool
    true: bool
    ended: str
    false_since: datetime | None
    proposed_at: datetime | None
    until: datetime | None
    sent_at: datetime | None


class HoldMemory(msgspec.Struct, frozen=True, array_like=True):
    """A condition that is, or while it is held was, true, with what it concludes; should it be held it goes on so."""

    rule: str
    subject: str
    conclusions: dict[str, Any]


class AwaitMemory(msgspec.Struct, frozen=True, array_like=True):
    """A condition that waits for a source to have told up to then; `seed` since a first load or other rules."""

    rule: str
    subject: str
    since: datetime
    seed: bool = False


class SessionMemory(msgspec.Struct, frozen=True):
    """A whole session at a moment."""

    now: datetime
    entities: tuple[EntityMemory, ...]
    activations: tuple[ActivationMemory, ...]
    holds: tuple[HoldMemory, ...]
    cooling: dict[str, datetime]
    watermarks: dict[str, datetime]
    awaiting: tuple[AwaitMemory, ...] = ()
    last_words: dict[str, datetime] = {}
    format: int = 1


def encode(memory: SessionMemory) -> bytes:
    """Return the bytes of a snapshot; the same for the same state."""
    return msgspec.msgpack.encode(memory, enc_hook=_tag)


def decode(content: bytes) -> SessionMemory:
    """Return what a snapshot holds; raises msgspec.ValidationError when it is none."""
    return msgspec.msgpack.decode(content, type=SessionMemory, ext_hook=_untag)


def pack(value: Any) -> Any:  # noqa: ANN401  (a FEEL value)
    """Return a value that MessagePack keeps exactly."""
    return value if isinstance(value, Unknown) else to_plain(value)


def unpack(value: Any) -> Any:  # noqa: ANN401  (a FEEL value)
    """Undo `pack`."""
    return from_plain(value)


def _tag(value: Any) -> Any:  # noqa: ANN401  (a FEEL value)
    if isinstance(value, Unknown):
        return msgspec.msgpack.Ext(_UNKNOWN, msgspec.msgpack.encode((value.state, value.reason)))
    return to_plain(value)


def _untag(_code: int, data: memoryview) -> Unknown:
    state, reason = msgspec.msgpack.decode(data, type=tuple[Doubt, str])
    return Unknown(reason, state)
