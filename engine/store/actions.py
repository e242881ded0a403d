"""Decisions and actions: compare and set, what is due, leases, and what counts against caps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, or_, select, update

from engine.events import Action, Decision, HistoryItem
from engine.memory import ActionVersion
from engine.store.codec import decode, encode
from engine.store.schema import action_versions, actions, decisions
from engine.store.work import Work

LIVE: Final = ("proposed", "pending", "approved", "scheduled", "sending", "unknown")
_OPEN: Final = ("proposed", "pending")
_WAITING: Final = ("approved", "scheduled")

_ID: Final = actions.c.id == bindparam("was_id")
_DOCUMENT: Final = select(actions.c.document).where(_ID)
_ANOTHER_VERSION: Final = update(actions).where(
    _ID, actions.c.version == bindparam("was_version"), actions.c.state == bindparam("was_state")
)
_SAME_VERSION: Final = _ANOTHER_VERSION.where(actions.c.digest == bindparam("was_digest"))
_MAY_START: Final = or_(
    actions.c.state.in_(_WAITING), and_(actions.c.state == "sending", actions.c.due_at <= bindparam("at"))
)
_TAKE: Final = _SAME_VERSION.where(_MAY_START)
_FREE: Final = (
    select(actions.c.document)
    .where(_ID, actions.c.version == bindparam("was_version"), actions.c.digest == bindparam("was_digest"))
    .where(actions.c.state == bindparam("was_state"), _MAY_START)
    .with_for_update()
)


class Actions(Work):
    """The tables between the engine and the outside."""

    async def put_decision(self, decision: Decision, seq: int) -> None:
        """See ports.Transaction. The same decision again changes nothing."""
        values = {
            "id": decision.id,
            "seq": seq,
            "proposal": decision.proposal,
            "ruleset": decision.key.ruleset,
            "rule": decision.key.rule,
            "subject": decision.key.subject,
            "group_key": decision.gathered,
            "document": encode(decision),
        }
        await self._insert_new(decisions, values)

    async def put_action(self, action: Action, expect_version: int | None, expect_state: str | None) -> bool:
        """See ports.Transaction. A payload never changes under its version: that is False too."""
        if expect_version is None and expect_state is None:
            stored = await self._insert_new(actions, _row(action) | {"worker": "", "due_at": _due(action)})
        else:
            stored = await self._replace(action, expect_version, expect_state)
        if stored and action.version != expect_version:
            await self._insert_new(action_versions, _version_row(action, self._context.clock.now()))
        return stored

    async def _replace(self, action: Action, version: int | None, state: str | None) -> bool:
        values = _row(action) | {"was_id": action.id, "was_version": version, "was_state": state}
        if action.state != "sending":  # which keeps its lease
            values |= {"worker": "", "due_at": _due(action)}
        if action.version != version:
            return (await self._run(_ANOTHER_VERSION, values)).rowcount == 1
        return (await self._run(_SAME_VERSION, values | {"was_digest": action.digest})).rowcount == 1

    async def action(self, id: str) -> Action | None:
        """See ports.Transaction."""
        document = (await self._run(_DOCUMENT, {"was_id": id})).scalar()
        return None if document is None else decode(document, Action)

    async def due_actions(self, now: datetime, limit: int) -> Sequence[Action]:
        """See ports.Transaction. The longest due first."""
        return await self._actions(actions.c.due_at <= now, order=actions.c.due_at, limit=limit)

    async def late_actions(self, now: datetime) -> Sequence[Action]:
        """See ports.Transaction."""
        return await self._actions(actions.c.expires_at <= now, order=actions.c.expires_at)

    async def claim(self, action: Action, worker: str, until: datetime) -> Action | None:
        """See ports.Transaction. A lease that has not ended is somebody else's."""
        now = self._context.clock.now()
        mine = {"was_id": action.id, "was_version": action.version, "was_state": action.state}
        mine |= {"was_digest": action.digest, "at": now}
        document = (await self._run(_FREE, mine)).scalar()
        if document is None:
            return None
        stored = decode(document, Action)
        history = (*stored.history, HistoryItem(now, "sending", worker))
        taken = msgspec.structs.replace(stored, state="sending", history=history)
        values = _row(taken) | {"worker": worker, "due_at": until, "started_at": now}
        return taken if (await self._run(_TAKE, mine | values)).rowcount == 1 else None

    async def started(self, since: datetime, *, policy: str = "", recipient: str = "") -> Sequence[Action]:
        """See ports.Transaction."""
        wanted: list[ColumnElement[bool]] = [actions.c.started_at >= since]
        wanted += [actions.c.policy == policy] if policy else []
        wanted += [actions.c.recipient == recipient] if recipient else []
        return await self._actions(*wanted, order=actions.c.started_at)

    async def live_actions(self, *, proposal: str = "", subject: str = "", beside: str = "") -> Sequence[Action]:
        """See ports.Transaction. An action bears the id of its proposal."""
        wanted: list[ColumnElement[bool]] = [actions.c.state.in_(LIVE)]
        wanted += [actions.c.id == proposal] if proposal else []
        wanted += [actions.c.subject == subject] if subject else []
        if beside:
            own = select(decisions.c.group_key).where(decisions.c.proposal == beside, decisions.c.group_key != "")
            wanted.append(actions.c.id.in_(select(decisions.c.proposal).where(decisions.c.group_key.in_(own))))
        return await self._actions(*wanted, order=actions.c.position)

    async def proposed(self, ids: Sequence[str]) -> Sequence[Decision]:
        """See ports.Transaction."""
        documents = (await self._run(select(decisions.c.document).where(decisions.c.id.in_(ids)))).scalars()
        found = {each.id: each for each in (decode(document, Decision) for document in documents)}
        return [found[id] for id in ids if id in found]

    async def _actions(
        self, *wanted: ColumnElement[bool], order: ColumnElement[Any], limit: int | None = None
    ) -> list[Action]:
        statement = select(actions.c.document).where(*wanted).order_by(order).limit(limit)
        return [decode(document, Action) for document in (await self._run(statement)).scalars()]


def _row(action: Action) -> dict[str, Any]:
    return {
        "id": action.id,
        "state": action.state,
        "version": action.version,
        "digest": action.digest,
        "expires_at": action.expires_at if action.state in _OPEN else None,
        "subject": action.key.subject,
        "policy": action.policy,
        "recipient": action.recipient,
        "document": encode(action),
    }


def _due(action: Action) -> datetime | None:
    return (action.not_before or action.created_at) if action.state in _WAITING else None


def _version_row(action: Action, at: datetime) -> Mapping[str, Any]:
    version = ActionVersion(
        action=action.id,
        version=action.version,
        digest=action.digest,
        at=at,
        operation=action.operation,
        recipient=action.recipient,
        payload=action.payload,
        draft=action.draft,
    )
    row = {name: getattr(version, name) for name in ("action", "version", "digest", "at")}
    return row | {"document": encode(version)}
