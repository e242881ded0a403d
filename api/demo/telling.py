"""What the demo found, in the product's words."""

from collections.abc import Iterator

import msgspec

from api.layer import OpsLayer
from api.views import Account
from engine.inference.words import say


class Line(msgspec.Struct, frozen=True):
    """One overdue account."""

    customer: str
    name: str
    owner: str
    balance: str
    days_overdue: int
    why: str = ""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The last day: who is overdue, who runs by itself, who must be spoken to and why; and what was done."""

    at: str
    overdue: int
    tracked: tuple[Line, ...]
    conversations: tuple[Line, ...]
    actions: dict[str, int]
    entries: int
    verified: bool

    def text(self) -> str:
        """Return it for a terminal."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        talk = len(self.conversations)
        yield f"\nOut of {self.overdue} overdue accounts only {talk} need a conversation;"
        yield f"the layer has been tracking the other {len(self.tracked)}."
        yield ""
        width = max((len(line.name) for line in self.conversations), default=0)
        for line in self.conversations:
            money = f"{line.balance:>18}  {line.days_overdue:>3} days"
            yield f"  {line.name:{width}}  {money}  {line.why}  (owner {line.owner})"
        yield ""
        states = ", ".join(f"{count} {state}" for state, count in sorted(self.actions.items()))
        yield f"Actions: {states}."
        sound = "sound" if self.verified else "NOT SOUND"
        yield f"Journal: {self.entries:,} entries, {sound}."


async def tell(layer: OpsLayer) -> Told:
    """Look at the layer as it stands."""
    today = await layer.today()
    verified = await layer.verify()
    return Told(
        at=today.at.isoformat(),
        overdue=today.overdue,
        tracked=tuple(map(_line, today.tracked)),
        conversations=tuple(map(_line, today.conversations)),
        actions=dict(today.states),
        entries=verified.entries,
        verified=not verified.problems,
    )


def _line(account: Account) -> Line:
    balance = say(account.balance)
    return Line(
        account.subject.partition(":")[2], account.label, account.owner, balance, account.days_overdue, account.why
    )
