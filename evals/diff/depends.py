"""All that an action follows from, by name: the evidence for its autonomy holds as long as none of it changes.

The policy is left out: it says what evidence is asked for, not what the action is.
"""

import hashlib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

import msgspec

from engine.inference.nodes import Slot
from engine.rules import ActionSpec, Home, Rule
from engine.rules.prompts import Prompt
from engine.rules.reading import ReadSpec
from engine.source.expression import Expression
from evals.diff.semantic import bare
from evals.diff.slicing import Slices

Dependencies = Mapping[str, object]


def dependencies(slices: Slices, name: str, spec: ActionSpec) -> Dependencies:
    """Return what one action of `ruleset/rule` depends on, by what it is and how it is called."""
    home = slices.home
    settings = slices.rulebook.settings
    prompt = home.prompt(name.partition("/")[0], spec.draft) if spec.draft else None
    found = slices.drafting(name, _asked(prompt))
    known: dict[str, object] = {"action": bare(spec)}
    known |= {
        "rule" if each == name else f"rule {each}": bare(_without_actions(slices.rules[each])) for each in found.rules
    }
    known |= {f"field {type}.{field}": bare(each) for (type, field), each in _fields(home, found.slots)}
    known |= {f"table {each}": bare(slices.tables.by_name[each]) for each in found.tables}
    known |= dict(_mapped(home, {type for type, _ in found.slots}, found.slots))
    known |= {f"read {ruleset}/{step.id}": bare(step) for ruleset, step in reading(home, found.slots)}
    known |= {f"operation {spec.operation}": _operation(home, spec.operation)}
    known |= {"calendar": [str(settings.zone), settings.holidays]}
    if prompt is not None:
        known |= {f"prompt {prompt.file}": bare(prompt), "language": home.app.language}
        known |= {"models": [bare(home.models.providers), bare(home.models.routes)]}
    return known


def reading(home: Home, slots: AbstractSet[Slot]) -> Iterator[tuple[str, ReadSpec]]:
    """Yield the steps that read texts into one of the fields, each with its ruleset's id."""
    for id, ruleset in home.rulesets.items():
        for step in ruleset.read:
            if any((step.of, field) in slots for field in step.facts):
                yield id, step


def routes(slices: Slices, name: str, spec: ActionSpec) -> tuple[str, ...]:
    """Return the routes of models that an action's words and the facts of its rule come through."""
    steps = {step.route for _, step in reading(slices.home, slices.of(name).slots)}
    return tuple(sorted(steps | ({"draft"} if spec.draft else set())))


def fingerprint(found: Dependencies) -> str:
    """Return the SHA-256 of dependencies, the same in every process."""
    content = msgspec.json.encode(found, enc_hook=str, order="deterministic")
    return hashlib.sha256(content).hexdigest()


def differing(before: Dependencies, after: Dependencies) -> tuple[str, ...]:
    """Return the names of what is not the same in both."""
    return tuple(sorted(each for each in before.keys() | after.keys() if before.get(each) != after.get(each)))


def _without_actions(rule: Rule) -> Rule:
    """Return a rule without its names and without what tells nothing of when it holds: its actions stand apart."""
    return msgspec.structs.replace(rule, id="", do=(), about="", owner=None, was=None)


def _fields(home: Home, slots: frozenset[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], object]]:
    for type, field in slots:
        entity = home.model.entities.get(type)
        declared = entity.fields.get(field) if entity else None
        if declared is not None:
            yield (type, field), declared


def _mapped(home: Home, types: set[str], slots: frozenset[tuple[str, str]]) -> Iterator[tuple[str, object]]:
    """Yield of each mapping what fills the fields that are read, and how it finds the entity."""
    for mapping in home.mappings.values():
        for stream, entities in mapping.streams.items():
            for each in entities:
                if each.entity in types:
                    fields = {name: value for name, value in each.fields.items() if (each.entity, name) in slots}
                    name = f"mapping {mapping.source}.{stream} -> {each.entity}"
                    yield name, bare(msgspec.structs.replace(each, fields=fields))


def _operation(home: Home, name: str) -> object:
    source, _, short = name.partition(".")
    settings = home.sources.sources.get(source)
    return None if settings is None else [settings.connector, bare(settings.operations.get(short))]


def _asked(prompt: Prompt | None) -> Iterator[Expression]:
    if prompt is not None:
        yield from (*prompt.front.slots.values(), *prompt.front.quoted.values())
