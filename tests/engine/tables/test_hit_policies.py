"""The hit policies of DMN 1.5, 8.2.10, as an analyst would write them down (tests/cases/tables/hit_policies.yaml)."""

import json
from pathlib import Path

import pytest

from engine.feel import evaluate, to_json
from engine.source import parse_yaml, plain
from tests.engine.tables.given import env, table

CASES = plain(parse_yaml((Path(__file__).parents[2] / "cases/tables/hit_policies.yaml").read_bytes(), "cases").root)


def all_cases():
    for group in CASES:
        for case in group["cases"]:
            yield pytest.param(group["table"], case, id=f"{group['what']}: {case['given']}")


@pytest.mark.parametrize(("written", "case"), list(all_cases()))
def test_a_table_gives_what_the_case_says(written, case):
    surroundings = env()
    compiled = table(_yaml(written))
    value = compiled.evaluate(evaluate(case["given"]), surroundings)
    assert to_json(value) == to_json(evaluate(case["gives"]))
    messages = [fault.message for fault in surroundings.faults]
    assert case["fault"] in messages[0] if "fault" in case else not messages


def _yaml(written):
    return "\n".join(f"{key}: {json.dumps(value, default=str)}" for key, value in written.items())
