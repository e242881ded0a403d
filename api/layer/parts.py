"""What the layer is made of, once opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from api.layer.live import Live
from api.layer.reading import TextReading
from api.layer.stages import Stages
from api.opening import Closed
from api.outcomes import OTHER_RULESET, Refused
from api.partitions import Partitions
from api.views import Actor
from approvals.asking import Asking
from approvals.context import Context
from approvals.dispatch.dispatcher import Dispatcher
from approvals.dispatch.unknown import LookUp
from approvals.drafting.service import DraftingService
from approvals.inbox import Inbox
from approvals.links import Links
from approvals.memory import Memory
from approvals.models.calls import Calls
from approvals.proposing import Proposing
from approvals.structs import Person
from connectors.hooks.receiver import Receiver
from engine.pipeline import Pipeline
from engine.ports import Clock, Connector, Database, Entry, Model
from engine.rules.home import Home
from engine.settings.app import Follow
from engine.source.problem import Problem


@dataclass(slots=True)
class Parts:
    """One home folder, opened.

    `down` tells why a configured source could not be opened; `instant`: words need no model and are written at
    once; `follow` is the branch that the folder's own config/app.yaml names, whatever bundle rules.
    """

    folder: Path
    home: Home
    clock: Clock
    store: Database
    partitions: Partitions
    pipeline: Pipeline
    connectors: Mapping[str, Connector]
    down: Mapping[str, str]
    receivers: Mapping[str, Receiver | Closed]
    context: Context
    people: Mapping[str, Person]
    memory: Memory
    inbox: Inbox
    links: Links
    asking: Asking
    proposing: Proposing
    drafting: DraftingService
    reading: TextReading
    models: Mapping[str, Model]
    calls: Calls
    instant: bool
    dispatcher: Dispatcher
    lookup: LookUp
    live: Live
    follow: Follow | None
    stages: Stages
    renew: "Renew"
    reopen: "Reopen"


Opened = tuple[Mapping[str, Connector], Mapping[str, str]]
Renew = Callable[[Home, Mapping[str, Connector], Mapping[str, str]], Parts]
"""Makes the parts anew for another home, over the same store and pipeline."""
Reopen = Callable[[Home], Opened]
"""Opens a home's sources: what is open, and why the rest is not."""


class Part:
    """Base of each piece of the facade: all share the same parts."""

    parts: Parts

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    async def beyond(self, actor: Actor, ruleset: str, what: str) -> Refused | None:
        """Refuse, and journal, what somebody limited to some rulesets tries on another, or on all of them ("")."""
        if not actor.rulesets or ruleset in actor.rulesets:
            return None
        own = ", ".join(sorted(actor.rulesets))
        return await self.forbid(actor, what, OTHER_RULESET, f"{actor.id} acts on {own} alone")

    async def forbid(self, actor: Actor, what: str, code: str, why: str) -> Refused:
        """Journal a denied try, and return what is told of it."""
        now = self.parts.clock.now()
        body = {"what": what, "why": why, "channel": actor.channel}
        async with self.parts.pipeline.transaction() as tx:
            await tx.append(Entry(kind="denied", recorded_at=now, actor=actor.id, body=body))
        return Refused((Problem(code, why),))


def silent_since(source: str) -> str:
    """Return the setting that tells since when a source does not answer."""
    return f"silent:{source}"
