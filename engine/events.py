"""The arrows of the flow: one frozen struct for each thing that passes from one stage to the next.

    Record -> ChangeEvent -> Decision -> Action (with Draft) -> Verdict -> Receipt -> Outcome

Values inside are FEEL values (see `engine.feel`); everything here is JSON after `engine.feel.to_json`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One row, document or message as its source system holds it.

    `version` is the source's own (ETag, row version), `valid_at` the source's time of the change (aware),
    `event_id` the dedupe key within the source, `origin` where it was read ("invoices.csv:17").
    """

    source: str
    stream: str
    key: str
    data: Mapping[str, Any]
    version: str = ""
    valid_at: datetime | None = None
    deleted: bool = False
    event_id: str = ""
    origin: str = ""

    @property
    def address(self) -> str:
        """`source/stream/key`, unique in the company."""
        return f"{self.source}/{self.stream}/{self.key}"


class ChangeEvent(msgspec.Struct, frozen=True, kw_only=True):
    """All that one record says of one entity, after mapping and identity; replaces what it said before.

    `keys` are the names by which references may point at the entity: its record addresses and `scheme:value`
    identifiers. `fields` holds only kept fields; a reference field holds such a key.
    """

    entity: str
    id: str
    record: str
    fields: Mapping[str, Any]
    keys: tuple[str, ...] = ()
    version: str = ""
    valid_at: datetime | None = None
    deleted: bool = False


class Watermark(msgspec.Struct, frozen=True, tag=True):
    """A source has told everything it knew up to `at`."""

    source: str
    at: datetime


class Merge(msgspec.Struct, frozen=True, tag=True):
    """Two entities are one: the records and keys of `other` pass to `id`."""

    entity: str
    id: str
    other: str


class Split(msgspec.Struct, frozen=True, tag=True):
    """Records leave an entity and form `other`; undoes a merge."""

    entity: str
    id: str
    other: str
    records: tuple[str, ...]


class ActionChange(msgspec.Struct, frozen=True, tag=True):
    """The life of a proposal as the engine needs to know it: sent, rejected, expired ...; `reason` is a code.

    Of an action that carries out several, `joined` names them, and `proposal` the one that it is called by.
    """

    proposal: str
    state: str
    at: datetime
    by: str = ""
    reason: str = ""
    joined: tuple[str, ...] = ()


class ActionKey(msgspec.Struct, frozen=True, order=True):
    """What an action is about; at most one live proposal for each key. `subject` is `type:id`."""

    ruleset: str
    rule: str
    action: str
    subject: str

    def __str__(self) -> str:
        return f"{self.ruleset}/{self.rule}/{self.action}/{self.subject}"


class Joined(msgspec.Struct, frozen=True):
    """One of several decisions that one action carries out: the proposal, what it is about, and why."""

    proposal: str
    key: ActionKey
    because: str = ""


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a fact came from: the record, its version and its two times."""

    record: str
    version: str = ""
    valid_at: datetime | None = None
    recorded_at: datetime | None = None


class Proof(msgspec.Struct, frozen=True, omit_defaults=True):
    """A proof tree: a statement, its value, and what it rests on.

    `kind`: `action`, `rule`, `field` (given by a source), `derived`, `concluded`, `aggregate`, `time`.
    `path` is `type:id.field`; leaves carry their `source`. `omitted` counts reasons left out for length.
    """

    kind: str
    path: str
    value: Any = None
    text: str = ""
    source: Source | None = None
    rule: str = ""
    reasons: tuple["Proof", ...] = ()
    omitted: int = 0


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine decided: to propose an action, to withdraw one or let it expire, or to ask a person about it.

    `id` is a digest of key, episode and kind, so a replay gives the same one; `proposal` is the id of the
    proposing decision and names the episode for ever. `inputs` are the evaluated `with` values. Those that name a
    `group` are gathered for the account `root`; `joined` are the members of what they became.
    """

    id: str
    kind: Literal["propose", "withdraw", "expire", "ask"]
    proposal: str
    key: ActionKey
    at: datetime
    revision: str
    because: str
    operation: str = ""
    inputs: Mapping[str, Any] = {}
    draft: str = ""
    policy: str = ""
    valid_until: datetime | None = None
    group: str = ""
    root: str = ""
    joined: tuple[Joined, ...] = ()
    proof: Proof

    @property
    def gathered(self) -> str:
        """What decisions of one group have in common: ruleset, group and account; "" for one by itself."""
        return f"{self.key.ruleset}/{self.group}/{self.root}" if self.group else ""

    @property
    def ended(self) -> str:
        """The state that a withdrawing or expiring decision leads to."""
        return "expired" if self.kind == "expire" else "withdrawn"


