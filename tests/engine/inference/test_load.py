"""Loading rules without anything around them."""

import pytest

from engine import Rulebook
from engine.source import ConfigError

MODEL = "entities:\n  customer:\n    fields:\n      name: text\n      balance: number\n"
RULES = """
rules:
  - id: owes
    for: customer
    when: balance > 100
    do:
      - id: remind
        operation: crm.create_task
        with: {title: name}
        draft: prompts/missing.md
        autonomy: nobody_wrote_it
"""


def home(folder, model=MODEL, rules=RULES):
    (folder / "config").mkdir()
    (folder / "rules" / "collections").mkdir(parents=True)
    (folder / "config" / "model.yaml").write_text(model)
    (folder / "rules" / "collections" / "ruleset.yaml").write_text(rules)
    return folder


def test_a_model_and_a_ruleset_are_enough(tmp_path):
    rulebook = Rulebook.load(home(tmp_path))
    assert [f"{act.condition.name}/{act.spec.id}" for act in rulebook.acts] == ["collections/owes/remind"]


def test_what_means_nothing_is_refused_with_every_place(tmp_path):
    rules = RULES.replace("balance > 100", "balanse > 100 and name > 5")
    with pytest.raises(ConfigError) as refused:
        Rulebook.load(home(tmp_path, rules=rules))
    lines = [(problem.place.file, problem.place.line) for problem in refused.value.problems]
    assert lines == [("rules/collections/ruleset.yaml", 5)] * 2
    assert "did you mean `balance`" in str(refused.value)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        Rulebook.load(tmp_path / "nowhere")
