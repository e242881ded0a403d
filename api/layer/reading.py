"""Reads the texts that came in, and takes in what people answer where a reading was not sure."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from api.partitions import Partitions
from approvals.models.structs import About
from approvals.proposing import Proposing
from approvals.reading import questions
from approvals.reading.readers import Readers
from approvals.reading.structs import ANSWERED, SOURCE, Found, Reading, record_of, version_of
from approvals.reading.taking import change, fits, text_of
from engine.events import Receipt, Source
from engine.inference.state import Entity, Link
from engine.pipeline import Pipeline
from engine.ports import Database, Entry, Operation, Page, SourceDown
from engine.rules import Home
from engine.rules.reading import ReadSpec

_MOST = 10_000
"""Changed texts that are kept in mind."""
Steps = Mapping[str, tuple[ReadSpec, ...]]


class Unread(msgspec.Struct, frozen=True):
    """A text that a step has not read yet."""

    ruleset: str
    step: ReadSpec
    entity: Entity
    text: str
    version: str


class TextReading:
    """Finds unread texts of one home and lets their facts in."""

    def __init__(
        self,
        pipeline: Pipeline,
        home: Home,
        readers: Readers,
        proposing: Proposing,
        partitions: Partitions,
        root: Callable[[str], str],
    ) -> None:
        self._pipeline = pipeline
        self._readers = readers
        self._proposing = proposing
        self._steps = {id: each.read for id, each in home.rulesets.items() if each.read}
        self._partitions = partitions
        self._root = root
        self._scanned: tuple[object, frozenset[int]] = (None, frozenset())
        pipeline.watched = frozenset(step.of for steps in self._steps.values() for step in steps)

    async def run(self, *, instant: bool = False) -> int:
        """Read what is unread of our own accounts; returns how many texts were read.

        `instant`: what has just come in, whosever it is, as far as no model is asked for it.
        """
        if not self._steps:
            return 0
        due = list(self._unread(whole=not instant and self._moved()))
        if instant:
            chosen = [each for each in due if not self._readers.asks(each.step)]
        else:
            chosen = [each for each in due if self._partitions.mine(self._root(each.entity.ref))]
        if not instant or len(chosen) == len(due):
            self._pipeline.changed.clear()
        elif len(self._pipeline.changed) > _MOST:  # nobody reads in this process; whoever begins to, looks at all
            self._pipeline.changed.clear()
            self._scanned = (None, frozenset())
        for each in chosen:
            await self._read(each)
        return len(chosen)

    def _moved(self) -> bool:
        """Whether there may be unread texts that have not changed: at first, and with other accounts of our own."""
        before, self._scanned = self._scanned, (self._pipeline.session, self._partitions.held)
        return before[0] is not self._scanned[0] or before[1] != self._scanned[1]

    def _unread(self, *, whole: bool) -> Iterator[Unread]:
        """Yield unread texts of what has changed, or of all that is known."""
        session = self._pipeline.session
        for ruleset, steps in self._steps.items():
            for step in steps:
                known = session.state.entities.get(step.of, {})
                named = known if whole else [id for type, id in self._pipeline.changed if type == step.of]
                for id in list(named):
                    entity = known.get(id)
                    found = None if entity is None else self._of(ruleset, step, entity)
                    if found is not None:
                        yield found

    def _of(self, ruleset: str, step: ReadSpec, entity: Entity) -> Unread | None:
        text = text_of(self._pipeline.session, step, entity)
        if not text:
            return None
        version = version_of(step, text)
        done = {record_of(source, ruleset, step.id, entity.id) for source in (SOURCE, ANSWERED)}
        if any(part.record in done and part.version == version for part in entity.parts):
            return None
        return Unread(ruleset, step, entity, text, version)

    async def _read(self, unread: Unread) -> None:
        """Read one text; its facts, its question and what is remembered of both are one transaction."""
        entity, step = unread.entity, unread.step
        person = _person(entity, self._pipeline)
        written = max((part.valid_at for part in entity.parts if part.valid_at), default=None)
        day = (written or self._pipeline.clock.now()).date().isoformat()
        reading = await self._readers.read(step, unread.text, day, About((entity.ref,), person))
        async with self._pipeline.transaction() as tx:
            known = self._pipeline.session.state.find(entity.ref)
            if known is None or self._of(unread.ruleset, step, known) is None:
                return  # another process has read it meanwhile
            now = self._pipeline.held.now()
            event = change(SOURCE, unread.ruleset, step, entity.id, unread.version, reading.sure(step))
            await self._pipeline.hear(tx, event, person)
            seq = await tx.append(_note(unread, reading, person, now))
            doubtful = reading.doubtful(step)
            if doubtful:
                asked = questions.question(
                    unread.ruleset, step, entity.ref, text=unread.text, version=unread.version, doubtful=doubtful,
                    source=_source(entity), revision=self._pipeline.session.rulebook.settings.revision, now=now,
                )  # fmt: skip
                await tx.put_decision(asked, seq)
                await self._proposing.propose(tx, asked, doubts=("a person is asked",))


class Answers:
    """`engine.ports.Connector` to the layer itself: an approved answer becomes a fact that somebody told."""

    name = questions.SYSTEM
    streams: Sequence[str] = ()

    def __init__(self, pipeline: Pipeline, database: Database, home: Home) -> None:
        self._pipeline = pipeline
        self._database = database
        self._steps = {
            questions.operation_name(id, step): (id, step) for id, each in home.rulesets.items() for step in each.read
        }
        self.operations: Mapping[str, Operation] = {
            name: questions.operation(ruleset, step) for name, (ruleset, step) in self._steps.items()
        }

    async def read(self, stream: str, cursor: str) -> AsyncIterator[Page]:
        """Yield nothing: it has no streams."""
        for _ in ():
            yield _
        raise SourceDown(f"the layer itself has no stream {stream} behind {cursor!r}")

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:
        """Take the answer in, with the labelled case that it is; the same again changes nothing."""
        ruleset, step = self._steps[operation]
        told = {name: payload.get(name) for name in step.facts if name in payload}
        wrong = [name for name, value in told.items() if not fits(step.facts[name], value)]
        if wrong:
            return Receipt(result="rejected", detail=f"{', '.join(wrong)}: not what the fact can be")
        type, _, id = str(payload[questions.ABOUT]).partition(":")
        found = {name: Found(value=value) for name, value in told.items()}
        version = str(payload[questions.VERSION])
        event = change(ANSWERED, ruleset, step, id, version, found)
        entity = self._pipeline.session.state.find(f"{type}:{id}")
        person = _person(entity, self._pipeline) if entity else f"{type}:{id}"
        action = await self._database.action(key)
        read = await self._database.decision(key)
        by = next((item.by for item in reversed(action.history) if item.state == "approved"), "") if action else ""
        async with self._pipeline.transaction() as tx:
            now = self._pipeline.held.now()
            await self._pipeline.hear(tx, event, person)
            label = questions.Label(
                about=f"{type}:{id}", step=f"{ruleset}.{step.id}", facts=told, by=by, at=now,
                read={name: read.inputs.get(name) for name in told} if read else {},
            )  # fmt: skip
            about = (f"label:{ruleset}.{step.id}", f"{type}:{id}", f"action:{key}")
            body = {"label": msgspec.to_builtins(label)}
            await tx.append(Entry(kind="note", recorded_at=now, actor=by, subjects=about, person=person, body=body))
        return Receipt(result="ok", reference=event.record, version=version)

    async def probe(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt | None:
        """Say that it is to be repeated: an answer taken in twice is taken in once."""
        del operation, payload, key
        return None

    async def aclose(self) -> None:
        """Let go of nothing."""


def _note(unread: Unread, reading: Reading, person: str, now: datetime) -> Entry:
    body = {
        "reading": f"{unread.ruleset}.{unread.step.id}",
        "version": unread.version,
        "facts": {name: msgspec.structs.asdict(found) for name, found in reading.facts.items()},
        "asked": sorted(reading.doubtful(unread.step)),
        "notes": list(reading.notes),
    }
    subjects = (unread.entity.ref, f"reading:{unread.ruleset}.{unread.step.id}")
    return Entry(kind="note", recorded_at=now, actor="reading", subjects=subjects, person=person, body=body)


def _source(entity: Entity) -> Source | None:
    return next(
        (
            Source(part.record, part.version, part.valid_at, part.recorded_at)
            for part in entity.parts
            if not part.record.startswith((f"{SOURCE}/", f"{ANSWERED}/"))
        ),
        None,
    )


def _person(entity: Entity, pipeline: Pipeline) -> str:
    """Return whose key protects what was read: the person whom the entity's type names."""
    named = pipeline.session.rulebook.model.entities[entity.type].person
    link = entity.values.get(named) if named and named != "self" else None
    return link.entity.ref if isinstance(link, Link) and link.entity is not None else entity.ref
