"""One journal entry as a sentence for people."""

from collections.abc import Callable, Mapping
from typing import Any

from api.views import TimelineItem
from engine.inference.words import say
from engine.ports import Stored

Body = Mapping[str, Any]


def tell(entry: Stored) -> TimelineItem:
    """Return the entry as one line of a timeline."""
    body = entry.body
    text = "erased" if body is None else _TELLERS.get(entry.kind, _other)(body)
    ref = str((body or {}).get(_REFERRING[entry.kind], "")) if entry.kind in _REFERRING else ""
    return TimelineItem(
        seq=entry.seq, at=entry.recorded_at, valid_at=entry.valid_at, kind=entry.kind, actor=entry.actor, text=text,
        ref=ref, erased=entry.erased, facts=_facts(entry.kind, body or {}),
    )  # fmt: skip


FIELD = "field."
"""What stands before the name of a record's field among the facts of its entry."""
_REFERRING = {"action": "action", "decision": "proposal", "verdict": "action", "receipt": "action", "denied": "action"}


_TOLD = {
    "deleted": ("record",), "decision": ("rule", "kind", "action"), "action": ("state", "reason"),
    "verdict": ("by", "verdict", "aftercare", "reason"), "receipt": ("operation", "result", "reference", "detail"),
    "identity": ("state", "left", "right", "reason"), "outcome": ("result",),
    "merge": ("id", "other"), "split": ("id", "other"),
}  # fmt: skip


def _facts(kind: str, body: Body) -> dict[str, str]:
    if kind == "record":
        told = {f"{FIELD}{name}": say(value) for name, value in body.get("fields", {}).items() if value is not None}
        return {"record": str(body.get("record", "")), **told}
    return {name: str(body[name]) for name in _TOLD.get(kind, ()) if body.get(name)}


def _record(body: Body) -> str:
    fields = "; ".join(f"{name} {say(value)}" for name, value in body["fields"].items() if value is not None)
    return f"{body['record']} says {fields or 'nothing'}"


def _deleted(body: Body) -> str:
    return f"{body['record']} is gone"


_DECIDES = {"propose": "proposes", "withdraw": "withdraws", "expire": "lets expire", "ask": "asks a person about"}


def _decision(body: Body) -> str:
    return f"{body['ruleset']}/{body['rule']} {_DECIDES[body['kind']]} {body['action']}"


def _action(body: Body) -> str:
    reason = f": {body['reason']}" if body.get("reason") else ""
    return f"action is {body['state']}{reason}"


_REMARKED = {
    "claimed": "looks after it", "commented": "left a remark", "happened": "says that it happened",
    "missed": "says that it did not happen", "retry": "lets it be tried again", "drop": "drops it",
}  # fmt: skip
"""What people say of an action beside a verdict, and of one that went wrong."""


def _verdict(body: Body) -> str:
    reason = f": {body['reason']}" if body.get("reason") else ""
    word = str(body.get("verdict") or body.get("aftercare") or "")
    channel = f" by {body['channel']}" if body.get("channel") else ""
    return f"{body['by']} {_REMARKED.get(word, f'says {word}')}{channel}{reason}"


def _receipt(body: Body) -> str:
    reference = f" as {body['reference']}" if body.get("reference") else ""
    detail = f": {body['detail']}" if body.get("detail") else ""
    return f"{body['operation']} answered {body['result']}{reference}{detail}"


def _denied(body: Body) -> str:
    what = body.get("what") or body.get("verdict") or body.get("alarm", "")
    why = body.get("reason") or body.get("why", "")
    return f"denied: {what} {why}".strip()


def _quarantine(body: Body) -> str:
    return str(body.get("problem") or f"{body.get('item')} {body.get('state')}")


_SAID = {
    "asked": "{left} and {right} may be one: a person is asked", "merged": "{left} and {right} are one",
    "different": "{left} and {right} are two", "split": "{left} and {right} are two again",
}  # fmt: skip


def _identity(body: Body) -> str:
    said = _SAID.get(body["state"], "{left} and {right}").format(left=body["left"], right=body["right"])
    return f"{said}: {body['reason']}" if body.get("reason") else said


def _merge(body: Body) -> str:
    return f"{body['other']} became part of {body['id']}"


def _split(body: Body) -> str:
    return f"{body['other']} is no part of {body['id']} any more"


def _note(body: Body) -> str:
    return str(body["text"]) if "text" in body else _other(body)


def _other(body: Body) -> str:
    return "; ".join(f"{name} {say(value)}" for name, value in body.items() if not isinstance(value, dict))


_TELLERS: Mapping[str, Callable[[Body], str]] = {
    "record": _record,
    "deleted": _deleted,
    "decision": _decision,
    "action": _action,
    "verdict": _verdict,
    "receipt": _receipt,
    "denied": _denied,
    "quarantine": _quarantine,
    "identity": _identity,
    "note": _note,
    "merge": _merge,
    "split": _split,
}
