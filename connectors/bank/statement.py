"""What a bank statement says, whichever format it came in."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from connectors.values import digest


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One booking; `amount` is negative where money left the account.

    `entry_reference`: the bank's own name of it, the same wherever the bank tells it again; "" when it gave none.
    `reference`: what the payer called it, camt.053 EndToEndId. `transactions`: the single payments of a batch.
    """

    amount: Decimal
    currency: str
    booked_on: date | None
    valued_on: date | None
    entry_reference: str = ""
    reference: str = ""
    counterparty: str = ""
    counterparty_iban: str = ""
    text: str = ""
    status: str = "BOOK"
    reversal: bool = False
    code: str = ""
    transactions: Sequence[dict[str, Any]] = ()


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """An entry, or a whole statement, that could not be understood."""

    message: str
    raw: str
    code: str = "broken-entry"
    line: int = 0


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of one account; `number` names it among those of the account."""

    account: str
    number: str
    entries: Sequence[Entry | Broken]
    opening: Decimal | None = None
    closing: Decimal | None = None
    closed_on: date | None = None

    def told_to(self) -> date | None:
        """Return the day up to which the account's entries are told: of its closing balance, else of its last entry."""
        booked = [each.booked_on for each in self.entries if isinstance(each, Entry) and each.booked_on]
        return self.closed_on or max(booked, default=None)

    def key(self, entry: Entry, nth: int) -> str:
        """Return the entry's key.

        Where the bank gave no reference it is the content, and which of several equal ones it is in this statement: two
        equal payments are two, and a statement that comes again under another file name tells the same.
        """
        if entry.entry_reference:
            return f"{self.account}|{entry.entry_reference}"
        return f"{self.account}|{self.number}|{digest(entry)}|{nth}"

    def unbalanced(self) -> str:
        """Return what is wrong with the balances, "" when the booked entries lead from one to the other."""
        if self.opening is None or self.closing is None:
            return ""
        booked = [each.amount for each in self.entries if isinstance(each, Entry) and each.status == "BOOK"]
        if self.opening + sum(booked) == self.closing:
            return ""
        return f"the entries of statement {self.number} do not lead from {self.opening} to {self.closing}"


class NoStatement(Exception):
    """The file is none; the text says why, with line and column where there are some."""
