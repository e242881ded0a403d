"""A doubtful reading as a question: an action of the inbox, whose approval, edited or not, is the answer.

So a question has all that an action has: who may answer, delegation, snooze, escalation, expiry, the journal.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from approvals.reading.structs import Found
from engine.events import ActionKey, Decision, Proof, Source
from engine.ports import Operation, Reader
from engine.rules.reading import ReadSpec

SYSTEM = "opslayer"
"""What the operations of the layer itself are called by: `opslayer.OPERATION`."""

ABOUT, VERSION, TEXT = "about", "version", "text"
_PAGE = 1000


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """An answered question as a labelled case: the text's entity, what was read, and what a person says it is."""

    about: str
    step: str
    facts: Mapping[str, Any]
    read: Mapping[str, Any]
    by: str
    at: datetime


def operation_name(ruleset: str, step: ReadSpec) -> str:
    """Return the operation that takes an answer in."""
    return f"read_{ruleset}_{step.id}"


def operation(ruleset: str, step: ReadSpec) -> Operation:
    """Return what an answer may hold: the facts may be changed, the text may not."""
    return Operation(
        name=operation_name(ruleset, step),
        consequence="low",
        idempotency="upsert",
        leaves_company=False,
        fields={ABOUT: True, VERSION: True, TEXT: True, **dict.fromkeys(step.facts, False)},
        editable=frozenset(step.facts),
    )


def is_question(operation: str) -> bool:
    """Whether an operation is the layer's own, which only takes in what a person answers."""
    return operation.startswith(f"{SYSTEM}.")


def question(
    ruleset: str,
    step: ReadSpec,
    about: str,
    *,
    text: str,
    version: str,
    doubtful: Mapping[str, Found],
    source: Source | None,
    revision: str,
    now: datetime,
) -> Decision:
    """Return the question as a proposal; its id is that of the text and the step, so it is asked once."""
    id = hashlib.sha256(f"{ruleset}.{step.id} {about} {version}".encode()).hexdigest()[:24]
    unsure = ", ".join(f"{name} ({found.confidence:.0%})" for name, found in doubtful.items())
    return Decision(
        id=id,
        kind="propose",
        proposal=id,
        key=ActionKey(ruleset, f"read-{step.id}", "answer", about),
        at=now,
        revision=revision,
        because=f"What does this text say? Not sure of {unsure}.",
        operation=f"{SYSTEM}.{operation_name(ruleset, step)}",
        inputs={
            ABOUT: about,
            VERSION: version,
            TEXT: text,
            **{name: doubtful[name].value if name in doubtful else None for name in step.facts if name in doubtful},
        },
        policy=step.autonomy or "",
        proof=Proof(kind="field", path=f"{about}.{step.text.text.strip()}", value=text, source=source),
    )


async def labels(reader: Reader, ruleset: str, step: str) -> AsyncIterator[Label]:
    """Yield the answered questions of a step, oldest first: cases for evals that a person has labelled."""
    after = 0
    while page := await reader.entries(after, subject=f"label:{ruleset}.{step}", kinds=("note",), limit=_PAGE):
        for entry in page:
            if entry.body is not None:
                yield msgspec.convert(entry.body["label"], Label)
        after = page[-1].seq
