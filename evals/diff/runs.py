"""One revision over the journal's inputs: what it decides, and to which account each entity belongs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from engine.collector import growing
from engine.events import ChangeEvent, Decision, Merge, Split
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook
from engine.inference.session import Input, Session
from engine.journal import input_of
from engine.ports import Reader, Stored
from engine.rules import Home
from evals.diff.structs import Made

KINDS = ("record", "deleted", "watermark", "tick", "merge", "split", "action")
"""What is told to both revisions; a bundle of the past is not."""

_BEFORE = datetime(1970, 1, 1, tzinfo=UTC)
_PAGE = 5000


@dataclass(frozen=True, slots=True)
class Run:
    """What one revision made of the inputs."""

    made: list[Made] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)


class Player:
    """One session that takes the journal's inputs as they were recorded."""

    def __init__(self, rulebook: Rulebook, *, proven: bool = True, complete: bool = False) -> None:
        """`complete`: the inputs are all that there is, so nothing missing waits for its source."""
        self.clock = HeldClock(_BEFORE)
        self.session = Session(rulebook, self.clock, complete=complete, proven=proven)

    def take(self, stored: Stored) -> list[Decision]:
        """Let one entry happen, after the time before it; what the model does not know is not told.

        The journal has the ticks of the rules that ruled then; other rules have other moments.
        """
        now = max(self.session.now, stored.recorded_at)
        self.clock.set(now)
        moment = self.session.next_moment()
        due = stored.kind == "tick" or (moment is not None and moment <= now)
        passed = self.session.advance(now) if due else []
        if stored.kind == "tick":
            return passed
        event, first_load = input_of(stored)
        if event is None or not self._known(event):
            return passed
        return [*passed, *self.session.apply(event, first_load=first_load)]

    def _known(self, event: Input) -> bool:
        entities = self.session.rulebook.model.entities
        return not isinstance(event, ChangeEvent | Merge | Split) or event.entity in entities

    def account(self, subject: str) -> str:
        """Return the account that `type:id` belongs to."""
        entity = self.session.state.find(subject)
        return subject if entity is None else self.session.activations.root(entity)


def play(home: Home, inputs: Sequence[Stored], wanted: frozenset[str]) -> Run:
    """Run a home over the inputs and return the decisions of the wanted rules."""
    player = Player(Rulebook.of(home), proven=False)
    run = Run()
    with growing():
        for stored in inputs:
            for decision in player.take(stored):
                if f"{decision.key.ruleset}/{decision.key.rule}" in wanted:
                    run.made.append(made(decision, player))
    session = player.session
    run.accounts.update((entity.ref, session.activations.root(entity)) for entity in session.state)
    return run


def made(decision: Decision, player: Player) -> Made:
    """Return a decision as far as it is compared."""
    account = player.account(decision.key.subject)
    return Made(
        key=decision.key, kind=decision.kind, at=decision.at.astimezone(UTC), customer=account, inputs=decision.inputs
    )


async def history(reader: Reader) -> tuple[list[Stored], list[Stored]]:
    """Return the inputs of a journal and its entries on coverage, both in order."""
    found: list[Stored] = []
    after = 0
    while page := await reader.entries(after, kinds=(*KINDS, "coverage"), limit=_PAGE):
        found += page
        after = page[-1].seq
    return [each for each in found if each.kind != "coverage"], [each for each in found if each.kind == "coverage"]


def within(made: Iterable[Made], inside: Callable[[datetime], bool]) -> list[Made]:
    """Return the decisions of a period."""
    return [each for each in made if inside(each.at)]
