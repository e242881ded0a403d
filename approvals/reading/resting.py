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


def left_out(proof: Proof) -> int:
    """Return how many of its reasons a proof leaves out for length."""
    return proof.omitted + sum(map(left_out, proof.reasons))


def doubts(proof: Proof, operation: Operation, *, reads: bool = True) -> tuple[str, ...]:
    """Return why a person must look: more than low consequence never rests on read facts alone.

    What a long proof leaves out may have been read too, where the rulesets read texts at all (`reads`).
    """
    if CONSEQUENCES.index(operation.consequence) <= CONSEQUENCES.index("low"):
        return ()
    found = list(dict.fromkeys(read_facts(proof)))
    if not found:
        unseen = left_out(proof) if reads else 0
        return (f"rests on {unseen} facts that its proof leaves out, which may be read from texts",) if unseen else ()
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return (f"rests on what was read from a text: {', '.join(found[:_SHOWN])}{more}",)
