# ruff: noqa: RUF001  (Turkish)
"""What is remembered is told in the reader's language, from the facts of the entry."""

from datetime import UTC, datetime

import msgspec
import pytest

from api.layer.telling import tell
from api.speech.memory import remembered
from api.words import Words
from engine.ports import Stored

AT = datetime(2026, 3, 2, tzinfo=UTC)
PEOPLE = {"ayse": "Ayşe Kaya"}


def entry(kind, /, **body):
    return Stored(
        seq=1, kind=kind, recorded_at=AT, valid_at=None, actor="ayse", subjects=(), revision="", body=body or None
    )


TOLD = [
    (entry("record", record="erp/invoices/7", fields={"due_date": "2026-01-05", "paid_on": None}),
     "erp/invoices/7 says: due date 5 January 2026", "erp/invoices/7: vade 5 Ocak 2026"),
    (entry("deleted", record="erp/invoices/7"), "erp/invoices/7 is gone", "erp/invoices/7 silindi"),
    (entry("decision", ruleset="dunning", rule="first_reminder", kind="propose", action="remind"),
     "The rule “first reminder” proposes: remind", "“first reminder” kuralı önerdi: remind"),
    (entry("action", state="withdrawn", reason="paid on 2026-03-01"),
     "Withdrawn: paid on 1 March 2026", "Geri çekildi: paid on 1 Mart 2026"),
    (entry("verdict", by="ayse", verdict="approve", channel="web"), "Ayşe Kaya approved it", "Ayşe Kaya onayladı"),
    (entry("verdict", by="ayse", verdict="commented", reason="They called."),
     "Ayşe Kaya left a remark: They called.", "Ayşe Kaya not düştü: They called."),
    (entry("verdict", by="ayse", verdict="claimed", reason=""), "Ayşe Kaya looks after it", "Ayşe Kaya ilgileniyor"),
    (entry("verdict", by="ayse", aftercare="happened", reason="they said so"),
     "Ayşe Kaya says that it happened: they said so", "Ayşe Kaya gerçekleştiğini bildirdi: they said so"),
    (entry("receipt", operation="mail.send", result="ok", reference="T-7"),
     "Send mail: The other system took it. T-7", None),
    (entry("note", text="They called."), "They called.", "They called."),
    (entry("identity", entity="customer", left="C1", right="A7", state="asked", reason="", bits="7.3", evidence=[]),
     "C1 and A7 may be one: a person is asked", "C1 ile A7 bir olabilir: bir kişiye soruluyor"),
    (entry("identity", entity="customer", left="C1", right="A7", state="different", reason="sisters"),
     "C1 and A7 are two: sisters", "C1 ile A7 iki ayrı: sisters"),
    (entry("merge", entity="customer", id="C1", other="A7"), "A7 became part of C1", "A7, C1 kaydının parçası oldu"),
    (entry("outcome", action="act-1", result="good"),
     "It had the effect that the rule declares as good.", "Kuralın iyi saydığı sonuç görüldü."),
]  # fmt: skip


@pytest.mark.parametrize(("stored", "english", "turkish"), TOLD, ids=[each.kind for each, _, _ in TOLD])
def test_an_entry_is_told(stored, english, turkish):
    item = tell(stored)
    assert remembered(item, Words("UTC", {}, "en"), PEOPLE) == english
    if turkish is not None:
        assert remembered(item, Words("UTC", {}, "tr"), PEOPLE) == turkish


def test_what_was_erased_says_so_and_nothing_else():
    item = msgspec.structs.replace(tell(entry("record", record="erp/x", fields={"name": "Acme"})), erased=True)
    assert remembered(item, Words("UTC"), {}) == "Erased."
