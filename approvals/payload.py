"""The payload of an operation: what is shown to a person, bound by a digest, and sent as it was shown."""

from collections.abc import Mapping
from typing import Any

import msgspec

from approvals.plain import NotPlain, plain
from approvals.results import Difference
from engine.canonical import action_digest as digest_of
from engine.events import Action, Draft
from engine.ports import Operation
from engine.source.problem import Problem

SUBJECT = "subject"

__all__ = ["Built", "Payload", "build", "check", "differences", "digest_of", "edited", "recipient_of", "sealed"]

Payload = Mapping[str, Any]


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """A payload in plain JSON; with `problems` it may not be sent."""

    payload: Payload
    recipient: str = ""
    problems: tuple[Problem, ...] = ()


def build(operation: Operation, inputs: Mapping[str, Any], draft: Draft | None) -> Built:
    """Lay the rule's inputs and the drafted words out as the operation's fields."""
    payload: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in inputs.items():
        try:
            payload[name] = plain(value)
        except NotPlain as fault:
            problems.append(Problem("not-plain", f"{name}: {fault}"))
    if draft and operation.body:
        payload[operation.body] = draft.text
        if draft.subject and SUBJECT in operation.fields:
            payload[SUBJECT] = draft.subject
    problems += check(operation, payload)
    return Built(payload=payload, recipient=recipient_of(operation, payload), problems=tuple(problems))


def check(operation: Operation, payload: Payload) -> list[Problem]:
    """Return what the operation cannot take: unknown fields, required ones that are empty."""
    unknown = [
        Problem("unknown-payload-key", f"{operation.name} has no field {name}", hint=f"it has {_names(operation)}")
        for name in payload
        if name not in operation.fields
    ]
    empty = [
        Problem("missing-payload-key", f"{operation.name} needs {name}")
        for name, required in operation.fields.items()
        if required and payload.get(name) in (None, "", [], {})
    ]
    return unknown + empty


def edited(operation: Operation, payload: Payload, edit: Payload) -> Payload | tuple[Problem, ...]:
    """Return the payload with a person's edit, or why it may not be made."""
    problems = [
        Problem("not-editable", f"{name} may not be edited", hint=f"these may: {', '.join(sorted(operation.editable))}")
        for name in edit
        if name not in operation.editable
    ]
    problems += [
        Problem("wrong-type", f"{name} is text")
        for name, value in edit.items()
        if isinstance(payload.get(name), str) and not isinstance(value, str) and not _emptied(operation, name, value)
    ]
    if not edit:
        problems.append(Problem("empty-edit", "the edit changes nothing"))
    result = {**payload, **edit}
    return tuple(problems + check(operation, result)) or result


def _emptied(operation: Operation, name: str, value: object) -> bool:
    """Whether a text that may be missing is taken out, as when a person says that nothing of it was written."""
    return value is None and operation.fields.get(name) is False


def differences(shown: Payload, current: Payload) -> tuple[Difference, ...]:
    """Return the keys whose values are not the same."""
    names = [*shown, *(name for name in current if name not in shown)]
    return tuple(
        Difference(name, shown.get(name), current.get(name)) for name in names if shown.get(name) != current.get(name)
    )


def sealed(action: Action) -> Action:
    """Return the action with the digest of what it says, and of a group with whom it says it for."""
    return msgspec.structs.replace(action, digest=digest_of(action.id, action.operation, action.bound))


def recipient_of(operation: Operation, payload: Payload) -> str:
    """Return who is reached, "" when the operation reaches nobody in particular."""
    value = payload.get(operation.recipient) if operation.recipient else None
    return "" if value is None else str(value)


def _names(operation: Operation) -> str:
    return ", ".join(operation.fields)
