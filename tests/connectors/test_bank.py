from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.feel import Money
from engine.ports import Connector, SourceDown
from tests.connectors.conformance import Follower, ManualClock, ReadsEverything
from tests.connectors.conformance.simulated import pack
from tests.connectors.packs import compiled

IBAN = "DE12500105170648489890"
PAYER = "DE89370400440532013000"


def entry(reference="", amount="119.00", mark="CRDT", text="RE 2026-0815", name="Ada Lovelace", more=""):
    role = "Dbtr" if mark == "CRDT" else "Cdtr"
    return f"""<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
      <BookgDt><Dt>2026-03-02</Dt></BookgDt><ValDt><Dt>2026-03-03</Dt></ValDt>
      {f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""}
      <NtryDtls><TxDtls><Refs><EndToEndId>E2E-1</EndToEndId></Refs>
        <RltdPties><{role}><Pty><Nm>{name}</Nm></Pty></{role}>
          <{role}Acct><Id><IBAN>{PAYER}</IBAN></Id></{role}Acct></RltdPties>
        <RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>{more}</NtryDtls></Ntry>"""


def camt(*entries, number="1", version="08", opening=None, closing=None, closed="2026-03-03", account=IBAN):
    def balance(code, amount):
        if amount is None:
            return ""
        return f"""<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>
          <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{closed}</Dt></Dt></Bal>"""

    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><Stmt>
      <Id>S</Id><ElctrncSeqNb>{number}</ElctrncSeqNb><Acct><Id><IBAN>{account}</IBAN></Id></Acct>
      {balance("OPBD", opening)}{balance("CLBD", closing)}{"".join(entries)}
    </Stmt></BkToCstmrStmt></Document>"""


MT940 = f"""{{1:F01BANKDEFFAXXX0000000000}}{{4:
:20:STARTUMS
:25:{IBAN}
:28C:00001/001
:60F:C260301EUR1000,00
:61:2603030302C119,00NTRFNONREF//BANKREF1
:86:166?00GUTSCHRIFT?10931?20EREF+E2E-1?21SVWZ+RE 2026-0815?30COBADEFF?31{PAYER}?32Ada Lovelace
:61:2603030303D20,50NMSCNONREF
:86:Account charges
 for February
:62F:C260303EUR1098,50
-}}
"""


@dataclass
class BankPeer:
    home: Path
    clock: ManualClock = field(default_factory=ManualClock)
    stream: str = "lines"
    page_size: int = 4
    connector: Connector | None = None

    def __post_init__(self):
        self.box = self.home / "statements"
        self.box.mkdir()
        self.open()

    def open(self, **stream):
        settings = {"format": "camt053", "files": "*.xml", "page_size": 4, **stream}
        source = {"connector": "bank", "path": "statements", "streams": {"lines": settings}}
        self.connector = open_connector("bank", source, Surroundings(self.home, self.clock))
        return self

    def put_file(self, name, content):
        (self.box / name).write_text(content)

    async def put(self, key, text, _at):
        self.put_file(f"{key}.xml", camt(entry(key, text=text)))

    def text(self, record):
        return record.data["text"]


@pytest.fixture
def bank(tmp_path):
    return BankPeer(tmp_path)


async def told(bank):
    follower = Follower(bank)
    await follower.sync()
    return follower


def codes(follower):
    return [(str(each.problem.place), each.problem.code) for each in follower.rejected]


class TestFolder(ReadsEverything):
    @pytest.fixture
    def peer(self, bank):
        return bank

    async def test_the_initial_read_tells_everything_once(self, peer):
        for number in range(9):
            await peer.put(f"k{number}", "first", None)
        follower = await told(peer)
        assert sorted(follower.state()) == [f"{IBAN}|k{number}" for number in range(9)]
        assert follower.doubles() == []

    async def test_nothing_there_still_moves_the_watermark(self, peer):
        """Not so here: a statement that has not come tells nothing."""
        follower = Follower(peer)
        assert await follower.sync() == []
        assert follower.pages[-1].watermark is None

    async def test_what_is_told_reaches_to_the_end_of_the_last_closing_day(self, peer):
        peer.put_file("1.xml", camt(entry("A1"), opening="0.00", closing="119.00", closed="2026-03-03"))
        follower = await told(peer)
        assert follower.pages[-1].watermark == datetime(2026, 3, 4, tzinfo=UTC)
        peer.clock.advance(days=9)
        await follower.sync()
        assert follower.pages[-1].watermark == datetime(2026, 3, 4, tzinfo=UTC), "no statement came since"

    async def test_of_several_accounts_the_one_that_is_behind_counts(self, peer):
        peer.put_file("1.xml", camt(entry("A1"), opening="0.00", closing="119.00", closed="2026-03-05"))
        peer.put_file("2.xml", camt(entry("B1"), opening="0.00", closing="119.00", closed="2026-03-03", account=PAYER))
        follower = await told(peer)
        assert follower.pages[-1].watermark == datetime(2026, 3, 4, tzinfo=UTC)
        peer.put_file("3.xml", camt(number="2", opening="119.00", closing="119.00", closed="2026-03-06", account=PAYER))
        await follower.sync()
        assert follower.pages[-1].watermark == datetime(2026, 3, 6, tzinfo=UTC)

    async def test_an_account_whose_last_file_was_taken_away_holds_nothing_back(self, peer):
        peer.put_file("1.xml", camt(entry("A1"), opening="0.00", closing="119.00", closed="2026-03-05"))
        peer.put_file("2.xml", camt(entry("B1"), opening="0.00", closing="119.00", closed="2026-03-03", account=PAYER))
        follower = await told(peer)
        (peer.box / "2.xml").unlink()
        await follower.sync()
        assert follower.pages[-1].watermark == datetime(2026, 3, 6, tzinfo=UTC)

    async def test_mt940_says_its_closing_day_too(self, peer):
        peer.open(format="mt940", files="*.sta")
        peer.put_file("1.sta", MT940)
        assert (await told(peer)).pages[-1].watermark == datetime(2026, 3, 4, tzinfo=UTC)

    async def test_a_file_is_told_once_and_again_when_it_changed(self, peer):
        await peer.put("a", "first", None)
        follower = await told(peer)
        assert await follower.sync() == []
        await peer.put("a", "first, and more", None)
        assert await follower.sync() == [(f"{IBAN}|a", "first, and more")]

    async def test_a_read_that_broke_off_within_a_file_tells_the_rest(self, peer):
        peer.put_file("all.xml", camt(*(entry(f"r{number}") for number in range(9))))
        follower = Follower(peer)
        await follower.sync(most_pages=1)
        await follower.sync()
        assert len(follower.state()) == 9

    async def test_a_folder_that_is_not_there_is_down(self, peer):
        peer.box.rmdir()
        with pytest.raises(SourceDown, match="there is no folder"):
            await told(peer)


class TestCamt:
    @pytest.mark.parametrize("version", ["02", "08", "13"])
    async def test_an_entry_is_a_record(self, bank, version):
        bank.put_file("a.xml", camt(entry("REF1"), opening="1000.00", closing="1119.00", version=version))
        follower = await told(bank)
        (record,) = follower.told
        assert record.key == f"{IBAN}|REF1"
        assert {name: value for name, value in record.data.items() if value} == {
            "account": IBAN, "statement": "1", "amount": Decimal("119.00"), "currency": "EUR",
            "booked_on": date(2026, 3, 2), "valued_on": date(2026, 3, 3), "entry_reference": "REF1",
            "reference": "E2E-1", "counterparty": "Ada Lovelace", "counterparty_iban": PAYER,
            "text": "RE 2026-0815", "status": "BOOK",
        }  # fmt: skip
        assert follower.rejected == []

    async def test_what_we_paid_is_negative_and_the_creditor_is_the_other_side(self, bank):
        bank.put_file("a.xml", camt(entry("REF1", "20.50", "DBIT", name="Landlord")))
        (record,) = (await told(bank)).told
        assert (record.data["amount"], record.data["counterparty"]) == (Decimal("-20.50"), "Landlord")

    async def test_a_batch_is_one_entry_with_its_payments(self, bank):
        other = """<TxDtls><Refs><EndToEndId>E2E-2</EndToEndId></Refs><Amt Ccy="EUR">19.00</Amt>
          <RltdPties><Dbtr><Nm>Grace</Nm></Dbtr></RltdPties></TxDtls>"""
        bank.put_file("a.xml", camt(entry("REF1", more=other)))
        (record,) = (await told(bank)).told
        assert [each["reference"] for each in record.data["transactions"]] == ["E2E-1", "E2E-2"]
        assert record.data["transactions"][1]["amount"] == Decimal("19.00")
        assert record.data["counterparty"] == ""

    async def test_equal_payments_without_a_reference_are_two_and_the_same_ones_when_told_again(self, bank):
        bank.put_file("a.xml", camt(entry(), entry()))
        bank.put_file("b.xml", camt(entry(), entry()))
        follower = await told(bank)
        assert len(follower.told) == 4
        assert len(follower.state()) == 2

    async def test_the_same_reference_twice_in_a_file_waits_for_a_person(self, bank):
        bank.put_file("a.xml", camt(entry("R"), entry("R"), entry("R", "5.00")))
        follower = await told(bank)
        assert [each.data["amount"] for each in follower.told] == [Decimal("119.00")]
        assert codes(follower) == [("a.xml", "duplicate-key"), ("a.xml", "same-reference")]

    async def test_entries_that_do_not_lead_from_balance_to_balance_are_told_and_reported(self, bank):
        bank.put_file("a.xml", camt(entry("R"), opening="1000.00", closing="1238.00"))
        follower = await told(bank)
        assert len(follower.told) == 1
        assert codes(follower) == [("a.xml", "unbalanced-statement")]

    async def test_a_broken_entry_costs_only_itself(self, bank):
        bank.put_file("a.xml", camt(entry("a", "twelve"), entry("b"), entry("c", mark="BOTH")))
        follower = await told(bank)
        assert [each.key for each in follower.told] == [f"{IBAN}|b"]
        assert [each.problem.code for each in follower.rejected] == ["broken-entry", "broken-entry"]
        assert "entry 3" in follower.rejected[1].problem.message

    @pytest.mark.parametrize(
        "content",
        ["", "<Document>", "<a/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', camt(entry("R"))[:-40]],
    )
    async def test_a_file_that_is_none_waits_whole_and_is_read_once_it_is_one(self, bank, content):
        bank.put_file("a.xml", content)
        follower = await told(bank)
        assert codes(follower) == [("a.xml", "no-statement")]
        bank.put_file("a.xml", camt(entry("R")))
        assert len(await follower.sync()) == 1


class TestMt940:
    @pytest.fixture
    def bank(self, tmp_path):
        return BankPeer(tmp_path).open(format="mt940", files="*.sta")

    async def test_an_entry_is_a_record(self, bank):
        bank.put_file("a.sta", MT940)
        follower = await told(bank)
        assert follower.rejected == []
        paid, charges = (each.data for each in follower.told)
        assert {name: value for name, value in paid.items() if value} == {
            "account": IBAN, "statement": "00001/001", "amount": Decimal("119.00"), "currency": "EUR",
            "booked_on": date(2026, 3, 2), "valued_on": date(2026, 3, 3), "entry_reference": "BANKREF1",
            "reference": "E2E-1", "counterparty": "Ada Lovelace", "counterparty_iban": PAYER,
            "text": "RE 2026-0815", "status": "BOOK", "code": "166",
        }  # fmt: skip
        assert (charges["amount"], charges["text"]) == (Decimal("-20.50"), "Account charges for February")
        assert follower.told[0].key == f"{IBAN}|BANKREF1"

    async def test_a_broken_entry_costs_only_itself_and_is_found_by_its_line(self, bank):
        bank.put_file("a.sta", MT940.replace(":61:2603030303D20,50", ":61:yesterday"))
        follower = await told(bank)
        assert [each.data["entry_reference"] for each in follower.told] == ["BANKREF1"]
        assert codes(follower) == [("a.sta:8:1", "broken-entry"), ("a.sta", "unbalanced-statement")]

    async def test_a_file_with_several_statements(self, bank):
        bank.put_file("a.sta", MT940 + MT940.replace("00001/001", "00002/001").replace("BANKREF1", "BANKREF2"))
        follower = await told(bank)
        assert (len(follower.state()), follower.rejected) == (4, [])

    async def test_old_encodings_are_read(self, bank):
        (bank.box / "a.sta").write_bytes(MT940.replace("charges", "Gebühren").encode("latin-1"))
        assert "Gebühren" in (await told(bank)).told[1].data["text"]

    async def test_what_is_no_statement_waits(self, bank):
        bank.put_file("a.sta", "Dear customer,\n")
        assert codes(await told(bank)) == [("a.sta", "no-statement")]


@pytest.mark.parametrize(
    ("stream", "file", "content"), [("camt", "s.xml", camt(entry("REF1"))), ("mt940", "s.sta", MT940)]
)
async def test_an_entry_becomes_a_bank_line_of_the_shipped_model_by_the_pack(tmp_path, stream, file, content):
    (tmp_path / file).write_text(content)
    connector = pack("bank-statements", tmp_path, {"BANK_STATEMENTS": "."}, ManualClock())
    pages = [page async for page in connector.read(stream, "")]
    records = [record for page in pages for record in page.records]
    ((mapped,), *_) = map(compiled("bank-statements").map, records)
    assert mapped.event.fields == {
        "account": IBAN, "currency": "EUR", "amount": Money(Decimal(119), "EUR"),
        "booked_on": date(2026, 3, 2), "valued_on": date(2026, 3, 3), "counterparty": "Ada Lovelace",
        "counterparty_iban": PAYER, "reference": "E2E-1", "text": "RE 2026-0815",
    }  # fmt: skip