Consequence = Literal["none", "low", "medium", "high"]
ActionState = Literal[
    "proposed", "pending", "approved", "scheduled", "sending", "sent", "unknown", "failed",
    "withdrawn", "rejected", "expired",
]  # fmt: skip


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Words for an action: `template` still has its typed slots, `text` has them filled from facts.

    `origin` is `template`, `model:NAME` or `person:ID`; `guards` lists what the guards found in refused attempts;
    `prompt` is the prompt's file.
    """

    subject: str = ""
    template: str
    text: str
    slots: Mapping[str, str]
    language: str = "en"
    origin: str = "template"
    guards: tuple[str, ...] = ()
    prompt: str = ""


class HistoryItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step in the life of an action; `code` classes a rejection (approvals/reasons.py)."""

    at: datetime
    state: str
    by: str
    reason: str = ""
    code: str = ""


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """An action spec on its way: what will be done, where, with which words, and how far it has come.

    `digest` is the SHA-256 of the canonical payload as shown; `version` counts payloads from 1. `root` is the account
    (`type:id`) that the subject belongs to, `group` what the rule collects for one account, `joined` the decisions of a
    group that it carries out.
    """

    id: str
    key: ActionKey
    state: ActionState
    version: int
    digest: str
    operation: str
    consequence: Consequence
    payload: Mapping[str, Any]
    draft: Draft | None = None
    proof: Proof
    because: str = ""
    policy: str = ""
    revision: str = ""
    created_at: datetime
    expires_at: datetime | None = None
    not_before: datetime | None = None
    recipient: str = ""
    root: str = ""
    group: str = ""
    joined: tuple[Joined, ...] = ()
    history: tuple[HistoryItem, ...] = ()

    @property
    def keys(self) -> tuple[ActionKey, ...]:
        """What it is about: one key, or those of all decisions that it carries out."""
        return tuple(each.key for each in self.joined) or (self.key,)

    @property
    def bound(self) -> Mapping[str, Any]:
        """What the digest binds: the payload, and of a group its members."""
        return {**self.payload, "#joined": [each.proposal for each in self.joined]} if self.joined else self.payload


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A person's word on one version of an action.

    `code` classes why it is rejected; `to` is a colleague (delegate), or a duration or moment (snooze).
    """

    action: str
    verdict: Literal["approve", "edit", "reject", "delegate", "snooze"]
    digest: str
    by: str
    channel: Literal["web", "api", "cli", "link", "mcp", "bulk"]
    at: datetime
    reason: str = ""
    code: str = ""
    edit: Mapping[str, Any] | None = None
    to: str = ""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a target system answered to a write.

    `result`: `ok`, `rejected` (never will), `conflict` (the record moved), `throttled` (try later),
    `unavailable` (surely not done, try later), `deferred` (not asked at all yet: the source's own limits leave no room;
    no attempt), `uncertain` (may have happened: look it up, never repeat blindly).
    """

    result: Literal["ok", "rejected", "conflict", "throttled", "unavailable", "deferred", "uncertain"]
    reference: str = ""
    link: str = ""
    version: str = ""
    detail: str = ""
    retry_after: float = 0.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a sent action by its horizon."""

    proposal: str
    result: Literal["good", "bad", "open"]
    at: datetime
    because: str = ""
