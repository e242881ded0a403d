"""Actions as lists show them, and what they would do in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from api.insight.line import Line
from api.words import Words
from approvals.reading.questions import is_question
from engine.events import Action

DECIDABLE = "pending"
UNDOABLE = ("approved", "scheduled")
SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Item:
    """One action in a list."""

    id: str
    title: str
    subject: str
    because: str
    state: str
    age: str
    digest: str = ""
    consequence: str = ""
    amount: str = ""
    urgent: str = ""
    hands: str = ""
    word: str = ""
    outcome: str = ""


def subject_path(subject: str) -> str:
    """Return the page of a subject."""
    type, _, id = subject.partition(":")
    return f"/customers/{quote(id, safe='')}" if type == "customer" else f"/subjects/{quote(type)}/{quote(id, safe='')}"


def will_do(action: Action, subject: str, words: Words) -> str:
    """Return what will happen in one sentence, or what is asked."""
    if is_question(action.operation):
        return words.say("What does this text say?")
    told = {"does": words.operation(action.operation), "subject": subject, "to": action.recipient}
    said = words.say("{does} to {to}", **told) if action.recipient else words.say("{does} for {subject}", **told)
    return f"{said}{_heading(str(action.payload.get('subject') or action.payload.get('title') or ''))}"


def in_short(line: Line, words: Words) -> str:
    """Return what will happen without to whom."""
    return f"{words.operation(line.operation)}{_heading(line.heading)}"


def _heading(heading: str) -> str:
    return f": “{heading}”" if heading else ""


def item(line: Line, subjects: Mapping[str, str], words: Words, now: datetime) -> Item:
    """Return an action for a list."""
    left = line.expires_at - now if line.expires_at and line.state in ("pending", "proposed") else None
    return Item(
        id=line.id,
        title=in_short(line, words),
        subject=subjects.get(line.subject, words.subject(line.subject)),
        because=words.because(line.operation, line.because),
        state=line.state,
        age=words.age(now - line.created_at),
        digest=line.digest,
        consequence=line.consequence,
        amount=words.value(line.amount) if line.amount else "",
        urgent=words.age(left) if left is not None and left < SOON else "",
        hands=line.hands,
        word=line.word,
        outcome=line.outcome,
    )
