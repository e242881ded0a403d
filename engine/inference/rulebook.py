"""A compiled, immutable set of rules over a model: what a session runs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import ref
from zoneinfo import ZoneInfo

from engine.feel import HostFunction, Program
from engine.inference.compiler import Compilation
from engine.inference.joins import slots
from engine.inference.kept import Kept
from engine.inference.missing import Missing
from engine.inference.network import Network, expressions
from engine.inference.nodes import Act, Compiled, Concluded, Conclusion, Condition, Derived, Matcher, Node, Slot
from engine.inference.patch import Patch, patch
from engine.inference.routes import Routes
from engine.inference.since import moved
from engine.model.calendar import host_functions
from engine.model.conversion import CONVERSION
from engine.model.structs import Model
from engine.rules.structs import Ruleset
from engine.settings.sources import Sources
from engine.source.expression import Expression
from engine.source.problem import ConfigError, Problem
from engine.tables.library import library

if TYPE_CHECKING:
    from datetime import tzinfo

    from engine.rules.home import Home


@dataclass(frozen=True)
class Settings:
    """What the company's calendar makes of time: the zone of its day, its holidays' country, and the revision."""

    zone: "tzinfo" = UTC
    holidays: str = ""
    revision: str = ""
    leaves_company: Mapping[str, bool] | None = None
    sources: tuple[str, ...] = ()
    tables: Mapping[str, HostFunction] = field(default_factory=dict)
    tellers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The sources that tell of each entity type; absence waits for their watermarks."""
    pushed: frozenset[str] = frozenset()
    """Sources that never give a watermark: up to their last record all counts as told."""
    stale_after: Mapping[str, str] = field(default_factory=dict)
    """How long what a source has told counts after its last watermark, by source."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a rulebook differs from the one that it was made from: conditions that went, by index, and that came."""

    before: "ref[Rulebook]"
    gone: frozenset[int]
    added: tuple[Condition, ...]
    computed: tuple[Node, ...]
    """What else is computed for the conditions that came."""


