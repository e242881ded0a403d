"""Settings of a source are checked like any other file: all faults at once, each with its line and what was expected."""

from pathlib import Path

import pytest

from api.checks import check_tree
from engine.source import Memory

GOOD = Path(__file__).parents[1] / "cases" / "config" / "good"
SOURCES = "config/sources.yaml"


def files(**changed):
    good = {path.relative_to(GOOD).as_posix(): path.read_bytes() for path in GOOD.rglob("*") if path.is_file()}
    return Memory(good | {name: text.encode() for name, text in changed.items()})


def faults(*swaps):
    text = (GOOD / SOURCES).read_text(encoding="utf-8")
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new, 1)
    return check_tree(files(**{SOURCES: text})).problems


def test_every_fault_of_every_source_is_told_at_once():
    found = faults(
        ("url: {env: OPSLAYER_CRM_URL}", "urll: {env: OPSLAYER_CRM_URL}"),
        ("key: LOGICALREF, cursor: MODIFIED}\n      payments", "kee: LOGICALREF, cursor: MODIFIED}\n      payments"),
        ("method: POST", "method: SEND"),
        ("port: {env: OPSLAYER_SMTP_PORT}", "prot: 25"),
    )
    told = {each.message.split(";")[0] for each in found}
    assert {
        "`urll` is no key of an http source",
        "`kee` is no key of an sql stream",
        "`prot` is no key of an smtp",
        "an http source needs the key `url`",
    } <= told
    assert any("`SEND`" in each for each in told)


def test_a_fault_shows_its_line_with_a_caret_and_the_word_that_was_meant():
    (fault, *_) = faults(("stale_after: PT6H", "stale_afterr: PT6H"))
    assert str(fault) == (
        "config/sources.yaml:7:5: `stale_afterr` is no key of an sql source; did you mean `stale_after`?\n"
        "  7 |     stale_afterr: PT6H\n"
        "    |     ^\n"
        "  " + fault.hint
    )
    assert "known keys: connector, every, stale_after" in fault.hint


def test_what_reading_the_file_found_is_not_told_again():
    found = faults(("every: PT5M", "every: 5 minutes"))
    assert [each.message for each in found] == ["expected an ISO 8601 duration such as P7D, PT2H30M, found `5 minutes`"]


@pytest.mark.parametrize("name", ["token", "secret_question", "api_key"])
def test_a_field_of_the_model_may_be_called_like_a_secret(name):
    model = (GOOD / "config/model.yaml").read_text(encoding="utf-8")
    named = model.replace("      tax_id: text\n", f"      tax_id: text\n      {name}: text\n")
    assert named != model
    assert check_tree(files(**{"config/model.yaml": named})).problems == ()


def test_a_fault_in_one_rule_hides_no_misspelt_name_in_another():
    path = "rules/collections/ruleset.yaml"
    text = (GOOD / path).read_text(encoding="utf-8")
    more = """
  - id: first
    for: customer
    wen: true
  - id: second
    for: customer
    when: balanse > 0
    set: {risk: '"high"'}
"""
    found = check_tree(files(**{path: text.rstrip("\n") + more})).problems
    assert any("`wen` is no key" in each.message for each in found)
    assert any("`balanse` is no field of customer" in each.message for each in found)
