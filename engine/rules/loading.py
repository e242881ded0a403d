"""Reads every file of a home folder and collects what is wrong with any of them."""

import bisect
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.mapping.structs import SourceMapping
from engine.model.base import BASE, extended, shipped
from engine.model.calendar import host_functions
from engine.model.conversion import CONVERSION
from engine.model.structs import Model
from engine.rules.crosscheck import cross_check
from engine.rules.examples import Examples
from engine.rules.exclusive import expanded
from engine.rules.expressions import analyse
from engine.rules.files import KINDS, TABLES_AS_CSV
from engine.rules.home import Home
from engine.rules.prompts import Prompt, read_prompt
from engine.rules.secrets import check_secrets
from engine.rules.structs import Ruleset
from engine.rules.unused import check_unused
from engine.settings.app import App
from engine.settings.autonomy import Autonomy
from engine.settings.manifests import Manifest, with_manifests
from engine.settings.models import Models
from engine.settings.people import People
from engine.settings.sources import Sources
from engine.source.convert import convert
from engine.source.excerpt import pointed
from engine.source.folder import Folder, Memory, Tree
from engine.source.locate import Index
from engine.source.nodes import Document
from engine.source.parsing import parse_yaml
from engine.source.problem import Place, Problem
from engine.tables.check import check_table
from engine.tables.csvform import read_csv
from engine.tables.library import library
from engine.tables.structs import Table

_FOLDERS = ("config", "config/manifests", "mappings", "rules", "rules/*", "rules/*/tables")
UNREAD = tuple(f"{folder}/*.{end}" for folder in _FOLDERS for end in ("yaml", "yml"))
_MODEL = "config/model.yaml"
T = TypeVar("T", bound=msgspec.Struct)


class _Reading:
    """A home folder while it is read."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.texts: dict[str, str] = {}
        self.faulty: set[str] = set()
        self.problems: list[Problem] = []
        self.documents: list[Document] = []
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

    def struct(self, file: str, kind: type[T]) -> T | None:
        content = self.content(file)
        if content is None:
            return None
        document = parse_yaml(content, file)
        self.texts[file] = document.text
        self.documents.append(document)
        value, problems = convert(document, kind, key=file.split("/")[-2])
        secrets = check_secrets(document)
        hidden = {each.place.line for each in secrets if each.place}  # an excerpt of such a line would show it
        self.note(file, secrets + [each for each in problems if each.place is None or each.place.line not in hidden])
        return value

    def base(self) -> Model:
        """Read the model that homes extend: as the home holds it, as a bundle's does, else as it is shipped."""
        if not self.tree.glob(BASE):
            self.tree = Memory({BASE: shipped()})
        return self.struct(BASE, Model) or Model(entities={})

    def prompt(self, file: str) -> Prompt | None:
        content = self.content(file)
        if content is None:
            return None
        prompt, self.texts[file], problems = read_prompt(content, file)
        self.note(file, problems)
        return prompt

    def table(self, file: str) -> Table | None:
        """Read a table; its name is the file's when it states none."""
        if file.endswith(".yaml"):
            table = self.struct(file, Table)
        else:
            content = self.content(file)
            if content is None:
                return None
            table, self.texts[file], problems = read_csv(content, file)
            self.note(file, problems)
        return None if table is None else msgspec.structs.replace(table, name=table.name or _stem(file))


def load_home(tree: Tree | Path) -> Home:
    """Read and check all files of a home folder; `problems` has everything that is wrong, in the order of the files.

    `Home.sound()` raises ConfigError when there is anything.
    """
    home = read_home(tree)
    functions = host_functions(home.app.holidays or "")
    tables = library(home.tables, home.model, functions, home.texts)
    checked = [each for file, table in tables.compiled.items() for each in check_table(home.tables[file], table)]
    faults = [pointed(each, home.texts.get(each.place.file, "")) for each in (*tables.problems, *checked) if each.place]
    home = replace(home, functions=tables.functions)
    if any(CONVERSION.name in text for text in home.texts.values()):  # else it would be suggested for a misspelt name
        functions = {**functions, CONVERSION.name: CONVERSION}
    analysis = analyse(home, {**functions, **tables.functions})
    errors = (*cross_check(home), *analysis.problems, *(each for each in faults if each.level == "error"))
    found = [each for each in errors if not _follows(each, home)]
    unique = dict.fromkeys([*home.problems, *found])
    ordered = sorted(unique, key=lambda each: (each.place or Place(""), each.message))
    if ordered:
        return replace(home, problems=tuple(ordered))
    unused = check_unused(home, analysis.reads, _unread(_tree(tree), home))
    return replace(home, warnings=(*(each for each in faults if each.level == "warning"), *unused))


