"""A home folder as one frozen value: everything that people wrote, and everything that is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.feel import HostFunction
from engine.mapping.structs import SourceMapping
from engine.model.structs import EntityType, Model
from engine.rules.examples import Examples
from engine.rules.prompts import Prompt
from engine.rules.structs import Ruleset
from engine.settings.app import App
from engine.settings.autonomy import Autonomy
from engine.settings.manifests import Manifest
from engine.settings.models import Models
from engine.settings.people import People
from engine.settings.sources import Sources
from engine.source.excerpt import pointed
from engine.source.locate import Index
from engine.source.problem import ConfigError, Place, Problem
from engine.tables.structs import Table

_MEANING = ("config/model.yaml", "rules/")
_WIRING = frozenset(
    {
        "missing-format", "no-owner", "unknown-person", "unknown-source", "unknown-operation",
        "read-only-source", "unknown-input", "missing-input", "unknown-prompt", "unknown-policy", "secret-in-yaml",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """All files of a home folder.

    `sources` with what their manifests say, `manifests` by the source that takes it.
    `mappings` by source, `mapping_files`, `tables`, `prompts` and `texts` by file, `rulesets` by folder, `examples` by
    ruleset.
    `functions` are the tables as expressions call them, there when the home was checked.
    `faulty` names the files that could not be read as a whole; what was readable of them is here all the same.
    `warnings` are looked for only when there are no problems, and keep nothing from running. `revision` is a digest of
    all files.
    """

    app: App
    model: Model
    sources: Sources = field(default_factory=Sources)
    manifests: Mapping[str, Manifest] = field(default_factory=dict)
    mappings: Mapping[str, SourceMapping] = field(default_factory=dict)
    mapping_files: Mapping[str, SourceMapping] = field(default_factory=dict)
    rulesets: Mapping[str, Ruleset] = field(default_factory=dict)
    examples: Mapping[str, Examples] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    people: People = field(default_factory=People)
    autonomy: Autonomy = field(default_factory=Autonomy)
    models: Models = field(default_factory=Models)
    functions: Mapping[str, HostFunction] = field(default_factory=dict)
    prompts: Mapping[str, Prompt] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    index: Index = field(default_factory=Index)
    faulty: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    revision: str = ""

    def sound(self) -> "Home":
        """Return the home when nothing is wrong with it; raises ConfigError with all problems."""
        if self.problems:
            raise ConfigError(self.problems)
        return self

    def meaningful(self) -> "Home":
        """Return the home when model and rulesets mean something, whoever they are wired to; raises ConfigError."""
        faults = tuple(each for each in self.problems if each.code not in _WIRING and _is_meaning(each))
        if faults:
            raise ConfigError(faults)
        return self

    def entity(self, name: str) -> EntityType | None:
        """Return an entity type of the model, None when there is none of that name."""
        return self.model.entities.get(name)

    def answerable(self, ruleset: str, rule: str) -> str:
        """Return who answers for a rule, by person id; "" where nobody is named."""
        found = self.rulesets[ruleset]
        owner = next((each.owner for each in found.rules if each.id == rule), None)
        return owner or found.owner or ""

    def setting(self, path: str) -> Place:
        """Return the place of a path in config/sources.yaml such as `sources.erp.streams.invoices.key`.

        What only the source's manifest says is there.
        """
        steps = _STEPS.findall(path)
        place, above = (self.index.key(self.sources.place, *each) for each in (steps, steps[:-1]))
        manifest = self.manifests.get(steps[1]) if len(steps) > 2 else None
        return self.index.key(manifest.place, *steps[2:]) if manifest and place == above else place

    def shown(self, problem: Problem) -> Problem:
        """Return the problem with the line it is about."""
        return pointed(problem, self.texts.get(problem.place.file, "")) if problem.place else problem

    def prompt(self, ruleset: str, draft: str) -> Prompt | None:
        """Return the prompt that an action's `draft` names, None when there is none."""
        return self.prompts.get(prompt_file(ruleset, draft))


_STEPS = re.compile(r"[^.\[\]]+")


def _is_meaning(problem: Problem) -> bool:
    file = problem.place.file if problem.place else ""
    return file.startswith(_MEANING) and not file.endswith(("examples.yaml", ".md"))


def prompt_file(ruleset: str, draft: str) -> str:
    """Return the file of a prompt, relative to the home folder."""
    return f"rules/{ruleset}/{draft}"
