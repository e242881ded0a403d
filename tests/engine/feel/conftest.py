"""A test that takes `case` runs once for each line `expression => expected` of its docstring.

`expected` is itself FEEL; `fault` means null with a recorded fault, `syntax error` what is no expression. Any other
expected value, null included, must come without a fault. The clock stands at 2026-01-05T08:00:00Z.
"""

import inspect
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from engine.feel import Env, FeelSyntaxError, compile, to_json

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    expression: str
    expected: str

    def check(self):
        if self.expected == "syntax error":
            with pytest.raises(FeelSyntaxError):
                compile(self.expression)
            return
        env = Env(NOW)
        value = compile(self.expression).run({}, env)
        if self.expected == "fault":
            assert value is None
            assert env.faults, "null, but no fault"
            return
        assert to_json(value) == to_json(compile(self.expected).run({}, Env(NOW)))
        assert env.faults == []


def pytest_generate_tests(metafunc):
    if "case" in metafunc.fixturenames:
        lines = inspect.getdoc(metafunc.function).splitlines()
        found = [tuple(part.strip() for part in line.rsplit(" => ", 1)) for line in lines if " => " in line]
        metafunc.parametrize("case", [Case(*pair) for pair in found], ids=[pair[0] for pair in found])


@pytest.fixture
def env():
    return Env(NOW)
