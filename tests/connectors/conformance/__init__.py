"""What every connector must do, written once; a test class inherits the parts that apply to its peer."""

from tests.connectors.conformance.faults import LivesThroughFaults
from tests.connectors.conformance.proxy import FaultProxy, faulty
from tests.connectors.conformance.reading import (
    NOON,
    Follower,
    ManualClock,
    Peer,
    ReadsChanges,
    ReadsDeletes,
    ReadsEverything,
    ScansForDeletes,
)
from tests.connectors.conformance.writing import WritesOnce, WritesOverWhatWasSeen

__all__ = [
    "NOON",
    "FaultProxy",
    "Follower",
    "LivesThroughFaults",
    "ManualClock",
    "Peer",
    "ReadsChanges",
    "ReadsDeletes",
    "ReadsEverything",
    "ScansForDeletes",
    "WritesOnce",
    "WritesOverWhatWasSeen",
    "faulty",
]
