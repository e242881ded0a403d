"""What is wrong is told with its place, waits, and holds nothing else up; nothing is lost."""

import asyncio
from decimal import Decimal

import pytest

from api.views import Actor
from engine.events import Record
from engine.feel import Money

ADA = Actor(id="ada", roles=frozenset({"admin"}), channel="cli")
CUSTOMERS = "id,name,email\nC1,Acme,acme@x.example\nC2,Öz Çelik,oz@x.example\n"
INVOICES = "number,customer,amount,due_date,paid_on\n"
GOOD = "I1,C1,100.00,2026-02-20,\n"


@pytest.fixture
def ledger(home):
    """Write the ledger's files, as text in UTF-8 or as bytes."""

    def write(invoices, customers=CUSTOMERS):
        for name, content in (("invoices", invoices), ("customers", customers)):
            (home / "data" / f"{name}.csv").write_bytes(content.encode() if isinstance(content, str) else content)

    write(INVOICES + GOOD)
    return write


async def waiting(cli):
    return (await cli("quarantine", "list", code=0)).answer


ROWS = {
    "too few columns": ("I2,C1", "invoices.csv:3"),
    "too many columns": ("I2,C1,100.00,2026-02-20,,what,is,this", "invoices.csv:3"),
    "no key": (",C1,100.00,2026-02-20,", "invoices.csv:3"),
    "a date that is none": ("I2,C1,100.00,2026-02-31,", "invoices.csv:3"),
    "a word for an amount": ("I2,C1,much,2026-02-20,", "invoices.csv:3"),
    "an amount in another notation": ('I2,C1,"1.234,50",2026-02-20,', "invoices.csv:3"),
}


@pytest.mark.parametrize(("row", "place"), ROWS.values(), ids=ROWS)
async def test_a_row_that_cannot_be_used_waits_with_its_place_and_the_rest_goes_on(cli, ledger, row, place):
    ledger(f"{INVOICES}{GOOD}{row}\nI3,C2,70.00,2026-02-21,\n")
    synced = await cli("sync", "ledger", code=1)
    assert synced.answer[0]["rejected"] == 1
    (item,) = await waiting(cli)
    told = item["problem"]["place"]
    assert f"{told['file']}:{told['line']}".startswith(place)
    assert item["problem"]["message"]
    for known in ("I1", "I3"):
        shown = (await cli("show", f"invoice:{known}", code=0)).answer
        assert shown["id"] == known


async def test_a_corrected_row_comes_in_with_the_next_sync_and_closes_the_one_that_waited(cli, ledger):
    ledger(f"{INVOICES}{GOOD}I2,C1,100.00,2026-02-20,\n")
    await cli("sync", "ledger", code=0)
    ledger(f"{INVOICES}{GOOD}I2,C1,100.00,2026-02-31,\n")
    await cli("sync", "ledger", code=1)
    (item,) = await waiting(cli)
    ledger(f"{INVOICES}{GOOD}I2,C1,100.00,2026-02-28,\n")
    await cli("sync", "ledger", code=0)
    assert (await cli("show", "invoice:I2", code=0)).answer["fields"]["due_date"]["value"] == "2026-02-28"
    assert await waiting(cli) == []
    await cli("quarantine", "drop", item["id"], code=2)


@pytest.mark.parametrize(("row", "kept"), [("I2,C1", True), (",C1,100.00,2026-02-20,", True), ("", False)])
async def test_a_row_that_became_illegible_is_not_a_deletion(cli, ledger, home, row, kept):
    sources = home / "config/sources.yaml"
    sources.write_text(sources.read_text().replace("path: invoices.csv", "path: invoices.csv, complete: true"))
    ledger(f"{INVOICES}{GOOD}I2,C1,100.00,2026-02-20,\n")
    await cli("sync", "ledger", code=0)
    ledger(f"{INVOICES}{GOOD}{row}\n")
    await cli("sync", "ledger")
    assert (await cli("show", "invoice:I2")).code == (0 if kept else 2)


