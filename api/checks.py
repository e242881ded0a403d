"""All faults of a home: of its files, between them, and of the rules once compiled; nothing is opened for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from api.outcomes import Checked
from api.variables import given, stand_in
from connectors import registry
from engine.inference.rulebook import Rulebook
from engine.mapping import Kept, compile_mapping
from engine.rules import load_home
from engine.rules.fields import FieldUse, field_uses
from engine.rules.home import Home
from engine.source import Tree
from engine.source.problem import ConfigError, Problem, together
from evals.labelled.reading import check_cases, workflows


def check_home(folder: Path) -> Checked:
    """Collect all faults of a home folder: of its files, between them, and of the rules once compiled."""
    home = load_home(folder)
    found = _checked(home)
    if found.problems or not workflows(folder):
        return found
    return msgspec.structs.replace(found, problems=tuple(check_cases(folder, home)))


def check_tree(tree: Tree) -> Checked:
    """Collect all faults of a home wherever its files are."""
    return _checked(load_home(tree))


def _checked(home: Home) -> Checked:
    rules = sum(len(each.rules) for each in home.rulesets.values())
    problems, warnings = together(home.problems, check_sources(home)), list(home.warnings)
    if not problems:
        try:
            warnings += [home.shown(each) for each in Rulebook.of(home).notes]
            mappers(home)
        except ConfigError as error:
            problems += [home.shown(each) for each in error.problems]
    return Checked(
        revision=home.revision,
        rulesets=len(home.rulesets),
        rules=rules,
        problems=tuple(problems),
        warnings=tuple(warnings),
    )


def model_fields(folder: Path) -> tuple[FieldUse, ...]:
    """Return every field of a home's model with what fills it and who reads it; raises ConfigError."""
    return field_uses(load_home(folder).sound())


def check_sources(home: Home) -> Iterator[Problem]:
    """Yield what is wrong with the sources' own settings; a variable that is not set is no fault of the file."""
    for name, source in home.sources.sources.items():
        for problem in registry.check(name, given(stand_in(source.options))):
            place = problem.place.file if problem.place else f"sources.{name}"
            yield home.shown(msgspec.structs.replace(problem, place=home.setting(place)))


def mappers(home: Home, keep: Kept | None = None) -> dict[str, Any]:
    """Compile the mappings; raises ConfigError."""
    zone = ZoneInfo(home.app.timezone)
    return {
        name: compile_mapping(
            mapping,
            home.model,
            home.sources.sources.get(name),
            keep=keep,
            zone=zone,
            currency=home.app.currency,
            functions=home.functions,
        )
        for name, mapping in home.mappings.items()
    }
