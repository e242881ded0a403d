"""A quorum that too few people reach is told; tests/cases/config/broken/quorum-out-of-reach shows who is counted."""

from pathlib import Path

import pytest

from engine.rules import load_home
from engine.source import Memory

GOOD = Path(__file__).parents[2] / "cases" / "config" / "good"
TWO = "format: 1\npolicies:\n  internal_tasks: {quorum: 2, four_eyes: true, approvers: {roles: [operator]}}\n"


def codes(**changes):
    files = {path.relative_to(GOOD).as_posix(): path.read_bytes() for path in GOOD.rglob("*") if path.is_file()}
    found = load_home(Memory({**files, **changes}))
    return [each.code for each in found.problems]


def people(*roles):
    listed = [f"  - {{id: {id}, roles: [{each}]}}" for id, each in zip(("mehmet", "ayse", "can"), roles, strict=False)]
    return "\n".join(["format: 1", "people:", *listed, ""])


@pytest.mark.parametrize("roles", [["operator", "operator"], ["admin", "analyst"], ["operator", "admin", "auditor"]])
def test_roles_below_count_and_four_eyes_takes_nobody_away(roles):
    assert codes(**{"config/autonomy.yaml": TWO, "config/people.yaml": people(*roles)}) == []


@pytest.mark.parametrize("roles", [["operator", "viewer"], ["admin", "auditor, operator"], ["viewer"]])
def test_too_few_people(roles):
    found = codes(**{"config/autonomy.yaml": TWO, "config/people.yaml": people(*roles)})
    assert found == ["quorum-out-of-reach"]


def test_a_list_of_people_that_is_empty_or_faulty_counts_nobody():
    for text in ("format: 1\npeople: []\n", people("operatr")):
        assert "quorum-out-of-reach" not in codes(**{"config/autonomy.yaml": TWO, "config/people.yaml": text})


def test_a_single_say_may_be_the_local_admins():
    alone = TWO.replace("quorum: 2", "quorum: 1")
    assert codes(**{"config/autonomy.yaml": alone, "config/people.yaml": people("viewer")}) == []