async def test_what_waited_for_a_better_mapping_is_taken_in_by_retry(cli, ledger, home):
    ledger(f"{INVOICES}{GOOD}I2,C1,100.00,20.02.2026,\n")
    await cli("sync", "ledger", code=1)
    (item,) = await waiting(cli)
    again = await cli("quarantine", "retry", item["id"], code=1)
    assert again.answer[item["id"]]["status"] == "rejected"
    assert len(await waiting(cli)) == 1
    mapping = home / "mappings/ledger.yaml"
    text = mapping.read_text()
    better = (
        'due_date: |\n          if contains(due_date, ".") then parse date(due_date, "d.M.yyyy") else date(due_date)'
    )
    mapping.write_text(text.replace("due_date: due_date", better))
    await cli("check", code=0)
    again = await cli("quarantine", "retry", "--all", code=0)
    assert again.answer[item["id"]]["status"] == "accepted"
    assert await waiting(cli) == []
    assert (await cli("show", "invoice:I2", code=0)).answer["fields"]["due_date"]["value"] == "2026-02-20"


async def test_retry_does_not_undo_what_the_source_has_told_since(company, home):
    rejected = await company.invoice("I1", "C1", due="soon")
    await company.wait(hours=1)
    await company.invoice("I1", "C1", due="2026-02-25")
    assert (await company.layer.retry(rejected.quarantine, ADA)).status == "duplicate"
    assert not await company.layer.quarantine()
    assert str((await company.layer.entity("invoice", "I1")).fields["due_date"].value) == "2026-02-25"


async def test_what_fails_otherwise_on_retry_waits_once(company, home):
    rejected = await company.invoice("I1", "C1", due="soon")
    again = await company.layer.retry(rejected.quarantine, ADA)
    assert again.status == "rejected"
    assert [each.id for each in await company.layer.quarantine()] == [again.quarantine]
    assert await company.layer.drop(again.quarantine, ADA, "a test")
    assert not await company.layer.drop(again.quarantine, ADA, "twice")
    assert await company.layer.retry(again.quarantine, ADA) is None
    dropped = [each.body for each in await company.entries("quarantine") if each.body.get("state") == "dropped"]
    assert [each["reason"] for each in dropped] == ["a test"]


async def test_the_same_bad_row_again_is_one_item_counted(cli, ledger):
    ledger(f"{INVOICES}I2,C1,much,2026-02-20,\n")
    await cli("sync", "ledger", code=1)
    ledger(f"{INVOICES}I2,C1,much,2026-02-20,\n{GOOD}")
    await cli("sync", "ledger")
    (item,) = await waiting(cli)
    assert item["key"] == "I2"


async def test_an_unknown_customer_is_not_an_error_but_an_open_question(company):
    await company.invoice("I1", "C9")
    shown = (await company.layer.entity("invoice", "I1")).fields["customer"]
    assert "C9 is not known" in shown.unresolved
    assert not await company.layer.decisions()
    await company.customer("C9")
    assert (await company.layer.entity("invoice", "I1")).fields["customer"].unresolved == ""
    assert (await company.action()).key.subject == "customer:C9"


async def test_one_key_twice_in_a_file_is_told_and_the_later_row_counts(cli, ledger):
    ledger(f"{INVOICES}I1,C1,100.00,2026-02-20,\nI1,C1,250.00,2026-02-22,\n")
    synced = await cli("sync", "ledger")
    amount = (await cli("show", "invoice:I1", code=0)).answer["fields"]["amount"]["value"]
    if synced.code == 0:
        assert amount["amount"] == "250.00"
    else:
        (item,) = await waiting(cli)
        assert "I1" in item["problem"]["message"]


async def test_an_event_with_a_known_id_counts_once(company):
    record = Record(
        source="ledger",
        stream="customers",
        key="C1",
        data={"id": "C1", "name": "A", "email": "a@x.example"},
        event_id="e1",
    )
    assert [each.status for each in await company.layer.ingest([record, record])] == ["accepted", "duplicate"]
    assert [each.status for each in await company.layer.ingest([record])] == ["duplicate"]
    assert len(await company.entries("record")) == 1


async def test_a_byte_order_mark_is_no_part_of_the_first_column(cli, ledger):
    ledger("\ufeff" + INVOICES + GOOD, "\ufeff" + CUSTOMERS)
    await cli("sync", "ledger", code=0)
    assert (await cli("show", "customer:C2", code=0)).answer["customer"]["fields"]["name"]["value"] == "Öz Çelik"


