from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import sqlalchemy as sa

from api.demo import erp
from api.demo.changes import moment
from api.demo.crm_store import CrmStore
from api.demo.mailbox import Maildir
from api.demo.payers import START, Payer
from api.demo.world import World

SEED = 2
MIDDLE = moment(START + timedelta(days=40), 17)


def contents(out):
    """Everything that the source systems hold."""
    engine = erp.connect(f"sqlite:///{out / 'erp.db'}")
    with engine.connect() as connection:
        tables = {
            table.name: connection.execute(sa.select(table).order_by(*table.primary_key)).all()
            for table in erp.METADATA.sorted_tables
        }
    engine.dispose()
    store = CrmStore(out / "crm.db")
    documents = {kind: store.page(kind, "", ("", ""), 10_000) for kind in ("owners", "accounts", "contacts", "notes")}
    store.close()
    letters = {path.name: path.read_bytes() for path in Maildir(out / "mail" / "inbox").files()}
    return tables, documents, letters


@pytest.fixture
def worlds():
    """Opens worlds, as many as a test needs, and closes them after it."""
    opened = []

    def open_world(out):
        opened.append(World(out, SEED))
        opened[-1].begin()
        return opened[-1]

    yield open_world
    for world in opened:
        world.close()


@pytest.fixture
def store(tmp_path):
    found = CrmStore(tmp_path / "crm.db")
    yield found
    found.close()


def remind(world, out, who, day):
    """Put a reminder into the customer's mailbox, as the mail server would."""
    at = moment(day, 10)
    text = (
        f"Delivered-To: {who.email}\r\nX-Delivered-At: {at.isoformat()}\r\nMessage-ID: <{who.code}-{day}@x.example>\r\n"
        "Subject: Reminder\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlease pay.\r\n"
    )
    Maildir(out / "mail" / "customers").deliver(f"{who.code}.{day}", text.encode())


def test_step_by_step_and_at_once_lead_to_the_same_systems(tmp_path, worlds):
    slowly, once = worlds(tmp_path / "a"), worlds(tmp_path / "b")
    for at in slowly.steps:
        if at <= MIDDLE:
            slowly.advance_to(at)
    once.advance_to(MIDDLE)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_advancing_again_changes_nothing(tmp_path, worlds):
    world = worlds(tmp_path)
    world.advance_to(MIDDLE)
    before = contents(tmp_path)
    assert world.advance_to(MIDDLE) == 0
    again = worlds(tmp_path)
    again.advance_to(MIDDLE - timedelta(days=3))
    assert contents(tmp_path) == before


def test_a_crash_between_letters_and_ledger_is_made_good_by_repeating(tmp_path, monkeypatch, worlds):
    whole, broken = worlds(tmp_path / "whole"), worlds(tmp_path / "broken")
    whole.advance_to(MIDDLE)

    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erp, "apply", crash)
        with pytest.raises(KeyboardInterrupt):
            broken.advance_to(MIDDLE)
    worlds(tmp_path / "broken").advance_to(MIDDLE)
    assert contents(tmp_path / "broken") == contents(tmp_path / "whole")


def test_nothing_is_dated_after_the_moment_it_is_known(tmp_path, worlds):
    worlds(tmp_path).advance_to(MIDDLE)
    tables, documents, _ = contents(tmp_path)
    limit = MIDDLE.replace(tzinfo=None)
    assert all(
        limit >= row.CAPIBLOCK_MODIFIEDDATE
        for name in ("LG_001_01_INVOICE", "LG_001_01_CLFLINE")
        for row in tables[name]
    )
    assert all(each.modified_at <= "2026-02-14T14:00:00Z" for each in documents["notes"])


def test_a_keeping_payer_answers_a_reminder_with_a_day_and_pays_on_it(tmp_path, worlds):
    world = worlds(tmp_path)
    who = next(w for w in world.company.customers if w.profile.payer is Payer.KEEPING and w.profile.relief is None)
    late = next(i for i in world.company.invoices_of(who) if i.pays and (i.pays - i.due).days > 20)
    day = late.due + timedelta(days=8)
    world.advance_to(moment(day, 8))
    remind(world, tmp_path, who, day)
    world.advance_to(moment(late.due + timedelta(days=27), 17))
    tables, _, letters = contents(tmp_path)
    answers = [name for name in letters if f"R-{who.ref}-" in name]
    paid = [row for row in tables["LG_001_01_CLFLINE"] if late.ref == row.INVOICEREF]
    assert len(answers) == 1
    assert len(paid) == 1
    assert late.pays > paid[0].DATE_
    mail = message_from_bytes(letters[answers[0]], policy=policy.default)
    assert mail["In-Reply-To"] == f"<{who.code}-{day}@x.example>"
    assert "> Please pay." in mail.get_content()


def test_a_reminder_read_twice_is_answered_once(tmp_path, worlds):
    world = worlds(tmp_path)
    who = next(w for w in world.company.customers if w.profile.payer is Payer.BREAKING)
    day = START + timedelta(days=40)
    world.advance_to(moment(day, 8))
    remind(world, tmp_path, who, day)
    world.advance_to(moment(day + timedelta(days=7), 8))
    before = contents(tmp_path)
    worlds(tmp_path).advance_to(moment(day + timedelta(days=7), 8))
    assert contents(tmp_path) == before


def test_a_quiet_payer_never_writes_a_word_itself(tmp_path, worlds):
    world = worlds(tmp_path)
    who = next(w for w in world.company.customers if w.profile.payer is Payer.QUIET)
    for week in range(4, 11):
        day = START + timedelta(weeks=week)
        world.advance_to(moment(day, 8))
        remind(world, tmp_path, who, day)
    world.advance_to(world.steps[-1])
    mails = [message_from_bytes(raw, policy=policy.default) for raw in contents(tmp_path)[2].values()]
    own = [mail for mail in mails if mail["From"].addresses[0].addr_spec in {who.email, who.contact_email}]
    assert all(mail["Auto-Submitted"] == "auto-replied" for mail in own)


def test_owners_tick_off_tasks_about_who_is_no_longer_late(tmp_path, worlds, store):
    world = worlds(tmp_path)
    prompt = next(w for w in world.company.customers if w.profile.payer is Payer.PROMPT and w.profile.turn is None)
    store.add("tasks", {"customer": prompt.crm_id, "title": "call", "status": "open"}, id="T1")
    quiet = next(w for w in world.company.customers if w.profile.payer is Payer.QUIET)
    world.advance_to(world.steps[-1])
    store.add("tasks", {"customer": quiet.crm_id, "title": "call", "status": "open"}, id="T2")
    world.advance_to(world.steps[-1] + timedelta(hours=1))
    assert [store.get("tasks", id).body["status"] for id in ("T1", "T2")] == ["done", "open"]
