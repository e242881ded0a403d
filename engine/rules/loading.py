"""Reads every file of a home folder and collects what is wrong with any of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.mapping.structs import SourceMapping
from engine.model.structs import Model
from engine.rules.crosscheck import cross_check
from engine.rules.examples import Examples
from engine.rules.expressions import check_expressions
from engine.rules.home import Home
from engine.rules.prompts import Prompt, read_prompt
from engine.rules.secrets import check_secrets
from engine.rules.structs import Ruleset
from engine.settings.app import App
from engine.settings.autonomy import Autonomy
from engine.settings.models import Models
from engine.settings.people import People
from engine.settings.sources import Sources
from engine.source.convert import convert
from engine.source.folder import Folder, Tree
from engine.source.parsing import parse_yaml
from engine.source.problem import Place, Problem

T = TypeVar("T", bound=msgspec.Struct)

SINGLE: Mapping[str, type[msgspec.Struct]] = {
    "config/app.yaml": App,
    "config/model.yaml": Model,
    "config/sources.yaml": Sources,
    "config/people.yaml": People,
    "config/autonomy.yaml": Autonomy,
    "config/models.yaml": Models,
}
REQUIRED = frozenset({"config/app.yaml", "config/model.yaml"})
MANY: Mapping[str, type[msgspec.Struct]] = {
    "mappings/*.yaml": SourceMapping,
    "rules/*/ruleset.yaml": Ruleset,
    "rules/*/examples.yaml": Examples,
}
PROMPTS = "rules/*/prompts/*.md"


class _Reading:
    """A home folder while it is read."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.texts: dict[str, str] = {}
        self.faulty: set[str] = set()
        self.problems: list[Problem] = []
        self.digest = hashlib.sha256()

    def content(self, file: str) -> bytes | None:
        content = self.tree.read(file)
        if isinstance(content, Problem):
            self.note(file, [content])
            return None
        self.digest.update(f"{file}\0{len(content)}\0".encode() + content)
        return content

    def note(self, file: str, problems: list[Problem]) -> None:
        self.problems += problems
        if problems:
            self.faulty.add(file)

    def struct(self, file: str, kind: type[T], key: str = "") -> T | None:
        content = self.content(file)
        if content is None:
            return None
        document = parse_yaml(content, file)
        self.texts[file] = document.text
        value, problems = convert(document, kind, key=key)
        self.note(file, problems)
        self.problems += check_secrets(document)
        return value

    def prompt(self, file: str) -> Prompt | None:
        content = self.content(file)
        if content is None:
            return None
        prompt, self.texts[file], problems = read_prompt(content, file)
        self.note(file, problems)
        return prompt


def load_home(tree: Tree | Path) -> Home:
    """Read and check all files of a home folder; `problems` has everything that is wrong, in the order of the files.

    `Home.sound()` raises ConfigError when there is anything.
    """
    home = read_home(tree)
    problems = [*home.problems, *cross_check(home), *check_expressions(home)]
    unique = sorted(dict.fromkeys(problems), key=lambda each: (each.place or Place(""), each.message))
    return replace(home, problems=tuple(unique))


def read_home(tree: Tree | Path) -> Home:
    """Read all files, without looking from one into another; see `load_home` for a home that was checked."""
    reading = _Reading(Folder(tree) if isinstance(tree, Path) else tree)
    single: dict[str, Any] = {}
    for file, kind in SINGLE.items():
        if file in REQUIRED or reading.tree.glob(file):
            single[file] = reading.struct(file, kind)
    many: dict[str, Any] = {}
    for pattern, many_kind in MANY.items():
        for file in reading.tree.glob(pattern):
            key = file.split("/")[-2]
            many[file] = reading.struct(file, many_kind, key)
    prompts = {file: reading.prompt(file) for file in reading.tree.glob(PROMPTS)}
    loaded = [value for value in many.values() if value is not None]
    return Home(
        app=single["config/app.yaml"] or App(company=""),
        model=single["config/model.yaml"] or Model(entities={}),
        sources=single.get("config/sources.yaml") or Sources(),
        people=single.get("config/people.yaml") or People(),
        autonomy=single.get("config/autonomy.yaml") or Autonomy(),
        models=single.get("config/models.yaml") or Models(),
        mappings={each.source: each for each in reversed(loaded) if isinstance(each, SourceMapping)},
        mapping_files={file: each for file, each in many.items() if isinstance(each, SourceMapping)},
        rulesets={each.id: each for each in loaded if isinstance(each, Ruleset)},
        examples={file.split("/")[1]: each for file, each in many.items() if isinstance(each, Examples)},
        prompts={file: each for file, each in prompts.items() if each is not None},
        texts=reading.texts,
        faulty=frozenset(reading.faulty),
        problems=tuple(reading.problems),
        revision=reading.digest.hexdigest(),
    )