async def test_latin_1_where_utf_8_was_agreed_is_told_with_its_line(cli, ledger):
    ledger(INVOICES + GOOD, CUSTOMERS.replace("Öz Çelik", "Café").encode("latin-1"))
    synced = await cli("sync", "ledger")
    assert synced.code != 0
    told = synced.said + str(await waiting(cli))
    assert "customers.csv" in told
    assert "UTF-8" in told


async def test_latin_1_is_read_where_it_is_agreed(cli, ledger, home):
    sources = home / "config/sources.yaml"
    sources.write_text(sources.read_text().replace("path: customers.csv,", "path: customers.csv, encoding: latin-1,"))
    ledger(INVOICES + GOOD, CUSTOMERS.replace("Öz Çelik", "Café").encode("latin-1"))
    await cli("sync", "ledger", code=0)
    assert (await cli("show", "customer:C2", code=0)).answer["customer"]["fields"]["name"]["value"] == "Café"


@pytest.mark.parametrize("cut", ["I2,C1,100.00,2026-0", 'I2,"C1', "I2,C1,100.00,2026-02-2"])
async def test_of_a_file_that_is_still_being_written_no_half_row_is_believed(cli, ledger, cut):
    whole = f"{INVOICES}{GOOD}I2,C1,100.00,2026-02-28,\nI3,C2,70.00,2026-02-21,\n"
    ledger(whole[: whole.index("I2")] + cut)
    await cli("sync", "ledger")
    assert (await cli("show", "invoice:I1", code=0)).answer["id"] == "I1"
    assert (await cli("show", "invoice:I2")).code != 0
    ledger(whole)
    await cli("sync", "ledger", code=0)
    assert (await cli("show", "invoice:I2", code=0)).answer["fields"]["due_date"]["value"] == "2026-02-28"
    assert (await cli("show", "invoice:I3", code=0)).answer["id"] == "I3"


async def test_a_source_that_is_down_is_told_and_the_others_are_read(cli, ledger, home):
    (home / "data/customers.csv").unlink()
    sources = home / "config/sources.yaml"
    sources.write_text(sources.read_text().replace("    streams: {}", "    streams: {inbox: {}}"))
    synced = await cli("sync", code=3)
    found = {each["source"]: each for each in synced.answer}
    assert "customers.csv" in found["ledger"]["problem"]["message"]
    assert "next sync" in found["ledger"]["problem"]["hint"]
    assert set(found) == {"ledger", "mail"}
    ledger(INVOICES + GOOD)
    assert (await cli("sync", "ledger", code=0)).answer[0]["records"] == 3


