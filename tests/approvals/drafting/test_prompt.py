import msgspec

from approvals.drafting.prompt import problems
from tests.approvals.drafting.planted import PROMPT


def test_a_prompt_without_fault_has_no_problems():
    assert problems(PROMPT) == ()


def test_a_slot_that_nobody_declared_is_told_with_those_that_are():
    [problem] = problems(msgspec.structs.replace(PROMPT, templates={"en": "Dear {custmer}"}))
    assert problem.code == "unknown-slot"
    assert "customer" in problem.hint


def test_a_brace_that_opens_no_slot_is_told():
    [problem] = problems(msgspec.structs.replace(PROMPT, templates={"en": "Dear {customer"}))
    assert problem.code == "broken-slot"


def test_a_prompt_needs_a_template():
    [problem] = problems(msgspec.structs.replace(PROMPT, templates={}))
    assert problem.code == "no-template"


def test_the_language_is_the_wanted_one_else_the_companys_else_any():
    assert PROMPT.spoken("tr-TR", "en") == "tr"
    assert PROMPT.spoken("de", "en") == "en"
    assert PROMPT.spoken("de", "fr") == "en"
