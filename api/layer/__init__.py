"""The layer, opened: the facade over store, pipeline, approvals and connectors."""

from datetime import timedelta

import msgspec

from api.layer.access import Access
from api.layer.control import Control
from api.layer.drifting import Drifting
from api.layer.evaluating import Evaluating
from api.layer.mailing import Mailing
from api.layer.overview import Overview
from api.layer.parts import Part, Parts
from api.layer.recalling import Recalling
from api.layer.reviewing import Reviewing
from api.layer.ruleviews import RuleViews
from api.layer.trying import Trying
from api.leases import Leases, SharedLeases

__all__ = ["OpsLayer", "Part", "Parts"]


class OpsLayer(Reviewing, Drifting, Overview, Recalling, Mailing, RuleViews, Trying, Evaluating, Access, Control):
    """api.facade.Layer."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.clock = parts.clock
        self.leases: Leases = SharedLeases(parts.store, shared=parts.partitions)
        self.limits = parts.home.app.limits
        self.company = parts.home.app.company
        self.timezone = parts.home.app.timezone
        self.language = parts.home.app.language
        self.minutes = parts.home.app.assumed_minutes
        self.mcp = parts.home.app.mcp
        self.called = parts.home.app.names
        self.follows = msgspec.convert(parts.follow.every, timedelta) if parts.follow is not None else None

    async def warm(self) -> None:
        """See api.facade.Upkeep."""
        await self._ledger.waiting()
        day = self.clock.now().date()
        await self.kpis("", day, day + timedelta(days=1))
        await self.autonomy()
