"""Actions as the inbox shows them."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from markupsafe import Markup, escape

from api.auth import allows
from api.facade import Layer
from api.views import Actor, Person
from api.words import Told, Words, label, operation
from engine.events import Action
from engine.ports import Operation

DECIDABLE = "pending"


@dataclass(frozen=True, slots=True)
class Item:
    """One action in a list."""

    id: str
    title: str
    subject: str
    because: str
    state: str
    age: str


@dataclass(frozen=True, slots=True)
class Editable:
    """One payload key a person may change."""

    name: str
    label: str
    value: str
    long: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One action with all that a person needs to decide it."""

    id: str
    title: str
    state: str
    consequence: str
    subject: str
    subject_path: str
    because: str
    expires: str
    draft_subject: str
    text: Markup
    can_decide: bool
    approve: str
    binding: str
    editable: tuple[Editable, ...]
    colleagues: tuple[Person, ...]
    why: Told
    payload: tuple[tuple[str, str], ...]
    rule: str
    version: int
    digest: str
    history: tuple[Mapping[str, str], ...]


async def names(layer: Layer, subjects: Iterable[str]) -> dict[str, str]:
    """Return what people call these subjects, `type:id` -> label."""
    unique = sorted({each for each in subjects if ":" in each})
    found = await asyncio.gather(*(layer.entity(*each.split(":", 1)) for each in unique))
    return {subject: entity.label for subject, entity in zip(unique, found, strict=True) if entity and entity.label}


def will_do(action: Action, subject: str) -> str:
    """Return what will happen in one sentence."""
    to = f" to {action.recipient}" if action.recipient else f" for {subject}"
    return f"{operation(action.operation)}{to}{_heading(action)}"


def in_short(action: Action) -> str:
    """Return what will happen without to whom."""
    return f"{operation(action.operation)}{_heading(action)}"


def _heading(action: Action) -> str:
    heading = action.payload.get("subject") or action.payload.get("title")
    return f": “{heading}”" if heading else ""


def item(action: Action, subjects: Mapping[str, str], words: Words, now: datetime) -> Item:
    """Return an action for a list."""
    subject = subjects.get(action.key.subject, words.subject(action.key.subject))
    age = words.age(now - action.created_at)
    return Item(action.id, in_short(action), subject, action.because, action.state, age)


async def card(layer: Layer, action: Action, actor: Actor) -> Card:
    """Return an action with everything about it."""
    known = await names(layer, (action.key.subject, *_subjects(action)))
    words = Words(layer.timezone, known)
    subject = words.subject(action.key.subject)
    type, _, id = action.key.subject.partition(":")
    what = layer.operation(action.operation)
    can = action.state == DECIDABLE and allows(actor, "operator")
    text = _body(action, what)
    return Card(
        id=action.id,
        title=will_do(action, subject),
        state=action.state,
        consequence=action.consequence,
        subject=subject,
        subject_path=f"/customers/{quote(id, safe='')}"
        if type == "customer"
        else f"/subjects/{quote(type)}/{quote(id)}",
        because=action.because,
        expires=words.moment(action.expires_at) if action.expires_at else "",
        draft_subject=str(action.payload.get("subject", "")) if text else "",
        text=marked(text, action.draft.slots.values() if action.draft else ()),
        can_decide=can,
        approve="Approve and send" if what and what.leaves_company else "Approve",
        binding="Your word counts for exactly what is shown here.",
        editable=_editable(action, what) if can else (),
        colleagues=_colleagues(layer, actor) if can else (),
        why=words.proof(action.proof),
        payload=tuple((label(key), words.value(value)) for key, value in _rest(action, what)),
        rule=f"{action.key.ruleset}/{action.key.rule}, {label(action.key.action)}",
        version=action.version,
        digest=action.digest,
        history=tuple(
            {"state": step.state, "by": _name(layer, step.by), "at": words.moment(step.at), "reason": step.reason}
            for step in action.history
        ),
    )


def marked(text: str, values: Iterable[str]) -> Markup:
    """Return the text with what came from facts marked, longest first."""
    found = sorted({value for value in values if len(value) > 1}, key=len, reverse=True)
    if not found:
        return escape(text)
    parts = re.split(f"({'|'.join(map(re.escape, found))})", text)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)
    )


def _body(action: Action, what: Operation | None) -> str:
    key = what.body if what else ""
    return str(action.payload.get(key) or (action.draft.text if action.draft else ""))


def _rest(action: Action, what: Operation | None) -> Sequence[tuple[str, object]]:
    shown = {what.body, "subject"} if what and what.body else set()
    return [(key, value) for key, value in action.payload.items() if key not in shown]


def _editable(action: Action, what: Operation | None) -> tuple[Editable, ...]:
    keys = [key for key in action.payload if what and key in what.editable]
    values = [(key, action.payload[key]) for key in keys]
    return tuple(
        Editable(key, label(key).capitalize(), value, what is not None and key == what.body)
        for key, value in values
        if isinstance(value, str)
    )


def _colleagues(layer: Layer, actor: Actor) -> tuple[Person, ...]:
    return tuple(
        each for each in layer.people() if each.id != actor.id and {"operator", "analyst", "admin"} & set(each.roles)
    )


def _name(layer: Layer, id: str) -> str:
    return next((each.name for each in layer.people() if each.id == id), id)


def _subjects(action: Action) -> set[str]:
    found: set[str] = set()
    waiting = [action.proof]
    while waiting:
        proof = waiting.pop()
        ref = proof.path.partition(": ")[0]
        found.add(ref if proof.kind in ("rule", "action", "aggregate") else ref.rpartition(".")[0])
        waiting += proof.reasons
    return found
