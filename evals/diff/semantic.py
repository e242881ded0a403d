"""What changed between two homes, thing by thing, in words."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Literal

import msgspec

from engine.rules import Home
from engine.rules.structs import Rule
from engine.source.expression import Expression
from engine.source.problem import Place
from engine.tables.structs import Table
from evals.diff.tabular import retabled
from evals.diff.wording import quoted, reworded

Kind = Literal["added", "removed", "changed", "renamed"]
Names = Collection[str]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that changed: `what` it is (rule, policy ...), its name, and each difference as a sentence."""

    kind: Kind
    what: str
    name: str
    details: tuple[str, ...] = ()
    place: str = ""

    def __str__(self) -> str:
        if self.kind == "changed":
            return f"{self.what} {self.name}: {'; '.join(self.details)}"
        return f"{self.what} {self.name} {self.kind}" + (f": {'; '.join(self.details)}" if self.details else "")


def changes(base: Home, head: Home) -> tuple[Change, ...]:
    """Return what a reader of the configuration would have to know, rules first."""
    names = _names(base) | _names(head)
    found: list[Change] = []
    for what, of in _THINGS.items():
        found += _compare(what, of(base), of(head), names)
    return tuple(found)


def _names(home: Home) -> set[str]:
    fields = {name for entity in home.model.entities.values() for name in entity.fields}
    inverses = {
        field.inverse for entity in home.model.entities.values() for field in entity.fields.values() if field.inverse
    }
    lets = {name for ruleset in home.rulesets.values() for rule in ruleset.rules for name in rule.let}
    return fields | inverses | lets | {table.name for table in home.tables.values()}


# --- the things of a home ---------------------------------------------------------------------------------------


def rules_of(home: Home) -> dict[str, Rule]:
    """Return every rule by `ruleset/rule`."""
    return {f"{ruleset.id}/{rule.id}": rule for ruleset in home.rulesets.values() for rule in ruleset.rules}


def _rulesets(home: Home) -> dict[str, Any]:
    return {name: msgspec.structs.replace(each, rules=()) for name, each in home.rulesets.items()}


def _mapped(home: Home) -> dict[str, Any]:
    return {
        f"{mapping.source}.{stream} -> {each.entity}": each
        for mapping in home.mappings.values()
        for stream, entities in mapping.streams.items()
        for each in entities
    }


def _examples(home: Home) -> dict[str, Any]:
    return {f"{name}: {each.name}": each for name, examples in home.examples.items() for each in examples.examples}


_THINGS: Mapping[str, Callable[[Home], Mapping[str, Any]]] = {
    "rule": rules_of,
    "ruleset": _rulesets,
    "table": lambda home: {table.name: table for table in home.tables.values()},
    "prompt": lambda home: home.prompts,
    "policy": lambda home: home.autonomy.policies,
    "default policy": lambda home: {"of actions without one": home.autonomy.default or "(none)"},
    "entity": lambda home: home.model.entities,
    "mapping": _mapped,
    "source": lambda home: home.sources.sources,
    "person": lambda home: {each.id: each for each in home.people.people},
    "model": lambda home: home.models.providers,
    "route": lambda home: home.models.routes,
    "setting": lambda home: {"of config/app.yaml": home.app},
    "example": _examples,
}


def _compare(what: str, before: Mapping[str, Any], after: Mapping[str, Any], names: Names) -> Iterator[Change]:
    former = _renamed(before, after)
    for name, new in after.items():
        old = before.get(former.get(name, name))
        if old is None:
            yield Change(kind="added", what=what, name=name, place=_place(new))
        elif details := tuple(differences(old, new, "", names)):
            kind: Kind = "renamed" if name in former else "changed"
            yield Change(kind=kind, what=what, name=name, details=details, place=_place(new))
    for name, old in before.items():
        if name not in after and name not in former.values():
            yield Change(kind="removed", what=what, name=name, place=_place(old))


def _renamed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Return present name -> former name of what says `was`."""
    found = {}
    for name, each in after.items():
        was = getattr(each, "was", None)
        former = f"{name.rpartition('/')[0]}/{was}"
        if was and name not in before and former in before:
            found[name] = former
    return found


def _place(value: Any) -> str:  # noqa: ANN401  (any struct of a home)
    place = getattr(value, "place", None)
    return str(place) if isinstance(place, Place) and place.file else getattr(value, "file", "")


# --- two values -------------------------------------------------------------------------------------------------


def differences(old: Any, new: Any, key: str, names: Names) -> Iterator[str]:  # noqa: ANN401  (any value of a struct)
    """Yield in words how two values of one key differ."""
    if isinstance(old, Place):
        return  # where a thing stands says nothing of what it is
    if isinstance(old, Expression) and isinstance(new, Expression):
        yield from _texts(old, new, key, names)
    elif isinstance(old, Table) and isinstance(new, Table):
        yield from retabled(old, new)
    elif isinstance(old, msgspec.Struct) and type(old) is type(new):
        for name, encoded in zip(old.__struct_fields__, old.__struct_encode_fields__, strict=True):
            yield from differences(getattr(old, name), getattr(new, name), _join(key, encoded), names)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _entries(old, new, key, names)
    elif isinstance(old, tuple) and isinstance(new, tuple) and _keyed(old + new):
        yield from _entries({each.id: each for each in old}, {each.id: each for each in new}, key, names)
    elif bare(old) != bare(new):
        yield f"`{key}` {_value(old)} -> {_value(new)}"


def _texts(old: Expression, new: Expression, key: str, names: Names) -> Iterator[str]:
    if old.place.file.endswith(".md") and "." not in key.replace("front.", "", 1):
        if old.text.strip() != new.text.strip():
            yield f"`{key}` has another text"
    elif key == "because":
        if old.text.strip() != new.text.strip():
            yield f"`because` reads {quoted(new.text)}"
    else:
        yield from reworded(key, old, new, names)


def _entries(old: Mapping[Any, Any], new: Mapping[Any, Any], key: str, names: Names) -> Iterator[str]:
    for name in [*old, *(each for each in new if each not in old)]:
        path = _join(key, str(name))
        if name not in new:
            yield f"`{path}` is gone"
        elif name not in old:
            yield f"`{path}` is new: {_value(new[name])}"
        else:
            yield from differences(old[name], new[name], path, names)


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _keyed(values: tuple[Any, ...]) -> bool:
    return bool(values) and all(isinstance(each, msgspec.Struct) and hasattr(each, "id") for each in values)


def _value(value: Any) -> str:  # noqa: ANN401  (any value of a struct)
    if value is None or value in ((), "", {}):
        return "nothing"
    if isinstance(value, Expression):
        return quoted(value.text)
    plain = msgspec.json.encode(bare(value), enc_hook=str, order="deterministic").decode()
    return quoted(plain.strip('"'))


def bare(value: Any) -> Any:  # noqa: ANN401  (any value of a struct)
    """Return a value without the places where it stands and without what it leaves at its default."""
    if isinstance(value, Expression):
        return value.text.strip()
    if isinstance(value, msgspec.Struct):
        named = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        found = {
            encoded: bare(getattr(value, name))
            for name, encoded in named
            if not isinstance(getattr(value, name), Place)
        }
        return {name: each for name, each in found.items() if each not in (None, (), [], {}, "", False)}
    if isinstance(value, Mapping):
        return {str(name): bare(each) for name, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    return [bare(each) for each in value] if isinstance(value, list | tuple) else value
