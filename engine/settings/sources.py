"""The source systems as config/sources.yaml states them."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import msgspec

from engine.events import Consequence
from engine.source.expression import Expression
from engine.source.kinds import Duration, Name
from engine.source.problem import Place

Idempotency = Literal["native_key", "upsert", "probe", "none"]


class OperationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One write that the source offers to rules; `options` is all of it, as its connector reads it."""

    title_in_messages: ClassVar[str] = "operation"
    rest_field: ClassVar[str] = "options"

    consequence: Consequence | None = None
    """How much harm a wrong one does; raises what the connector says, never lowers it."""
    idempotency: Idempotency | None = None
    """How a repeated write is recognised."""
    leaves_company: bool | None = None
    """Whether somebody outside the company sees the effect."""
    fields: dict[str, bool] = {}
    """The payload's keys; true where a value is required."""
    editable: tuple[str, ...] = ()
    """Payload keys that a person may change before approving."""
    recipient: str = ""
    """The payload key that says who receives it."""
    body: str = ""
    """The payload key that holds drafted words."""
    record: str = ""
    """The payload key that holds the key of the record that is changed, where the answer names none."""
    reference: str = ""
    """The key of the answer that names the new record."""
    options: dict[str, Any] = {}
    place: Place = Place("")


class StreamSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One table, collection or file of the source; `options` is all of it, as its connector reads it."""

    title_in_messages: ClassVar[str] = "stream"
    rest_field: ClassVar[str] = "options"

    key: str | tuple[str, ...] = ()
    """The column or columns that name a record."""
    fields: tuple[str, ...] = ()
    """The columns that are read; when given, mappings may use no others."""
    rows: dict[str, Any] = {}
    """Lists that are read with each record and stand beside its columns, by name, as the connector reads them."""
    deleted: Expression | None = None
    """True of a record that says its entity is gone."""
    link: Expression | None = None
    """The address of a record's page in its own system: FEEL over `key`, and `keys`, its parts."""
    visible: Expression | None = None
    """The moment from which a record may be seen; for replaying files as if they were live."""
    options: dict[str, Any] = {}
    place: Place = Place("")


_PUSHES = "webhook"
"""The connector that reads nothing."""


class SourceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One source system; `options` is all of it, as its connector reads it."""

    title_in_messages: ClassVar[str] = "source"
    key_field: ClassVar[str] = "name"
    rest_field: ClassVar[str] = "options"

    name: str = ""
    connector: Name
    """The kind of connector: sql, http, files, mail ..."""
    every: Duration = "PT5M"
    """How often changes are read."""
    stale_after: Duration | None = None
    """Not heard for so long, the source raises an alarm and what it told is unresolved; `max_age` is of one field."""
    absence: Literal["waits", "assumed"] = "waits"
    """`assumed`: what it has not told is not there; `waits`: that is said once it has told all up to then."""
    order: int = 100
    """Sources are read in this order, lower first."""
    write: bool = False
    """Whether operations may be performed at all."""
    streams: dict[str, StreamSettings] = {}
    """What is read."""
    operations: dict[Name, OperationSettings] = {}
    """What may be written."""
    options: dict[str, Any] = {}
    place: Place = Place("")

    @property
    def told(self) -> Mapping[str, StreamSettings]:
        """The streams that are read, and those that its webhook sends."""
        section = self.options.get("webhook")
        sent = section.get("streams") if isinstance(section, Mapping) else None
        parts = {name: each for name, each in (sent or {}).items() if isinstance(each, Mapping)}
        told = {name: StreamSettings(fields=tuple(each.get("fields", ()))) for name, each in parts.items()}
        return {**told, **self.streams}

    @property
    def pushed(self) -> bool:
        """Whether its system alone tells, so that nobody ever says up to when all has been told."""
        return self.connector == _PUSHES or not self.streams


class Sources(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All source systems by name."""

    format: Literal[1] = 1
    """The version of this file's form."""
    sources: dict[Name, SourceSettings] = {}
    """The source systems by name."""
    place: Place = Place("")


BUILT_IN: Mapping[str, Mapping[str, OperationSettings]] = {
    "mail": {
        "send": OperationSettings(
            consequence="medium",
            idempotency="none",
            leaves_company=True,
            fields={"to": True, "subject": True, "text": True, "in_reply_to": False},
            editable=("subject", "text"),
            recipient="to",
            body="text",
        )
    }
}
"""Operations that a kind of connector brings along, by connector."""
