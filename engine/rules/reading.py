"""`read:` steps of a ruleset: which text becomes which facts, as rules/*/ruleset.yaml states them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

from engine.source.excerpt import did_you_mean
from engine.source.expression import Expression
from engine.source.kinds import FieldName, Name
from engine.source.problem import Place, Problem

if TYPE_CHECKING:
    from engine.rules.home import Home
    from engine.rules.structs import Ruleset

ReadType = Literal["text", "boolean", "date", "number"]


class ReadFact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fact that a text may tell; it fills the field of the same name."""

    type: ReadType = "text"
    """What it is: one of `values`, yes or no, a day, or a number."""
    values: tuple[str, ...] = ()
    """The only values a text may have."""
    about: str = ""
    """What is looked for, for the model and for people."""
    patterns: dict[str, tuple[str, ...]] | tuple[str, ...] = ()
    """Regular expressions that find it when no model answers; for `values`, those of each value."""
    unless: tuple[str, ...] = ()
    """Regular expressions beside which the patterns count for nothing."""
    place: Place = Place("")

    def patterns_of(self, value: str = "") -> tuple[str, ...]:
        """Return the patterns of a value, or those of the fact."""
        return self.patterns.get(value, ()) if isinstance(self.patterns, dict) else self.patterns


class ReadSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `read` step: texts of one entity type are read into facts, each with the words it was read from."""

    title_in_messages: ClassVar[str] = "read step"

    id: Name
    """The step's name within its ruleset, kept for ever."""
    of: FieldName
    """The entity type that holds the text and takes the facts."""
    text: Expression
    """The text, over the entity."""
    when: Expression | None = None
    """Whether there is something to read, over the entity."""
    about: str = ""
    """What the texts are and what matters in them, for the model and for people."""
    route: Name = "read"
    """The route of config/models.yaml; without it the patterns read."""
    confidence: float = 0.75
    """Below it a person is asked."""
    sure: float = 0.8
    """How sure the patterns are."""
    autonomy: Name | None = None
    """The policy of config/autonomy.yaml that says who answers the question; without it the default there."""
    facts: dict[FieldName, ReadFact]
    """The facts, by the fields of the entity type that they fill."""
    place: Place = Place("")


_FITTING = {"text": ("text",), "boolean": ("boolean",), "date": ("date",), "number": ("number", "money")}


def check_reading(home: "Home") -> Iterator[Problem]:
    """Yield what is wrong with the read steps apart from their FEEL."""
    for ruleset in home.rulesets.values():
        for step in ruleset.read:
            yield from _step(home, ruleset, step)


def _step(home: "Home", ruleset: "Ruleset", step: ReadSpec) -> Iterator[Problem]:
    del ruleset
    yield from _names(home, step)
    entity, known = home.entity(step.of), home.model.entities
    if "config/model.yaml" not in home.faulty and entity is None:
        message = f"`{step.of}` is no entity type of the model{did_you_mean(step.of, known)}"
        yield Problem("unknown-entity", message, home.index.value(step.place, "of"), f"known: {', '.join(known)}")
    for name, fact in step.facts.items():
        place = home.index.key(step.place, "facts", name)
        if entity is not None:
            yield from _field(home, step, name, fact, place)
        if fact.type == "text" and not fact.values:
            hint = "write `values: [...]`; free text is no fact that a rule could rest on"
            yield Problem("read-without-values", f"`{name}` may be any text", place, hint)
        for value in fact.patterns if isinstance(fact.patterns, dict) else ():
            if value not in fact.values:
                message = f"`{value}` is no value of {name}{did_you_mean(value, fact.values)}"
                yield Problem("unknown-value", message, place, f"values: {', '.join(fact.values) or 'none'}")
        for pattern in _patterns(fact):
            try:
                re.compile(pattern)
            except re.error as fault:
                yield Problem("bad-pattern", f"`{pattern}` is no regular expression: {fault}", place)


def _names(home: "Home", step: ReadSpec) -> Iterator[Problem]:
    """Yield the names of policies and routes that there are not; a route `read` may be missing, then patterns read."""
    policies, routes = home.autonomy.policies, home.models.routes
    if step.autonomy and step.autonomy not in policies and "config/autonomy.yaml" not in home.faulty:
        message = f"there is no policy `{step.autonomy}` in config/autonomy.yaml{did_you_mean(step.autonomy, policies)}"
        place = home.index.value(step.place, "autonomy")
        yield Problem("unknown-policy", message, place, f"known: {', '.join(policies) or 'none'}")
    if step.route not in {"read", *routes} and "config/models.yaml" not in home.faulty:
        message = f"there is no route `{step.route}` in config/models.yaml{did_you_mean(step.route, routes)}"
        place = home.index.value(step.place, "route")
        yield Problem("unknown-route", message, place, f"known: {', '.join(routes) or 'none'}")


def _field(home: "Home", step: ReadSpec, name: str, fact: ReadFact, place: Place) -> Iterator[Problem]:
    entity = home.model.entities[step.of]
    field = entity.fields.get(name)
    if field is None:
        message = f"`{name}` is no field of {step.of}{did_you_mean(name, entity.fields)}"
        yield Problem("unknown-field", message, place, f"known: {', '.join(entity.fields)}")
    elif field.derived is not None or field.concluded is not None:
        yield Problem("read-into-computed", f"{step.of}.{name} is computed", place, "read into a field of its own")
    elif field.type not in _FITTING[fact.type]:
        message = f"{step.of}.{name} holds {field.type or 'a reference'}, not {fact.type}"
        yield Problem("read-type", message, place, "let the fact's `type` be that of the field")


def _patterns(fact: ReadFact) -> Iterator[str]:
    groups = fact.patterns.values() if isinstance(fact.patterns, dict) else (fact.patterns,)
    for group in (*groups, fact.unless):
        yield from group