class Rulebook:
    """Model and rulesets, compiled; raises ConfigError with every problem when they do not compile.

    What stands unchanged in the rulebook `before` is taken over from it and not compiled again.
    """

    def __init__(
        self,
        model: Model,
        rulesets: tuple[Ruleset, ...],
        settings: Settings | None = None,
        before: "Rulebook | None" = None,
    ) -> None:
        self.settings = settings or Settings()
        self._adhoc: dict[tuple[str, str], Compiled | None] = {}
        self.literals: dict[int, dict[int, str | bool]]
        """Of each concluded field, by its node: which conditions set it to a text or truth value as it stands."""
        self.change: Change | None = None
        changed = patch(before, model, rulesets, self.settings) if before is not None else None
        if before is not None and changed is not None:
            self._take_over(before, changed, rulesets)
            return
        self.functions: Mapping[str, HostFunction] = {
            **host_functions(self.settings.holidays),
            CONVERSION.name: CONVERSION,
            **self.settings.tables,
        }
        ageing = bool(self.settings.stale_after)
        same = before is not None and bool(before.settings.stale_after) is ageing
        kept: Kept | None = before.compiled if before is not None and same else None
        compilation = Compilation(model, rulesets, self.functions, kept, ageing=ageing).run()
        network = Network(compilation)
        problems = (*compilation.problems, *network.problems)
        if problems:
            raise ConfigError(problems)
        self.model = compilation.model
        self.rulesets = rulesets
        self.collections = compilation.collections
        self.inverses: dict[Slot, str] = {
            slot: name for names in self.collections.values() for name, slot in names.items()
        }
        self.acyclic = frozenset(
            (type, name)
            for type, entity in self.model.entities.items()
            for name, field in entity.fields.items()
            if field.acyclic
        )
        self.virtual = compilation.virtual
        self.acts = tuple(compilation.acts)
        self.network = network
        self.compilation = compilation
        self.compiled: Kept = compilation.kept
        self.wanting = self._wanting(compilation, compilation.nodes)
        self.tellers = self._awaited(self.wanting)
        self._index(network)

    def _take_over(self, before: "Rulebook", changed: Patch, rulesets: tuple[Ruleset, ...]) -> None:
        """Be as the rulebook before, but for what has changed."""
        for name in ("functions", "model", "collections", "inverses", "acyclic", "virtual", "concluded", "matchers",
                     "root_fields"):  # fmt: skip
            setattr(self, name, getattr(before, name))
        self.change = Change(ref(before), changed.gone, changed.added, changed.computed)
        self.rulesets, self.acts = rulesets, changed.acts
        self.compilation, self.network, self.routes = changed.compilation, changed.network, changed.routes
        self.compiled = changed.compilation.kept
        self.nodes: list[Node] = changed.routes.nodes
        wanting = self._wanting(changed.compilation, changed.added)
        kept = {index: types for index, types in before.wanting.items() if index not in changed.gone}
        waiting = {index: sources for index, sources in before.tellers.items() if index not in changed.gone}
        self.wanting, self.tellers = kept | wanting, waiting | self._awaited(wanting)
        self.literals = {index: dict(found) for index, found in before.literals.items()}
        self._meet(changed.added)
        self._index_acts()

    @classmethod
    def load(cls, home: Path | str) -> "Rulebook":
        """Read and compile the model and the rulesets of a home folder; raises ConfigError with all their problems.

        Sources, people, prompts and policies are not needed to evaluate rules; `opslayer check` looks at these too.
        """
        from engine.rules import load_home  # the loader knows every file format; compiling needs none

        return cls.of(load_home(Path(home)).meaningful())

    @classmethod
    def of(cls, home: "Home", before: "Rulebook | None" = None) -> "Rulebook":
        """Compile a home that was read, as far as it is not as in the rulebook before; raises ConfigError."""
        settings = Settings(
            zone=ZoneInfo(home.app.timezone),
            holidays=home.app.holidays or "",
            revision=home.revision,
            leaves_company=_leaving(home.sources),
            sources=tuple(home.sources.sources),
            tellers=_tellers(home),
            pushed=frozenset(name for name, each in home.sources.sources.items() if each.pushed),
            stale_after={name: each.stale_after for name, each in home.sources.sources.items() if each.stale_after},
            tables=home.functions
            or library(home.tables, home.model, host_functions(home.app.holidays or "")).functions,
        )
        return cls(home.model, tuple(home.rulesets.values()), settings, before)

    def _wanting(self, compilation: Compilation, nodes: Iterable[Node]) -> dict[int, frozenset[str]]:
        """Find the entity types of which each condition wants something to be missing."""
        if not self.settings.tellers:
            return {}
        derived = {
            (node.type, node.field): node.compiled.written
            for node in compilation.nodes
            if isinstance(node, Derived) and not node.field.startswith("#")
        }
        derived |= {slot: compiled.written for slot, compiled in self.virtual.items()}
        missing = Missing(compilation.types, derived)
        found = ((node.index, missing.of(node)) for node in nodes if isinstance(node, Condition))
        return {index: types for index, types in found if types}

    def _awaited(self, wanting: Mapping[int, frozenset[str]]) -> dict[int, tuple[str, ...]]:
        """Return the sources that would tell of what conditions want to be missing."""
        told = self.settings.tellers
        found = ((index, {each for type in types for each in told.get(type, ())}) for index, types in wanting.items())
        return {index: tuple(sorted(sources)) for index, sources in found if sources}

    @cached_property
    def moved(self) -> Mapping[int, bool]:
        """The nodes that the clock has a part in; looked for when the first absence is."""
        return moved(self.network)

    @cached_property
    def setting(self) -> Mapping[Slot, list[Condition]]:
        """The conditions that set each field."""
        found: dict[Slot, list[Condition]] = defaultdict(list)
        for node in self.nodes:
            if isinstance(node, Condition):
                for name in node.sets:
                    found[node.type, name].append(node)
        return found

    def _index(self, network: Network) -> None:
        self.routes = Routes(network, self.model)
        self.nodes = self.routes.nodes
        self.concluded: dict[Slot, Concluded] = {
            (node.type, node.field): node for node in self.nodes if isinstance(node, Concluded)
        }
        self.matchers = {slots(node)[0]: node for node in self.nodes if isinstance(node, Matcher)}
        self.literals = {}
        self._meet(node for node in self.nodes if isinstance(node, Condition))
        self.root_fields = {type: root_field(self.model, type) for type in self.model.entities}
        self._index_acts()

    def _meet(self, conditions: Iterable[Condition]) -> None:
        """Tell conditions where their conclusions meet those of others."""
        for node in conditions:
            node.concludes = tuple(
                Conclusion(field, compiled, self.concluded[node.type, field]) for field, compiled in node.sets.items()
            )
            for each in node.concludes:
                if each.compiled.literal is not None:
                    self.literals.setdefault(each.meets.index, {})[node.index] = each.compiled.literal

    def _index_acts(self) -> None:
        self.act = {act.index: act for act in self.acts}
        self.acts_of: dict[int, list[Act]] = defaultdict(list)
        for act in self.acts:
            for condition in {act.condition.index, act.life.index, *(each.index for each in act.stronger)}:
                self.acts_of[condition].append(act)

    @cached_property
    def notes(self) -> tuple[Problem, ...]:
        """What deserves a second look though it runs; looked for when first asked, for it takes its time."""
        from engine.inference.contradictions import contradictions  # it tries examples in a session of its own
        from engine.inference.unconfirmed import unconfirmed

        return (*self.compilation.notes, *unconfirmed(self), *contradictions(self))

    def adhoc(self, type: str, text: str) -> Compiled:
        """Compile an expression over a type's fields for one-off use; raises ConfigError."""
        key = (type, text)
        if key not in self._adhoc:
            before = len(self.compilation.problems)
            self._adhoc[key] = self.compilation.expression(Expression(text), type, split=False)
            problems = self.compilation.problems[before:]
            del self.compilation.problems[before:]
            if problems:
                del self._adhoc[key]
                raise ConfigError(tuple(problems))
        found = self._adhoc[key]
        assert found is not None
        return found

    def precedence(self, record: str) -> tuple[int, str]:
        """Order records by how much their source's word weighs: as the sources are listed."""
        source = record.partition("/")[0]
        sources = self.settings.sources
        return (sources.index(source) if source in sources else len(sources), record)

    def leaves_company(self, operation: str) -> bool:
        """Whether an operation is seen outside; unknown ones are."""
        known = self.settings.leaves_company
        return True if known is None else known.get(operation, True)

    def kept(self) -> frozenset[tuple[str, str]]:
        """Return the (type, field) pairs that anything reads, and so have to be kept."""
        return frozenset(read.slot for reads in self.network.reads.values() for read in reads)


def root_field(model: Model, type: str) -> str | None:
    """Return the reference that leads from a type to its root, None when it is its own root or has none."""
    root = model.entities[type].root
    if root is None or root == type:
        return None
    return next((name for name, field in model.entities[type].fields.items() if field.ref == root), None)


def _tellers(home: "Home") -> dict[str, tuple[str, ...]]:
    """Tell for each entity type which sources are mapped to it, but for those whose absence is assumed."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    known = home.sources.sources
    for source, mapping in sorted(home.mappings.items()):
        if source in known and known[source].absence == "assumed":
            continue
        for entities in mapping.streams.values():
            for each in entities:
                found[each.entity][source] = None
    return {type: tuple(sources) for type, sources in found.items()}


def _leaving(sources: Sources) -> dict[str, bool]:
    """Tell for each declared operation whether somebody outside sees it; what does not say so does."""
    return {
        f"{name}.{operation}": settings.leaves_company is not False
        for name, source in sources.sources.items()
        for operation, settings in source.operations.items()
    }


__all__ = ["ConfigError", "Program", "Rulebook", "Settings", "expressions"]
