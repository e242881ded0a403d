"""The durable memory: journal, decisions, actions and what runs the layer, on SQLite or PostgreSQL."""

from engine.store.errors import StoreUnavailable
from engine.store.migrate import upgrade
from engine.store.store import SqlStore, open_store

__all__ = ["SqlStore", "StoreUnavailable", "open_store", "upgrade"]
