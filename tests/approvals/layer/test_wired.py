"""What the layer knows besides the action: authors, forbidden words, other customers' names, the account."""

import subprocess
from pathlib import Path

import pytest

from approvals.results import Decided, NotEditable, NotThisPerson
from tests.approvals.layer.company import POLICIES, RULES, WHO, Company

EYES = POLICIES.replace("letters: {approval: always,", "letters: {approval: always, four_eyes: true,")
CAPPED = POLICIES.replace(
    "invoices: {approval: always,",
    "invoices: {approval: always, caps: {per_customer: {count: 1, within: P2D}},",
)


def committed(home: Path, author: str) -> None:
    for command in (
        ["init", "-q"],
        ["add", "rules"],
        ["-c", "user.name=x", "-c", f"user.email={author}", "commit", "-q", "-m", "rules"],
    ):
        subprocess.run(["git", "-C", str(home), *command], check=True)


@pytest.mark.parametrize("files", [{"policies": EYES}])
async def test_12_who_committed_the_rules_does_not_approve_what_they_propose(closed: Company):
    committed(closed.home, "AYSE@anadolu.example")
    async with closed.open():
        await closed.tell(status="due")
        waiting = await closed.only("due")
        refused = await closed.decide(waiting, "approve")
        assert isinstance(refused, NotThisPerson)
        assert "wrote the rule" in refused.reason
        mehmet = WHO.__class__(id="mehmet", roles=WHO.roles, channel="api")
        assert isinstance(await closed.decide(waiting, "approve", mehmet), Decided)


@pytest.mark.parametrize("files", [{"policies": EYES}])
async def test_without_git_nobody_is_the_author(company: Company):
    await company.tell(status="due")
    assert isinstance(await company.decide(await company.only("due"), "approve"), Decided)


async def test_words_that_the_prompt_forbids_are_refused_from_a_person_too(company: Company):
    await company.tell(status="due")
    waiting = await company.only("due")
    result = await company.decide(waiting, "edit", edit={"text": "Dear Acme, expect a Lawsuit."})
    assert isinstance(result, NotEditable)
    assert [each.code for each in result.problems] == ["forbidden-word"]


async def test_the_names_of_other_customers_are_known_with_and_without_their_legal_form(company: Company):
    known = company.layer.parts.drafting._known
    assert known is not None
    await company.tell("C1", name="Güneş Çelik A.Ş.")
    assert known("güneş çelik")
    assert not known("globex")
    await company.tell("C2", name="Globex Ltd")
    assert known("globex")
    assert known("globex ltd")


@pytest.mark.parametrize("files", [{"policies": CAPPED, "rules": RULES.replace("        group: letters\n", "")}])
async def test_10_two_invoices_of_one_customer_count_as_that_customer(company: Company):
    await company.tell("C1")
    for number in ("I1", "I2"):
        await company.tell(number, "invoices", customer="C1", status="due")
    waiting = await company.layer.actions(state="pending")
    assert {action.root for action in waiting} == {"customer:C1"}
    for action in waiting:
        await company.decide(action, "approve")
    await company.rest()
    assert len(company.box.mails) == 1
    company.advance(days=2, minutes=1)
    await company.rest()
    assert len(company.box.mails) == 2
