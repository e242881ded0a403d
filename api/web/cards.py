"""Actions as the inbox shows them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup, escape

from api.auth import allows
from api.facade import Layer
from api.insight.line import is_person
from api.insight.port import Written
from api.insight.questions import Question
from api.insight.similar import Precedents, earlier, precedents
from api.views import Actor, Person
from api.web.items import DECIDABLE, UNDOABLE, Item, item, subject_path, will_do
from api.words import Told, Words
from engine.events import Action, ActionKey, HistoryItem
from engine.ports import Operation

_WRITTEN = ("sent", "unknown", "failed", "sending")
_REF = re.compile(r"[a-z_]+:\S{1,80}")


@dataclass(frozen=True, slots=True)
class Editable:
    """One payload key a person may change."""

    name: str
    label: str
    value: str
    long: bool


@dataclass(frozen=True, slots=True)
class Member:
    """One decision of a group that is carried out as one action."""

    rule: str
    rule_path: str
    subject: str
    subject_path: str
    because: str


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
    origin: str
    guards: tuple[str, ...]
    can_decide: bool
    can_undo: bool
    can_settle: str
    approve: str
    editable: tuple[Editable, ...]
    colleagues: tuple[Person, ...]
    hands: str
    why: Told
    payload: tuple[tuple[str, str], ...]
    rule: str
    rule_path: str
    version: int
    digest: str
    history: tuple[Mapping[str, str], ...]
    before: tuple[Item, ...]
    similar: Precedents
    alike: tuple[Item, ...]
    members: tuple[Member, ...]
    receipts: tuple[Written, ...]
    outcome: str
    outcome_at: str
    question: Question | None
    asked_text: Markup


async def card(layer: Layer, action: Action, actor: Actor, words: Words) -> Card:
    """Return an action with everything about it."""
    lines = await layer.lines()
    known = layer.labels((action.key.subject, *_subjects(action), *(each.key.subject for each in action.joined)))
    words = words.about(known)
    what = layer.operation(action.operation)
    now = layer.clock.now()
    can = action.state == DECIDABLE and allows(actor, "operator")
    text = _body(action, what)
    similar = precedents(lines, action)
    names = layer.labels([each.subject for each in similar.nearest])
    line = next((each for each in lines if each.id == action.id), None)
    question = await layer.question(action)
    editing = can and question is None
    return Card(
        id=action.id,
        title=will_do(action, words.subject(action.key.subject), words),
        state=action.state,
        consequence=action.consequence,
        subject=words.subject(action.key.subject),
        subject_path=subject_path(action.key.subject),
        because=words.because(action.operation, action.because),
        expires=words.moment(action.expires_at) if action.expires_at else "",
        draft_subject=str(action.payload.get("subject", "")) if text else "",
        text=marked(text, action.draft.slots if action.draft else {}, words) if question is None else Markup(""),
        origin=action.draft.origin if action.draft else "",
        guards=tuple(map(words.told, action.draft.guards)) if action.draft else (),
        can_decide=can,
        can_undo=action.state in UNDOABLE and allows(actor, "operator"),
        can_settle=action.state if action.state in ("unknown", "failed") and allows(actor, "operator") else "",
        approve=words.say("Approve and send") if what and what.leaves_company else words.say("Approve"),
        editable=_editable(action, what, words) if editing else (),
        colleagues=_colleagues(layer, actor) if allows(actor, "operator") else (),
        hands=_name(layer, _in_hands(action)),
        why=words.proof(action.proof),
        payload=tuple((words.label(key), words.value(value)) for key, value in _rest(action, what))
        if not question
        else (),
        rule=f"{words.label(action.key.rule)}, {words.label(action.key.action)}",
        rule_path=rule_path(action.key),
        version=action.version,
        digest=action.digest,
        history=tuple(_steps(layer, action, words)),
        before=tuple(item(each, known, words, now) for each in earlier(lines, action)),
        similar=similar,
        alike=tuple(item(each, names, words, now) for each in similar.nearest),
        members=tuple(_members(action, words)),
        receipts=await layer.receipts(action.id) if action.state in _WRITTEN else (),
        outcome=line.outcome if line else "",
        outcome_at=words.moment(line.outcome_at) if line and line.outcome_at else "",
        question=question,
        asked_text=_quoted(question, words) if question else Markup(""),
    )


def rule_path(key: ActionKey) -> str:
    """Return where a rule is read; a step that reads texts is no rule and stands in its file."""
    return f"/rules/{quote(key.ruleset)}#{quote(key.rule)}"


def _members(action: Action, words: Words) -> Iterable[Member]:
    for each in action.joined:
        subject = each.key.subject
        yield Member(
            words.label(each.key.rule), rule_path(each.key), words.subject(subject), subject_path(subject),
            words.reason(each.because),
        )  # fmt: skip


def _quoted(question: Question, words: Words) -> Markup:
    """Return the text with the words that were read marked, each with what they were read for."""
    return marked(
        question.text, {each.name: each.quote for each in (*question.sure, *question.asked) if each.quote}, words
    )


def _steps(layer: Layer, action: Action, words: Words) -> Iterable[Mapping[str, str]]:
    for step in action.history:
        yield {
            "state": step.state,
            "by": _name(layer, step.by),
            "at": words.moment(step.at),
            "reason": _name(layer, step.reason) if step.state == "delegated" else _reason(step, words),
        }


def _reason(step: HistoryItem, words: Words) -> str:
    """Return a step's reason: a person's words as they are, ours in the reader's language."""
    return step.reason if is_person(step.by) or step.state == "proposed" else words.told(step.reason)


