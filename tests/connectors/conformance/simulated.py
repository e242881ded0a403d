"""A pack's connector on a simulator or peer, as the conformance suite drives it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.ports import Connector
from engine.settings.values import resolved
from tests.connectors.conformance.proxy import FaultProxy
from tests.connectors.conformance.reading import NOON, ManualClock
from tests.connectors.packs import home_of


def pack(name, home: Path, environ, clock, **own):
    """Open a pack's source with its own settings over it, as the layer does."""
    source = home_of(name, "    order: 1\n")
    options = resolved(source.sources.sources[name].options, environ)
    return open_connector(name, {**options, **own}, Surroundings(home, clock))


@dataclass
class Simulated:
    """Base of peers that are simulators behind a proxy."""

    simulator: Any
    proxy: FaultProxy
    home: Path
    clock: ManualClock = field(default_factory=ManualClock)
    connector: Connector | None = None
    page_size = 4
    attempts = 3
    renews = True
    noon = NOON

    @property
    def faults(self):
        return self.proxy.faults

    def limits(self):
        return {"rate": 100000, "attempts": 3, "most_wait": "PT0.2S", "rest_after": 100}
