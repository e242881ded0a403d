"""The examples of docs/python.md do what the page says."""

import doctest
import re
from pathlib import Path

import engine

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
EXAMPLES = re.compile(r"```pycon\n(.*?)```", re.DOTALL)


def test_the_examples_run_in_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    examples = "\n".join(EXAMPLES.findall(text))
    test = doctest.DocTestParser().get_doctest(examples, {}, PAGE.name, str(PAGE), 0)
    told: list[str] = []
    results = doctest.DocTestRunner(verbose=False).run(test, out=told.append)
    assert results.attempted > 20
    assert not results.failed, "".join(told)


def test_everything_the_engine_offers_can_be_imported_from_it():
    assert {name: getattr(engine, name).__name__ for name in engine.__all__} == {name: name for name in engine.__all__}
