"""The subscriptions by which source systems send at all: made, and prolonged before they end."""

import logging
from datetime import datetime

import msgspec

from api.layer.hearing import Hearing
from api.layer.parts import Parts
from api.opening import Closed
from api.received import Answered
from connectors.formula import FormulaFault
from connectors.hooks.subscribing import Subscriptions
from engine.ports import NotGiven, SourceDown, Standing, Subscribing, Told

LOG = logging.getLogger(__name__)
KEPT = "subscriptions/"
GONE = frozenset({404, 410})
Known = dict[str, Standing]


class Subscribed(Hearing):
    """api.facade_hooks.Hooks."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._unsubscribed: dict[str, str] = {}

    async def subscribe(self, source: str) -> int:
        """See api.facade_hooks.Hooks."""
        receiver, connector = self.parts.receivers.get(source), self.parts.connectors.get(source)
        if receiver is None or isinstance(receiver, Closed) or not isinstance(connector, Subscribing):
            return 0
        known, now, count = await self._subscriptions_of(source), self.parts.clock.now(), 0
        due = [name for name in receiver.subscriptions.names if receiver.subscriptions.due(name, known.get(name), now)]
        for name in due:
            count += await self._subscribe_to(f"{source}.{name}", connector, receiver.subscriptions, known, now)
        return count

    async def _subscribe_to(
        self, label: str, connector: Subscribing, subscriptions: Subscriptions, known: Known, now: datetime
    ) -> bool:
        """Make or prolong one; what fails is said once and tried again: the sweep by cursor goes on all the same."""
        source, _, name = label.partition(".")
        try:
            known[name] = await _stand(connector, subscriptions, name, known.get(name), now)
        except (SourceDown, FormulaFault) as fault:
            if self._unsubscribed.get(label) != str(fault):
                self._unsubscribed[label] = str(fault)
                LOG.warning("%s is not subscribed to, and is tried again: %s", label, fault)
            return False
        self._unsubscribed.pop(label, None)
        await self._keep_subscriptions(source, known)
        return True

    async def _taken(self, source: str, told: Told) -> Answered:
        """Remember that subscriptions must be prolonged before the delivery that says so is answered."""
        if told.renew and (known := await self._subscriptions_of(source)):
            ended = {name: msgspec.structs.replace(each, until=each.made) for name, each in known.items()}
            await self._keep_subscriptions(source, ended)
        return await super()._taken(source, told)

    async def _subscriptions_of(self, source: str) -> Known:
        kept = await self.parts.store.setting(KEPT + source)
        return msgspec.json.decode(kept, type=Known) if kept else {}

    async def _keep_subscriptions(self, source: str, known: Known) -> None:
        async with self.parts.pipeline.transaction() as tx:
            await tx.set_setting(KEPT + source, msgspec.json.encode(known).decode())


async def _stand(
    connector: Subscribing, subscriptions: Subscriptions, name: str, standing: Standing | None, now: datetime
) -> Standing:
    """Return the subscription prolonged, or made anew where the vendor knows it no more."""
    wish = subscriptions.prolonging(name, standing, now) if standing else None
    if wish is not None:
        try:
            return await connector.subscribe(wish)
        except NotGiven as refused:
            if refused.status not in GONE:
                raise
    return await connector.subscribe(subscriptions.making(name, now))
