"""What a record says and takes back: a row that is no longer in its document is gone, though nobody says so."""

from collections.abc import Iterable, Iterator

from engine.events import ChangeEvent, Record
from engine.inference.entities import State
from engine.ports import Mapped, Mapper
from engine.source.problem import Problem


def tell(state: State, mapper: Mapper, record: Record) -> tuple[Mapped, ...] | Problem:
    """Return what a record says of entities, with the end of the rows that it no longer has; or what is wrong."""
    mapped = mapper.map(record)
    types = mapper.rows(record.stream)
    if isinstance(mapped, Problem) or not types:
        return mapped
    return (*mapped, *_vanished(state, types, mapped, record))


def _vanished(state: State, types: Iterable[str], mapped: Iterable[Mapped], record: Record) -> Iterator[Mapped]:
    told = {(each.event.entity, each.event.record) for each in mapped}
    for type, address in sorted(state.rows_of(record.address)):
        if type in types and (type, address) not in told:
            event = ChangeEvent(
                entity=type, id=address, record=address, fields={}, keys=(address,), version=record.version,
                valid_at=record.valid_at, deleted=True,
            )  # fmt: skip
            yield Mapped(event=event, proposed_id=address, strong=(address,))
