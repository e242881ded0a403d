"""The demo: the sample company's twelve weeks, with the layer on top of its systems; killed anywhere, it goes on."""

import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.demo.changes import steps
from api.demo.mailbox import Maildir, delivered
from api.demo.operator import Operator, Waiting
from api.demo.payers import DAYS, START
from api.demo.start import start
from api.demo.world import World
from api.layer import OpsLayer
from api.shipped import copy_home
from api.views import Actor
from approvals.dispatch.ports import DEFAULTS
from connectors.mail.marks import message_id
from engine.events import Action, Verdict

Progress = Callable[[datetime, float], None]
LEFT_TO_YOU = timedelta(days=12)
"""The operator is on leave at the end, so that something waits for whoever opens the page."""
MAIL = "mail.send"
DOMAIN = "anadolu-yapi.example"


class Play:
    """One sample company under a folder: its systems in systems/, the layer's home in home/."""

    def __init__(self, folder: Path, seed: int, days: int = DAYS) -> None:
        self.folder = folder.resolve()
        self.systems = self.folder / "systems"
        self.home = self.folder / "home"
        self.world = World(self.systems, seed)
        self.steps = steps(START, days)
        self.operator = Operator(seed)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[OpsLayer]:
        """Start the systems and open the layer where it stood; both end with the block."""
        self.world.begin()
        copy_home(self.home)
        running = await start(self.systems, secrets.token_urlsafe(16))
        try:
            os.environ.update(running.environment)
            clock = SimulatedClock(self.steps[0])
            async with open_layer(self.home, clock) as layer:
                yield layer
        finally:
            await running.stop()
            self.world.close()

    async def run(self, layer: OpsLayer, progress: Progress) -> None:
        """Play from where the layer stands to the last day."""
        clock = layer.clock
        assert isinstance(clock, SimulatedClock)
        if clock.now() not in self.steps:
            await self._abandoned(layer, clock)
        for number, step in enumerate(self.steps, 1):
            if step >= clock.now():
                await self._play(layer, clock, step)
            progress(step, number / len(self.steps))

    async def _play(self, layer: OpsLayer, clock: SimulatedClock, step: datetime) -> None:
        await layer.run_to(clock, step)
        self.world.advance_to(step)
        await layer.sync()
        await layer.rest()
        await self._abandoned(layer, clock)
        if step < self.world.steps[-1] - LEFT_TO_YOU:
            await self._operate(layer)

    async def _abandoned(self, layer: OpsLayer, clock: SimulatedClock) -> None:
        """Find out about what a killed process was sending: its leases end, the CRM is asked, the mailbox looked at."""
        while await layer.actions(state="sending", limit=1) or await self._unknown(layer, by_mail=False):
            await layer.run_to(clock, clock.now() + DEFAULTS.lease)
        await self._look_up(layer)

    async def _operate(self, layer: OpsLayer) -> None:
        """Let the scripted operator answer what waits, and look up what nobody knows about."""
        for action in sorted(await layer.actions(state="pending", limit=1000), key=lambda each: str(each.key)):
            if action.operation == MAIL:
                await self._answer(layer, action)
        await self._look_up(layer)

    async def _look_up(self, layer: OpsLayer) -> None:
        """Let the operator say of each mail whether it went out, when nobody knows."""
        for action in await self._unknown(layer, by_mail=True):
            await layer.settle(action.id, "happened" if self._arrived(action) else "missed", self._actor(layer, "ayse"))
        await layer.rest()

    @staticmethod
    async def _unknown(layer: OpsLayer, *, by_mail: bool) -> list[Action]:
        unknown = await layer.actions(state="unknown", limit=1000)
        return [each for each in unknown if (each.operation == MAIL) is by_mail]

    async def _answer(self, layer: OpsLayer, action: Action) -> None:
        key = action.key
        mail = Waiting(id=action.id, ruleset=key.ruleset, rule=key.rule, subject=key.subject)
        ruling = self.operator.rule(mail, layer.clock.now())
        if ruling is not None:
            verdict = Verdict(
                action=action.id, verdict=ruling.verdict, digest=action.digest, by=ruling.by, channel="api",
                at=layer.clock.now(), reason=ruling.reason,
            )  # fmt: skip
            await layer.decide(verdict, self._actor(layer, ruling.by))

    def _arrived(self, action: Action) -> bool:
        """Look into the mail server, as a person would, for the mark of a mail that may have gone out."""
        mark = message_id(action.id, DOMAIN)
        return any(delivered(file).id == mark for file in Maildir(self.systems / "mail" / "customers").files())

    @staticmethod
    def _actor(layer: OpsLayer, person: str) -> Actor:
        found = next(each for each in layer.people() if each.id == person)
        return Actor(id=found.id, name=found.name, roles=frozenset(found.roles), channel="api", rulesets=found.rulesets)
