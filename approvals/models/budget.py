"""What models may cost in a day: reserved before a call, settled after it, so that a crash has spent the estimate."""

from decimal import Decimal
from typing import Any

import msgspec

from approvals.models.structs import PerDay
from engine.ports import Transaction


class Spent(msgspec.Struct, frozen=True):
    """What was spent so far."""

    calls: int = 0
    tokens: int = 0
    cost: Decimal = Decimal(0)

    def plus(self, other: "Spent") -> "Spent":
        """Return both together."""
        return Spent(self.calls + other.calls, self.tokens + other.tokens, self.cost + other.cost)

    def minus(self, other: "Spent") -> "Spent":
        """Return the rest."""
        return Spent(self.calls - other.calls, self.tokens - other.tokens, self.cost - other.cost)


async def reserve(tx: Transaction, purses: dict[str, PerDay], estimate: Spent) -> str:
    """Take the estimate out of every purse, or out of none; return which limit forbids it, "" when none does."""
    after = {name: (await _read(tx, name)).plus(estimate) for name in purses}
    for name, limit in purses.items():
        reason = _beyond(name, limit, after[name])
        if reason:
            return reason
    for name, spent in after.items():
        await _write(tx, name, spent)
    return ""


async def share(tx: Transaction, name: str, limit: PerDay) -> float | None:
    """Return how much of a purse is spent, by the tightest of its limits (1.0: all of it); None when it has none."""
    spent = await _read(tx, name)
    pairs = ((limit.calls, spent.calls), (limit.tokens, spent.tokens), (limit.cost, spent.cost))
    return max((float(used) / float(most) if most else 1.0 for most, used in pairs if most is not None), default=None)


async def settle(tx: Transaction, purses: dict[str, PerDay], estimate: Spent, real: Spent) -> None:
    """Put the real cost in place of the estimate."""
    for name in purses:
        await _write(tx, name, (await _read(tx, name)).minus(estimate).plus(real))


def _beyond(name: str, limit: PerDay, spent: Spent) -> str:
    pairs: tuple[tuple[str, Any, Any], ...] = (
        ("calls", limit.calls, spent.calls),
        ("tokens", limit.tokens, spent.tokens),
        ("cost", limit.cost, spent.cost),
    )
    over = next((f"{most} {what}" for what, most, used in pairs if most is not None and used > most), "")
    return f"the day's budget of {name.rpartition(':')[2]} is spent ({over})" if over else ""


async def _read(tx: Transaction, name: str) -> Spent:
    known = await tx.setting(name)
    return msgspec.json.decode(known, type=Spent) if known else Spent()


async def _write(tx: Transaction, name: str, spent: Spent) -> None:
    await tx.set_setting(name, msgspec.json.encode(spent).decode())
