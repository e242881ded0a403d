"""Calls as the journal holds them, taken again without any provider: what was asked, what came back, what it is now."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from approvals.models.answers import held
from approvals.models.prompts import digest
from engine.ports import Ask, ModelFailed, Reader, Stored

_PAGE = 500


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One call; `ask` is None where an entry does not hold it, `erased` when it was about somebody erased since."""

    seq: int
    at: datetime
    about: tuple[str, ...] = ()
    step: str = ""
    provider: str = ""
    model: str = ""
    prompt: str = ""
    result: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: str = "0"
    latency_ms: int = 0
    answer: str = ""
    detail: str = ""
    ask: Ask | None = None
    erased: bool = False


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What a recorded call comes to now: `same` as then, or `now` and why; without its question only told."""

    call: Recorded
    same: bool
    now: str
    value: Mapping[str, Any] | None = None
    why: str = ""


def recorded(entry: Stored) -> Recorded:
    """Return the call that an entry of the journal holds."""
    body = dict(entry.body or {})
    asked = body.pop("asked", None)
    about = tuple(each for each in entry.subjects if not each.startswith("llm:"))
    told = {name: value for name, value in body.items() if name in Recorded.__struct_fields__}
    ask = None if asked is None else msgspec.convert(asked, Ask)
    return Recorded(seq=entry.seq, at=entry.recorded_at, about=about, ask=ask, erased=entry.body is None, **told)


async def calls(reader: Reader, *, about: str = "", step: str = "") -> AsyncIterator[Recorded]:
    """Yield the recorded calls, oldest first; `about` a subject, such as `action:ID` or `customer:C1`."""
    after = 0
    while page := await reader.entries(after, subject=about, kinds=("llm",), limit=_PAGE):
        for call in map(recorded, page):
            if step in ("", call.step):
                yield call
        after = page[-1].seq


def replayed(call: Recorded) -> Replayed:
    """Answer a call again from what was recorded: the same question and answer, held against its form as of now."""
    if call.erased or call.ask is None:
        return Replayed(call=call, same=call.erased, now="erased" if call.erased else "", why=_UNTOLD[call.erased])
    if digest(call.ask) != call.prompt:
        return Replayed(call=call, same=False, now="changed", why="the question is not the one whose digest was kept")
    if call.result not in ("ok", "invalid"):  # refused, cut off or never answered: there is nothing to hold
        return Replayed(call=call, same=True, now=call.result)
    try:
        value = held(call.provider, call.answer, call.ask.schema)
    except ModelFailed as failure:
        return Replayed(call=call, same=call.result == failure.kind, now=failure.kind, why=str(failure))
    return Replayed(call=call, same=call.result == "ok", now="ok", value=value)


_UNTOLD = {True: "about somebody who was erased", False: "its question was not kept"}