def marked(text: str, slots: Mapping[str, str], words: Words) -> Markup:
    """Return the text with what came from facts marked, longest first, each with the slot's name."""
    found = {value: name for name, value in slots.items() if len(value) > 1}
    if not found:
        return escape(text)
    parts = re.split(f"({'|'.join(map(re.escape, sorted(found, key=len, reverse=True)))})", text)
    return Markup("").join(
        Markup('<mark title="{}">{}</mark>').format(words.label(found[part]), part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


def _body(action: Action, what: Operation | None) -> str:
    key = what.body if what else ""
    return str(action.payload.get(key) or (action.draft.text if action.draft else ""))


def _rest(action: Action, what: Operation | None) -> Sequence[tuple[str, object]]:
    shown = {what.body, "subject"} if what and what.body else set()
    return [(key, value) for key, value in action.payload.items() if key not in shown]


def _editable(action: Action, what: Operation | None, words: Words) -> tuple[Editable, ...]:
    keys = [key for key in action.payload if what and key in what.editable]
    values = [(key, action.payload[key]) for key in keys]
    return tuple(
        Editable(key, words.capital(words.label(key)), value, what is not None and key == what.body)
        for key, value in values
        if isinstance(value, str)
    )


def _colleagues(layer: Layer, actor: Actor) -> tuple[Person, ...]:
    return tuple(
        each for each in layer.people() if each.id != actor.id and {"operator", "analyst", "admin"} & set(each.roles)
    )


def _in_hands(action: Action) -> str:
    for step in reversed(action.history):
        if step.state in ("claimed", "delegated"):
            return step.by if step.state == "claimed" else step.reason
    return ""


def _name(layer: Layer, id: str) -> str:
    return next((each.name for each in layer.people() if each.id == id), id)


def _subjects(action: Action) -> set[str]:
    found: set[str] = set()
    waiting = [action.proof]
    while waiting:
        proof = waiting.pop()
        ref = proof.path.partition(": ")[0]
        found.add(ref if proof.kind in ("rule", "action", "aggregate") else ref.rpartition(".")[0])
        found |= {proof.value} if isinstance(proof.value, str) and _REF.fullmatch(proof.value) else set()
        waiting += proof.reasons
    return found