@pytest.fixture
async def silent():
    """A web service that accepts and says nothing."""

    async def never(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    yield server
    server.close()
    await server.wait_closed()


async def test_a_source_that_never_answers_is_given_up_and_the_next_is_read(cli, home, silent):
    server = silent
    port = server.sockets[0].getsockname()[1]
    sources = home / "config/sources.yaml"
    slow = f"""
  slow:
    connector: http
    url: http://127.0.0.1:{port}
    timeout: PT1S
    streams:
      things: {{path: /things, items: items, key: id, page: {{kind: none}}}}
"""
    sources.write_text(sources.read_text() + slow)
    (home / "mappings/slow.yaml").write_text(
        "format: 1\nsource: slow\nstreams:\n  things:\n    - entity: customer\n      id: id\n      fields: {name: name}\n"
    )
    await cli("check", code=0)
    synced = await asyncio.wait_for(cli("sync", code=3), 60)
    found = {each["source"]: each for each in synced.answer}
    assert found["ledger"]["problem"] is None
    assert found["ledger"]["records"] > 0
    assert found["slow"]["problem"]["code"] == "source-down"


async def test_a_refused_recipient_fails_alone_with_the_servers_words(postoffice, company):
    await company.customer("C1", email="gone@x.example")
    await company.customer("C2")
    for id in ("C1", "C2"):
        await company.invoice(f"I-{id}", id)
    await company.layer.prepare()
    for action in await company.layer.actions(state="pending"):
        await company.say("approve", action)
    await company.wait(minutes=5)
    states = {action.recipient: action for action in await company.layer.actions()}
    assert states["C2@x.example"].state == "sent"
    assert states["gone@x.example"].state == "failed"
    assert "no such mailbox" in states["gone@x.example"].history[-1].reason
    assert len(list(postoffice.customers.files())) == 1


async def test_a_mail_server_that_is_down_costs_nothing_but_time(company, monkeypatch):
    await company.customer("C1")
    await company.invoice("I1", "C1")
    await company.say("approve", await company.action())
    await company.wait(minutes=3)
    action = await company.action()
    assert action.state == "scheduled"
    assert "retry" in [each.state for each in action.history]


# --- two currencies -----------------------------------------------------------------------------------------------


async def test_two_currencies_are_never_one_sum(home, opened):
    model = home / "config/model.yaml"
    text = model.read_text().replace(
        "amount: {type: money, currency: EUR}", "currency: text\n      amount: {type: money, currency_field: currency}"
    )
    text = text.replace(
        "      oldest_due:\n",
        "      owed:\n        type: any\n        derived: sum(invoices[open].amount)\n      oldest_due:\n",
    )
    model.write_text(text)
    mapping = home / "mappings/ledger.yaml"
    mapping.write_text(
        mapping.read_text().replace("        amount: amount\n", "        amount: amount\n        currency: currency\n")
    )
    rules = home / "rules/reminders/ruleset.yaml"
    rules.write_text(
        rules.read_text().replace("when: oldest_due != null and", "when: owed.amount > 10 and oldest_due != null and")
    )
    (home / "rules/reminders/examples.yaml").unlink()
    async with opened() as company:
        await company.customer("C1")
        base = {"customer": "C1", "due_date": "2026-02-20", "paid_on": None}
        await company.tell("invoices", "I1", number="I1", amount="100", currency="EUR", **base)
        assert (await company.layer.entity("customer", "C1")).fields["owed"].value == Money(Decimal(100), "EUR")
        taken = await company.tell("invoices", "I2", number="I2", amount="900", currency="TRY", **base)
        assert taken.status == "accepted"
        owed = (await company.layer.entity("customer", "C1")).fields["owed"]
        assert owed.value is None
        assert "EUR" in owed.unresolved
        why = await company.layer.why_not("reminders/late", "customer:C1")
        assert why.truth != "true"
        await company.customer("C2")
        await company.tell("invoices", "I3", number="I3", amount="50", currency="TRY", **(base | {"customer": "C2"}))
        assert (await company.layer.actions(subject="customer:C2"))[0].state in ("proposed", "pending")


# --- check --------------------------------------------------------------------------------------------------------


async def test_check_tells_every_fault_of_a_home_with_file_line_and_column(cli, home):
    rules = home / "rules/reminders/ruleset.yaml"
    rules.write_text(
        rules.read_text().replace("for: customer", "for: custmer").replace("autonomy: customer_mail", "autonomie: x")
    )
    people = home / "config/people.yaml"
    people.write_text(people.read_text().replace("roles: [operator]", "roles: [operater]"))
    model = home / "config/model.yaml"
    model.write_text(model.read_text().replace("min(invoices[open].due_date)", "min(invoices[open].due_date"))
    mapping = home / "mappings/ledger.yaml"
    mapping.write_text(mapping.read_text().replace("amount: amount", "amuont: amount"))
    checked = await cli("check", code=1)
    faults = {each["where"].rsplit(":", 2)[0]: each for each in checked.answer["problems"]}
    assert set(faults) == {
        "rules/reminders/ruleset.yaml", "config/people.yaml", "config/model.yaml", "mappings/ledger.yaml"
    }  # fmt: skip
    for each in checked.answer["problems"]:
        _, line, column = each["where"].rsplit(":", 2)
        assert int(line) > 1
        assert int(column) > 1
        assert each["where"] in checked.said
    assert (await cli("actions", "list")).code == 3


async def test_check_survives_what_is_no_yaml_at_all(cli, home):
    (home / "config/people.yaml").write_text("people: [\n  - {id: a")
    (home / "config/app.yaml").write_bytes(b"format: 1\ncompany: \xff\xfe\n")
    checked = await cli("check", code=1)
    files = {each["where"].split(":")[0] for each in checked.answer["problems"]}
    assert {"config/people.yaml", "config/app.yaml"} <= files
    assert "Traceback" not in checked.said
