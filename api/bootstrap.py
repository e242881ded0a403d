"""Where everything meets: the only file that knows every name."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from secrets import token_hex
from zoneinfo import ZoneInfo

from api.authors import authors_of
from api.bundles.ruling import ruling
from api.checks import mappers
from api.clock import SimulatedClock, SystemClock
from api.layer import OpsLayer, Parts
from api.layer.checking import Checking
from api.layer.facts import Facts
from api.layer.live import Live
from api.layer.reading import Answers, TextReading
from api.layer.stages import Stages
from api.layer.standings import models_in_use
from api.layer.upkeep import CLOCK, resume
from api.mails.writer import Mails
from api.names import labels
from api.opening import open_models, open_receivers, open_sources, operations_of
from api.partitions import Partitions
from api.places import anchor_of, database_url, is_there, secret_of
from approvals import configured
from approvals.asking import Asking
from approvals.context import Context
from approvals.dispatch import restored
from approvals.dispatch.dispatcher import Dispatcher
from approvals.dispatch.ports import Outbox
from approvals.dispatch.receipts import Echoes
from approvals.dispatch.unknown import LookUp
from approvals.drafting.known import KnownNames
from approvals.drafting.service import Drafting, DraftingService
from approvals.drafting.writing import DRAFT, drafters
from approvals.inbox import Inbox
from approvals.life import Life
from approvals.links import Links
from approvals.memory import JournalMemory
from approvals.models.calls import Calls
from approvals.models.observed import recall
from approvals.proposing import Proposing
from approvals.reading.questions import SYSTEM
from approvals.reading.readers import Readers
from approvals.structs import Person
from engine.collector import growing, standing
from engine.events import ActionKey
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.pipeline import Pipeline
from engine.ports import Clock, Connector, Database, Model
from engine.replay import History
from engine.revisions import enforce
from engine.rules import load_home
from engine.rules.fields import kept_fields
from engine.rules.home import Home
from engine.rules.reference import schemas
from engine.settings.app import Follow
from engine.store import SqlStore, open_store, upgrade
from engine.store.anchor import read as anchors
from evals.autonomy.fingerprints import fingerprints

__all__ = ["migrate", "open_journal", "open_layer", "open_session", "schemas"]

_MEMORY = "config/app.yaml"


@asynccontextmanager
async def open_layer(folder: Path, clock: Clock) -> AsyncIterator[OpsLayer]:
    """Open a home folder: configuration, database, connectors, engine; raises ConfigError or StoreUnavailable."""
    disk = load_home(folder)
    if _MEMORY in disk.faulty:
        disk.sound()
    anchored = max((line.seq for line in anchors(anchor_of(folder, disk))[0]), default=0)
    clock, store = await _at_its_time(folder, disk, clock)
    connectors: Mapping[str, Connector] = {}
    try:
        home = (await ruling(folder, store) or disk).sound()
        rulebook = Rulebook.of(home)
        connectors, down = open_sources(folder, home, clock)
        pipeline = Pipeline(store, clock, mappers(home), History(store, rulebook))
        observed = await recall(store.setting, home.models.routes)
        partitions = Partitions(token_hex(6))
        lasting = _Lasting(folder, clock, store, partitions, pipeline, disk.app.follow, observed)
        parts = _assemble(lasting, home, connectors, down)
        await resume(clock, store)
        with growing():
            await pipeline.open()
        async with pipeline.transaction() as tx:
            await restored.notice(tx, await tx.head(), anchored, clock.now())
        await enforce(pipeline, home, rulebook)
        pipeline.look()
        layer = OpsLayer(parts)
        await layer.align()
        try:
            with standing():
                yield layer
        finally:
            await layer.parts.live.aclose()
            connectors = layer.parts.connectors
            for model in layer.parts.models.values():
                await model.aclose()
    finally:
        for connector in connectors.values():
            await connector.aclose()
        await store.aclose()


@asynccontextmanager
async def open_session(folder: Path, clock: Clock) -> AsyncIterator[Session | None]:
    """Open the session as the journal leaves it, to try things on; None when there is no journal yet."""
    async with open_journal(folder, clock) as store:
        if store is None:
            yield None
            return
        home = (await ruling(folder, store) or load_home(folder)).sound()
        yield await History(store, Rulebook.of(home)).rebuild(HeldClock(clock.now()))


@asynccontextmanager
async def open_journal(folder: Path, clock: Clock) -> AsyncIterator[Database | None]:
    """Open the journal alone, to read in; None when there is none yet, and none is made."""
    home = load_home(folder)
    if not is_there(database_url(folder, home)):
        yield None
        return
    store = await _store(folder, home, clock)
    try:
        yield store
    finally:
        await store.disconnect()


@dataclass(frozen=True, slots=True)
class _Lasting:
    """What stays when another home takes over; `observed`: which models answered, by route and provider."""

    folder: Path
    clock: Clock
    store: SqlStore
    partitions: Partitions
    pipeline: Pipeline
    follow: Follow | None
    observed: dict[str, dict[str, str]]


def _assemble(lasting: _Lasting, home: Home, connectors: Mapping[str, Connector], down: Mapping[str, str]) -> Parts:
    """Make all that works by a home."""
    folder, clock, store, pipeline = lasting.folder, lasting.clock, lasting.store, lasting.pipeline
    pipeline.mappers = mappers(home, kept_fields(home) if home.app.keep == "read" else None)
    people, memory, facts = configured.people(home.people), JournalMemory(store), Facts(pipeline)
    stages = Stages(
        lambda seen: fingerprints(home, pipeline.session.rulebook, models_in_use(home), seen), lasting.observed
    )
    reachable: dict[str, Connector] = {**connectors, SYSTEM: Answers(pipeline, store, home)}
    context = _context(lasting, home, people, facts, stages, reachable)
    models = open_models(home)
    calls = _calls(lasting, home, models, stages)
    drafting = _drafting(home, calls, facts)
    pipeline.proposals = proposing = Proposing(context)
    pipeline.echoes = Echoes(store, connectors.get)
    pipeline.drafting = Drafting(drafting, facts.slots)
    checking = Checking(pipeline, store, drafting, facts, context.operations)
    inbox = Inbox(context, people, memory)
    links = Links(inbox, people, store)
    outbox = Outbox(pipeline, memory, context, reachable.get, clock)
    return Parts(
        folder=folder, home=home, clock=clock, store=store, partitions=lasting.partitions, pipeline=pipeline,
        connectors=connectors, down=down, receivers=open_receivers(folder, home, clock),
        context=context, people=people, memory=memory, inbox=inbox, links=links, proposing=proposing,
        drafting=drafting, models=models, calls=calls, instant=not calls.turn(DRAFT).providers, follow=lasting.follow,
        reading=TextReading(pipeline, home, Readers(calls), proposing, lasting.partitions, facts.root),
        dispatcher=Dispatcher(outbox, checking.check, "dispatch"),
        asking=Asking(outbox, store, people, links, zone=_zone(home), write=_mails(home, pipeline).request),
        live=Live(connectors, mappers(home), home.sources, clock),
        stages=stages,
        lookup=LookUp(outbox),
        renew=partial(_assemble, lasting),
        reopen=lambda other: open_sources(folder, other, clock),
    )  # fmt: skip


def _context(
    lasting: _Lasting,
    home: Home,
    people: Mapping[str, Person],
    facts: Facts,
    stages: Stages,
    reachable: Mapping[str, Connector],
) -> Context:
    prompts, pipeline = home.prompts, lasting.pipeline
    return Context(
        autonomy=configured.autonomy(home.autonomy, home.app.currency or "", home.app.holidays or ""),
        operations=operations_of(reachable).get,
        authors=authors_of(lasting.folder, home.rulesets, people),
        forbidden=lambda file: configured.prompt(prompts[file]).forbidden if file in prompts else (),
        root=facts.root,
        aliases=facts.aliases,
        was=partial(_former, home),
        mine=lasting.partitions.mine,
        zone=partial(facts.zone, _zone(home)),
        fingerprint=stages.digest,
        reads=any(each.read for each in home.rulesets.values()),
        echo=lambda: pipeline.echo,
        life=Life(listeners=[pipeline.told]),
    )


def _former(home: Home, key: ActionKey) -> str:
    """Return what a rule was called before it was renamed."""
    ruleset = home.rulesets.get(key.ruleset)
    return next((each.was or "" for each in ruleset.rules if each.id == key.rule), "") if ruleset else ""


def _calls(lasting: _Lasting, home: Home, models: Mapping[str, Model], stages: Stages) -> Calls:
    return Calls(
        lasting.pipeline, lasting.store, lasting.clock, _zone(home),
        models=models, limits=configured.limits(home.models), routes=configured.routes(home.models),
        replay=home.models.replay, answered=stages.observe,
    )  # fmt: skip


def _drafting(home: Home, calls: Calls, facts: Facts) -> DraftingService:
    prompts = {file: configured.prompt(prompt) for file, prompt in home.prompts.items()}
    return DraftingService(
        lambda decision: prompts.get(f"rules/{decision.key.ruleset}/{decision.draft}"),
        drafters=partial(drafters, calls),
        language=home.app.language,
        company=home.app.company,
        known=KnownNames(facts.names, facts.names_stamp),
    )


def _mails(home: Home, pipeline: Pipeline) -> Mails:
    app = home.app
    return Mails(app.company, app.timezone, app.language, lambda told: labels(pipeline.session, told), app.names)


def _zone(home: Home) -> ZoneInfo:
    return ZoneInfo(home.app.timezone)


async def _at_its_time(folder: Path, home: Home, clock: Clock) -> tuple[Clock, SqlStore]:
    """Open the store; a home that has lived by a simulated clock stays at its time when the system's is offered."""
    store = await _store(folder, home, clock)
    stood = await store.setting(CLOCK)
    if stood is None or not isinstance(clock, SystemClock):
        return clock, store
    await store.disconnect()
    simulated = SimulatedClock(datetime.fromisoformat(stood))
    return simulated, await _store(folder, home, simulated)


async def _store(folder: Path, home: Home, clock: Clock) -> SqlStore:
    return await open_store(
        database_url(folder, home),
        clock=clock,
        secret=secret_of(folder, home),
        anchor=anchor_of(folder, home),
        anchor_every=home.app.journal.anchor_every,
    )


def migrate(folder: Path) -> str:
    """Bring the database to this version's tables; returns their revision."""
    home = load_home(folder)
    return asyncio.run(upgrade(database_url(folder, home)))
