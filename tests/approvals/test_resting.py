"""More than low consequence never rests on read facts alone, and a long proof hides none of them."""

import pytest

from approvals.reading.resting import doubts
from engine.events import Proof, Source
from tests.approvals.world import MAIL, TASK

READ = Proof(kind="field", path="message:M1.intent", source=Source("read/dunning.reply/M1", ""))
TOLD = Proof(kind="field", path="customer:C1.owed", source=Source("erp/customers/C1", ""))


def over(*reasons: Proof, omitted: int = 0) -> Proof:
    counted = Proof(kind="aggregate", path="count(messages)", reasons=reasons, omitted=omitted)
    return Proof(kind="action", path="customer:C1", reasons=(TOLD, counted))


@pytest.mark.parametrize(
    ("proof", "told"),
    [
        (over(TOLD), ""),
        (over(TOLD, READ), "rests on what was read from a text: message:M1.intent"),
        (over(TOLD, omitted=3), "rests on 3 facts that its proof leaves out, which may be read from texts"),
    ],
)
def test_a_person_looks_at_what_was_read_and_at_what_cannot_be_seen(proof, told):
    assert doubts(proof, MAIL) == ((told,) if told else ())
    assert doubts(proof, TASK) == (), "low consequence goes by policy"


def test_nothing_is_left_out_where_no_text_is_read():
    assert doubts(over(TOLD, omitted=3), MAIL, reads=False) == ()
    assert doubts(over(READ), MAIL, reads=False) != ()
