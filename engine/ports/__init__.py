"""The ports: what the flow needs from the outside, and nothing of how it is done."""

from engine.ports.memory import (
    Database,
    Entry,
    EntryKind,
    Reader,
    Store,
    Stored,
    StoreUnavailable,
    Transaction,
)
from engine.ports.models import Answer, Ask, Model, ModelFailed
from engine.ports.systems import (
    Clock,
    Connector,
    Fetching,
    Mapped,
    Mapper,
    Operation,
    Page,
    Rejected,
    SourceDown,
)
from engine.ports.words import (
    Drafter,
    Drafting,
    DraftRequest,
    DraftText,
    Echoes,
    Proposals,
)

__all__ = [
    "Answer",
    "Ask",
    "Clock",
    "Connector",
    "Database",
    "DraftRequest",
    "DraftText",
    "Drafter",
    "Drafting",
    "Echoes",
    "Entry",
    "EntryKind",
    "Fetching",
    "Mapped",
    "Mapper",
    "Model",
    "ModelFailed",
    "Operation",
    "Page",
    "Proposals",
    "Reader",
    "Rejected",
    "SourceDown",
    "Store",
    "StoreUnavailable",
    "Stored",
    "Transaction",
]
