"""Warnings: what is written and never used, and what is used and never shown by an example."""

from collections.abc import Iterator

from engine.rules.home import Home, prompt_file
from engine.source.excerpt import pointed
from engine.source.problem import Place, Problem


def check_unused(home: Home) -> Iterator[Problem]:
    """Return a warning for each prompt or stream that nothing usesand each rule without example."""
    for check in (_prompts, _examples, _streams):
        for warning in check(home):
            file = warning.place.file if warning.place else ""
            yield pointed(warning, home.texts.get(file, ""))


def _warning(code: str, message: str, place: Place, hint: str) -> Problem:
    return Problem(code, message, place, hint, level="warning")


def _prompts(home: Home) -> Iterator[Problem]:
    used = {
        prompt_file(ruleset.id, action.draft)
        for ruleset in home.rulesets.values()
        for rule in ruleset.rules
        for action in rule.do
        if action.draft
    }
    for file in home.prompts:
        if file not in used:
            message = "no action of this ruleset drafts with this prompt"
            yield _warning("unused-prompt", message, Place(file, 1, 1), "name it under `draft`, or delete the file")


def _examples(home: Home) -> Iterator[Problem]:
    for ruleset in home.rulesets.values():
        file = f"rules/{ruleset.id}/examples.yaml"
        shown = home.texts.get(file, "")
        for rule in ruleset.rules:
            sets = any(f".{name}" in shown for name in rule.set)
            if f"{rule.id}/" not in shown and f" {rule.id} " not in shown and not sets:
                hint = f"write a case in {file} that names {rule.id}"
                place = home.index.value(rule.place, "id")
                yield _warning("no-example", f"no example shows the rule {rule.id}", place, hint)


def _streams(home: Home) -> Iterator[Problem]:
    for name, source in home.sources.sources.items():
        mapping = home.mappings.get(name)
        for stream in source.streams:
            if mapping is None or stream not in mapping.streams:
                message = f"no mapping reads the stream {stream} of {name}"
                hint = f"map it in mappings/{name}.yaml, or delete it here"
                yield _warning("unmapped-stream", message, home.index.key(source.place, "streams", stream), hint)
