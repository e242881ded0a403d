"""Whether an action rests on what was read from a text and nobody confirmed."""

from collections.abc import Iterator

from approvals.policy import CONSEQUENCES
from approvals.reading.structs import SOURCE
from engine.events import Proof
from engine.ports import Operation

_SHOWN = 3


def read_facts(proof: Proof) -> Iterator[str]:
    """Yield the paths of the proof's facts that were read from a text."""
    if proof.source is not None and proof.source.record.startswith(f"{SOURCE}/"):
        yield proof.path
    for reason in proof.reasons:
        yield from read_facts(reason)


def doubts(proof: Proof, operation: Operation) -> tuple[str, ...]:
    """Return why a person must look: more than low consequence never rests on read facts alone."""
    if CONSEQUENCES.index(operation.consequence) <= CONSEQUENCES.index("low"):
        return ()
    found = list(dict.fromkeys(read_facts(proof)))
    if not found:
        return ()
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return (f"rests on what was read from a text: {', '.join(found[:_SHOWN])}{more}",)
