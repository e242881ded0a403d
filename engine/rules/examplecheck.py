"""Checks given/then examples against model and rules, so that running them meets only what can be run."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from engine.mapping.coerce import Misfit, coerce
from engine.model.structs import EntityType
from engine.model.types import with_actions
from engine.rules.examples import Entities, Expectation
from engine.rules.home import Home
from engine.rules.structs import ActionSpec, Rule
from engine.source.excerpt import did_you_mean
from engine.source.problem import Place, Problem

_ACTION = re.compile(r"(?P<rule>[\w-]+)/(?P<action>[\w-]+) for (?P<type>\w+):(?P<id>.+)")
_RULE = re.compile(r"(?P<rule>[\w-]+) for (?P<type>\w+):(?P<id>.+)")
_FACT = re.compile(r"(?P<type>\w+):(?P<id>.+)\.(?P<field>\w+)")


def check_examples(home: Home) -> Iterator[Problem]:
    """Return what is wrong with the examples of all rulesets whose rules and model could be read."""
    if "config/model.yaml" in home.faulty or "config/app.yaml" in home.faulty:
        return
    home = replace(home, model=with_actions(home.model))
    for name, examples in home.examples.items():
        if name not in home.rulesets or f"rules/{name}/ruleset.yaml" in home.faulty:
            continue
        rules = {rule.id: rule for rule in home.rulesets[name].rules}
        for example in examples.examples:
            yield from _entities(home, example.place, "given", example.given)
            yield from _expectations(home, rules, example.then)
            for step in example.steps:
                yield from _entities(home, step.place, "change", step.change)
                yield from _expectations(home, rules, step.then)


def _entities(home: Home, place: Place, key: str, entities: Entities) -> Iterator[Problem]:
    for type, rows in entities.items():
        entity = home.entity(type)
        if entity is None:
            yield _unknown_entity(home, type, home.index.key(place, key, type))
            continue
        for number, row in enumerate(rows):
            path = (key, type, str(number))
            if row.get("id") in (None, ""):
                message = f"this {type} has no id"
                yield Problem("missing-key", message, home.index.value(place, *path), "write `id: C1`, or any other")
            yield from _row(home, entity, row, place, path)


def _row(
    home: Home, entity: EntityType, row: Mapping[str, Any], place: Place, path: tuple[str, ...]
) -> Iterator[Problem]:
    for name, value in row.items():
        field = entity.fields.get(name)
        if name == "id":
            continue
        if field is None:
            message = f"`{name}` is no field of {entity.name}{did_you_mean(name, entity.fields)}"
            hint = f"known: {', '.join(entity.fields)}"
            yield Problem("unknown-field", message, home.index.key(place, *path, name), hint)
        elif field.derived or field.concluded:
            message = f"{entity.name}.{name} is {'derived' if field.derived else 'concluded by rules'}"
            hint = "an example gives what sources tell; expect this under `then` with `facts`"
            yield Problem("not-given", message, home.index.key(place, *path, name), hint)
        elif not field.ref:
            currency = row.get(field.currency_field or "") or field.currency or home.app.currency
            fitted = coerce(value, field, ZoneInfo(home.app.timezone), currency)
            if isinstance(fitted, Misfit):
                message = f"{entity.name}.{name}: expected {fitted.expected}, found `{value}`"
                yield Problem("wrong-type", message, home.index.value(place, *path, name))


def _expectations(home: Home, rules: Mapping[str, Rule], expected: tuple[Expectation, ...]) -> Iterator[Problem]:
    for each in expected:
        for key, text in (("propose", each.propose), ("withdraw", each.withdraw), ("hold", each.hold)):
            if text is not None:
                yield from _named(home, rules, each, key, text)
        for path in each.facts:
            place = home.index.key(each.place, "facts", path)
            found = _FACT.fullmatch(path)
            entity = home.entity(found["type"]) if found else None
            if found is None:
                yield Problem("example-form", f"`{path}` names no fact", place, "write TYPE:ID.FIELD")
            elif entity is None:
                yield _unknown_entity(home, found["type"], place)
            elif found["field"] not in entity.fields:
                message = (
                    f"`{found['field']}` is no field of {entity.name}{did_you_mean(found['field'], entity.fields)}"
                )
                yield Problem("unknown-field", message, place, f"known: {', '.join(entity.fields)}")


def _named(home: Home, rules: Mapping[str, Rule], each: Expectation, key: str, text: str) -> Iterator[Problem]:
    place = home.index.value(each.place, key)
    found = (_RULE if key == "hold" else _ACTION).fullmatch(text)
    if found is None:
        form = "RULE for TYPE:ID" if key == "hold" else "RULE/ACTION for TYPE:ID"
        yield Problem(
            "example-form", f"`{text}` names no {'rule' if key == 'hold' else 'action'}", place, f"write {form}"
        )
        return
    rule = rules.get(found["rule"])
    if rule is None:
        message = f"there is no rule `{found['rule']}` in this ruleset{did_you_mean(found['rule'], rules)}"
        yield Problem("unknown-rule", message, place, f"known: {', '.join(rules)}")
        return
    if found["type"] != rule.for_:
        message = f"{rule.id} is a rule for {rule.for_}, never for {found['type']}"
        yield Problem("unknown-entity", message, place, f"write {rule.for_}:ID")
    if key != "hold":
        yield from _action(home, rule, each, found["action"], place)


def _action(home: Home, rule: Rule, each: Expectation, name: str, place: Place) -> Iterator[Problem]:
    actions: dict[str, ActionSpec] = {action.id: action for action in rule.do}
    if name not in actions:
        message = f"{rule.id} proposes no action `{name}`{did_you_mean(name, actions)}"
        yield Problem("unknown-action", message, place, f"known: {', '.join(actions) or 'none'}")
        return
    known = actions[name].with_
    for input in each.inputs:
        if input not in known:
            message = f"{rule.id}/{name} has no input `{input}`{did_you_mean(input, known)}"
            yield Problem(
                "unknown-input", message, home.index.key(each.place, "inputs", input), f"known: {', '.join(known)}"
            )


def _unknown_entity(home: Home, name: str, place: Place) -> Problem:
    known = home.model.entities
    message = f"`{name}` is no entity type of the model{did_you_mean(name, known)}"
    return Problem("unknown-entity", message, place, f"known: {', '.join(known)}")
