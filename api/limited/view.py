"""The whole of the limited layer: what it filters, what is the company's and shared, and nothing else."""

from typing import Any, Final

from api.limited.acting import Acting
from api.limited.governing import Governing

SHARED: Final = frozenset({
    # settings of the running layer
    "called", "clock", "company", "follows", "language", "leases", "limits", "mcp", "minutes", "timezone",
    # the company's records, who is who, and what is wrong with the sources
    "customer_parts", "find", "holder", "labels", "folded", "ingest", "sync", "hear", "heed", "subscribe", "sources",
    "quarantine", "retry", "drop", "merge", "split", "keep_apart",
    # the condition of the layer as a whole: it names no ruleset, customer or action
    "head", "measures", "ready", "spend", "verify", "trust", "advance_clock", "next_moment",
    # what asks by itself who the actor is
    "queue", "ranking", "set_away", "bundles", "load_bundle", "upload_bundle", "activate_bundle", "rollback_bundle",
    "release_bundle",
    # people, keys and settings of the web
    "people", "people_now", "operation", "authenticate", "create_key", "denied", "keys", "password_hash",
    "preference", "revoke_key", "set_password_hash", "set_preference",
    # whoever holds the token of a mail
    "asked", "decide_by_link",
})  # fmt: skip
BY_ITSELF: Final = frozenset({
    "anchor", "catch_up", "dispatch", "expire", "index", "mail_reports", "resolve", "stirred", "tick", "warm",
    "watch_drift",
})  # fmt: skip
"""What the layer does by itself and no request asks for."""


class Limited(Acting, Governing):
    """api.facade.Layer, for somebody whose roles are for some rulesets; what is not named here is refused."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever the layer has under this name)
        if name in SHARED:
            return getattr(self._layer, name)
        msg = f"`{name}` is not for requests of somebody who is limited to some rulesets"
        raise AttributeError(msg)
