"""The outside world over time: applies what the company's script and its customers' reactions say, up to a moment.

May be repeated after a crash at any point: rows, notes and letters have fixed ids, and the position up to which the
script is done stands in the ERP's database, moved in the transaction of the last rows.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from api.demo import erp
from api.demo.changes import Change, ErpRow, FieldNote, Letter, moment, steps, utc_text
from api.demo.company import Company, Customer, found
from api.demo.crm_store import CrmStore
from api.demo.mailbox import Maildir, delivered, rendered
from api.demo.payers import DAYS, GRACE, HISTORY, START
from api.demo.reactions import Delivered, Reactions
from api.demo.script import script
from api.demo.truth import truth


class World:
    """The source systems' contents under OUT: erp.db (or any database), crm.db, mail/, truth.json."""

    def __init__(self, out: Path, seed: int = 1, erp_url: str = "") -> None:
        self.company: Company = found(seed)
        self._out = out
        out.mkdir(parents=True, exist_ok=True)
        self._erp = erp.connect(erp_url or f"sqlite:///{out / 'erp.db'}")
        self._crm = CrmStore(out / "crm.db")
        self._inbox = Maildir(out / "mail" / "inbox")
        self._customers = Maildir(out / "mail" / "customers")
        self._script = script(self.company)
        self._moments = [change.at for change in self._script]
        self._reactions = Reactions(self.company)
        self._read: dict[str, Delivered] = {}
        self._done: set[str] = set()

    @property
    def steps(self) -> tuple[datetime, ...]:
        """The moments at which to stop, three on each day of the twelve weeks."""
        return steps(START, DAYS)

    def position(self) -> datetime:
        """Return up to when the world has moved."""
        with self._erp.connect() as connection:
            return erp.position(connection)

    def begin(self) -> None:
        """Make the company as it stands on the morning of the first day, and write truth.json."""
        if self.position() < moment(START, 0):
            self._found_crm()
            (self._out / "truth.json").write_bytes(msgspec.json.format(msgspec.json.encode(truth(self.company))))
            self.advance_to(moment(START, 0))

    def advance_to(self, at: datetime) -> int:
        """Let everything happen that happens until `at`; returns how many changes there were."""
        before = self.position()
        due = self._script[bisect_right(self._moments, before) : bisect_right(self._moments, at)]
        answers = [
            change for change in self._reactions.to(self._mails()) if change.at <= at and _id(change) not in self._done
        ]
        changes = sorted([*due, *answers], key=lambda change: change.at)
        self._tell(change for change in changes if not isinstance(change, ErpRow))
        with self._erp.begin() as connection:
            erp.apply(connection, [change for change in changes if isinstance(change, ErpRow)], max(at, before))
            late = erp.late_customers(connection, at.date() - timedelta(days=GRACE))
        self._crm.set_now(max(at, before))
        self._close_tasks({who.crm_id for who in self.company.customers if who.code not in late})
        self._done.update(_id(change) for change in answers)
        return len(changes)

    def close(self) -> None:
        """Let go of the databases."""
        self._erp.dispose()
        self._crm.close()

    def _tell(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if isinstance(change, FieldNote):
                body = {
                    "account_id": change.account,
                    "author_id": change.author,
                    "kind": change.kind,
                    "text": change.text,
                    "said_at": change.at.isoformat(),
                    "promised_on": change.promised_on.isoformat() if change.promised_on else None,
                    "invoice": change.invoice,
                }
                self._crm.add("notes", body, id=change.id, at=utc_text(change.at))
            elif isinstance(change, Letter):
                self._inbox.deliver(f"{int(change.at.timestamp())}.{change.id}.letter", rendered(change))

    def _close_tasks(self, settled: set[str]) -> None:
        """Let the owners tick off their tasks about customers that are no longer late."""
        for task in self._crm.page("tasks", "", ("", ""), 100_000):
            if task.body.get("status") == "open" and task.body.get("customer") in settled:
                self._crm.change("tasks", task.id, task.version, {"status": "done"})

    def _mails(self) -> list[Delivered]:
        for path in self._customers.files():
            if path.name not in self._read:
                self._read[path.name] = delivered(path)
        return list(self._read.values())

    def _found_crm(self) -> None:
        """Enter the staff, the accounts and their contacts, as they were since long ago."""
        at = utc_text(moment(HISTORY, 8))
        people, customers = self.company.people, self.company.customers
        self._crm.add_all("owners", {each.id: {"name": each.name, "email": each.email} for each in people}, at)
        self._crm.add_all("accounts", {who.crm_id: _account(who) for who in customers}, at)
        self._crm.add_all("contacts", {f"C{who.crm_id[1:]}": _contact(who) for who in customers}, at)


def _account(who: Customer) -> dict[str, str | None]:
    """Return what the CRM knows of a customer; which of the ERP's names it knows differs."""
    spaced = f"{who.tax_id[:3]} {who.tax_id[3:6]} {who.tax_id[6:]}"
    return {
        "name": who.name,
        "owner_id": who.owner,
        "language": who.language,
        "erp_code": who.code if who.linked_by == "code" else None,
        "tax_id": spaced if who.linked_by != "email" else None,
        "email": who.email,
    }


def _contact(who: Customer) -> dict[str, str]:
    return {"account_id": who.crm_id, "name": who.contact, "email": who.contact_email, "phone": who.phone}


def _id(change: Change) -> str:
    return f"{change.table}/{change.ref}/{change.at}" if isinstance(change, ErpRow) else change.id