def _stem(file: str) -> str:
    return file.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _tree(tree: Tree | Path) -> Tree:
    return Folder(tree) if isinstance(tree, Path) else tree


def _unread(tree: Tree, home: Home) -> list[str]:
    """Return the YAML files that stand where configuration is looked for, under a name that is not read."""
    files = [file for pattern in UNREAD for file in tree.glob(pattern)]
    return [file for file in files if file not in home.texts and not file.rsplit("/", 1)[-1].startswith(".")]


def _follows(problem: Problem, home: Home) -> bool:
    """Whether a problem only follows from what could not be read: on such a line, or a name declared there."""
    lines = {(each.place.file, each.place.line) for each in home.problems if each.place}
    place = problem.place or Place("")
    if (place.file, place.line) in lines:
        return True
    spots = {_spot(each.place or Place(""), home) for each in home.problems}
    return problem.code == "unknown-name" and not spots.isdisjoint({_spot(place, home), _spot(Place(_MODEL), home)})


def _spot(place: Place, home: Home) -> tuple[str, int]:
    """Return the file and which of its rules a place stands in, 0 before the first: names are declared no wider."""
    rules = (rule.place for ruleset in home.rulesets.values() for rule in ruleset.rules)
    starts = sorted(each.line for each in rules if each.file == place.file)
    return place.file, bisect.bisect(starts, place.line)


def read_home(tree: Tree | Path) -> Home:
    """Read all files, without looking from one into another; see `load_home` for a home that was checked."""
    reading = _Reading(_tree(tree))
    found: dict[str, Any] = {}
    for kind in KINDS:
        files = reading.tree.glob(kind.pattern)
        for file in [kind.pattern] if kind.required and not files else files:
            if kind.struct is Table:
                found[file] = reading.table(file)
            else:
                found[file] = reading.struct(file, kind.struct) if kind.is_yaml else reading.prompt(file)
    found |= {file: reading.table(file) for file in reading.tree.glob(TABLES_AS_CSV)}
    loaded = {file: value for file, value in found.items() if value is not None}
    model = loaded.get(_MODEL) or Model(entities={})
    manifests = {_stem(file): each for file, each in loaded.items() if isinstance(each, Manifest)}
    sources = loaded.get("config/sources.yaml") or Sources()
    mappings = {file: each for file, each in loaded.items() if isinstance(each, SourceMapping)}
    return Home(
        app=loaded.get("config/app.yaml") or App(company=""),
        model=extended(model, reading.base()) if model.extends else model,
        sources=with_manifests(sources, manifests),
        manifests={
            name: manifests[each.connector] for name, each in sources.sources.items() if each.connector in manifests
        },
        people=loaded.get("config/people.yaml") or People(),
        autonomy=loaded.get("config/autonomy.yaml") or Autonomy(),
        models=loaded.get("config/models.yaml") or Models(),
        mappings={each.source: each for each in reversed(mappings.values())},
        mapping_files=mappings,
        rulesets={each.id: expanded(each) for each in loaded.values() if isinstance(each, Ruleset)},
        examples={file.split("/")[1]: each for file, each in loaded.items() if isinstance(each, Examples)},
        tables={file: each for file, each in loaded.items() if isinstance(each, Table)},
        prompts={file: each for file, each in loaded.items() if isinstance(each, Prompt)},
        texts=reading.texts,
        index=Index.of(reading.documents),
        faulty=frozenset(reading.faulty),
        problems=tuple(reading.problems),
        revision=reading.digest.hexdigest(),
    )
