"""Comparing the stored actions with their digests: in the row, in the versions, and in the journal."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.canonical import action_digest
from engine.events import Action
from engine.source.problem import Problem
from engine.store.codec import decode
from engine.store.schema import action_versions, actions

_PAGE: Final = 500
_SAME: Final = and_(action_versions.c.action == actions.c.id, action_versions.c.version == actions.c.version)
_WANTED: Final = select(actions, action_versions.c.digest.label("kept")).select_from(
    actions.outerjoin(action_versions, _SAME)
)


async def check_actions(
    connection: AsyncConnection, digests: Mapping[str, str], erasures: Mapping[str, int]
) -> Sequence[Problem]:
    """Return the actions that are not what their digest says; `digests` is what the journal said last of each."""
    problems: list[Problem] = []
    async for row in _rows(connection):
        if row.kept is None and row.subject in erasures:
            continue
        faults = [*_faults(row, digests.get(row.id))]
        if faults:
            message = f"action {row.id} was tampered with: {'; '.join(faults)}"
            problems.append(Problem("action-altered", message, hint="do not send it; find out who could write here"))
    return problems


async def _rows(connection: AsyncConnection) -> AsyncIterator[Row[Any]]:
    after = 0
    while rows := (
        await connection.execute(_WANTED.where(actions.c.position > after).order_by(actions.c.position).limit(_PAGE))
    ).all():
        for row in rows:
            yield row
        after = rows[-1].position


def _faults(row: Row[Any], journaled: str | None) -> Iterator[str]:
    try:
        action = decode(row.document, Action)
    except ValueError:
        yield "it cannot be read"
        return
    if action_digest(action.id, action.operation, action.bound) != action.digest:
        yield "its payload does not have its digest"
    if (row.id, row.state, row.version, row.digest) != (action.id, action.state, action.version, action.digest):
        yield "its columns say something else than its document"
    if row.kept != row.digest:
        yield f"version {row.version} was kept with another digest"
    if journaled is not None and journaled != row.digest:
        yield "the journal knows another digest"
