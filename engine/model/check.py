"""What is wrong with a model that every key of it allows."""

from collections.abc import Iterable, Iterator

from engine.model.structs import EntityType, Field, Model
from engine.model.types import ACTION
from engine.source.excerpt import did_you_mean
from engine.source.locate import Index
from engine.source.problem import Place, Problem

RESERVED = frozenset({"id", "item", "partial"})
KEYWORDS = frozenset(
    [
        "true",
        "false",
        "null",
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "function",
        "external",
        "between",
        "and",
        "or",
        "instance",
        "not",
    ]
)


def check_model(model: Model, index: Index | None = None) -> list[Problem]:
    """Return every fault of the model that needs no FEEL compiler; `index` finds the places of its keys."""
    at = index or Index()
    problems: list[Problem] = []
    for name, entity in model.entities.items():
        problems += [*_names(name, entity, at), *_roles(model, name, entity, at)]
        for field_name, field in entity.fields.items():
            problems += _field(model, entity, f"{name}.{field_name}", field, at)
    return [*problems, *_inverses(model, at), *_rates(model, at)]


def _rates(model: Model, at: Index) -> Iterator[Problem]:
    holding = [entity for entity in model.entities.values() if entity.rates is not None]
    for entity in holding[1:]:
        message = f"{entity.name} and {holding[0].name} both hold `rates`"
        yield Problem("two-rates", message, at.key(entity.place, "rates"), "keep the rates in one entity type")
    for entity in holding:
        assert entity.rates is not None
        wanted = {"base": "text", "quote": "text", "on": "date", "rate": "number"}
        for key, type in wanted.items():
            name = getattr(entity.rates, key)
            field, place = entity.fields.get(name), at.value(entity.rates.place, key)
            if field is None:
                yield _unknown_field(f"`{key}` of the rates of {entity.name}", name, entity, place)
            elif field.type != type:
                yield Problem("wrong-type", f"`{key}` of the rates of {entity.name} must be `type: {type}`", place)


def _names(name: str, entity: EntityType, at: Index) -> Iterator[Problem]:
    if name == ACTION:
        hint = "the engine keeps the life of every proposal under this name; choose another"
        yield Problem("reserved-name", "an entity type cannot be called `action`", entity.place, hint)
    places = {name: entity.place} | {each: at.key(entity.place, "fields", each) for each in entity.fields}
    for word, place in places.items():
        if word in KEYWORDS or (word in RESERVED and word != name):
            yield Problem("reserved-name", f"`{word}` means something in FEEL itself", place, "choose another name")


def _roles(model: Model, name: str, entity: EntityType, at: Index) -> Iterator[Problem]:
    if entity.label and entity.label not in entity.fields:
        yield _unknown_field(f"the label of {name}", entity.label, entity, at.value(entity.place, "label"))
    if entity.person and entity.person != "self" and entity.person not in entity.fields:
        yield _unknown_field(f"`person` of {name}", entity.person, entity, at.value(entity.place, "person"))
    elif entity.person and entity.person != "self" and not entity.fields[entity.person].ref:
        yield Problem(
            "no-reference", f"`person` of {name} must name a reference or `self`", at.value(entity.place, "person")
        )
    if any(field.personal for field in entity.fields.values()) and not entity.person:
        hint = "write `person: self`, or the reference that leads to the person"
        yield Problem("no-person", f"{name} has personal fields but does not say whose they are", entity.place, hint)
    if entity.root and entity.root not in model.entities:
        message = f"the root of {name}, `{entity.root}`, is no entity type{did_you_mean(entity.root, model.entities)}"
        yield Problem("unknown-entity", message, at.value(entity.place, "root"), _known(model.entities))
    elif entity.root and not _reaches(model, name, entity.root):
        hint = f"give {name} a reference to {entity.root}, directly or over other references"
        yield Problem(
            "root-out-of-reach", f"no reference of {name} leads to its root {entity.root}", entity.place, hint
        )


def _reaches(model: Model, start: str, root: str) -> bool:
    reached, waiting = {start}, [start]
    while waiting:
        entity = model.entities.get(waiting.pop())
        for field in entity.fields.values() if entity else ():
            if field.ref and field.ref not in reached:
                reached.add(field.ref)
                waiting.append(field.ref)
    return root in reached


def _unknown_field(what: str, name: str, entity: EntityType, place: Place) -> Problem:
    message = f"{what}, `{name}`, is no field of it{did_you_mean(name, entity.fields)}"
    return Problem("unknown-field", message, place, _known(entity.fields))


def _field(model: Model, entity: EntityType, path: str, field: Field, at: Index) -> Iterator[Problem]:
    for code, wrong, message, hint in (
        (
            "no-type",
            not (field.type or field.ref or field.match),
            "has neither `type` nor `ref`",
            "write `type: text`, or a `ref`",
        ),
        ("type-and-match", (field.type or field.ref) and field.match, "has a type and a `match`", "keep one"),
        ("match-without-where", field.match and not field.where, "matches nothing", "say which of them by `where`"),
        ("where-without-match", field.where and not field.match, "has `where` without `match`", "name the type"),
        ("type-and-ref", field.type and field.ref, "has both `type` and `ref`", "keep one: a reference needs no type"),
        ("derived-and-concluded", field.derived and field.concluded, "is both derived and concluded", "keep one"),
        (
            "derived-reference",
            field.ref and (field.derived or field.concluded),
            "is a reference, which only a source can give",
            "derive or conclude the other entity's id as text instead",
        ),
        (
            "default-without-rule",
            field.default and not field.concluded,
            "has a `default`, which is for concluded fields",
            "add `concluded: unique`",
        ),
    ):
        if wrong:
            yield Problem(code, f"{path} {message}", field.place, hint)
    for key, needs in (("inverse", "ref"), ("acyclic", "ref"), ("of", "list"), ("values", "text")):
        fits = field.ref or (field.match and key == "inverse") if needs == "ref" else field.type == needs
        if getattr(field, key) and not fits:
            need = "a `ref`" if needs == "ref" else f"`type: {needs}`"
            yield Problem("key-without-type", f"`{key}` of {path} needs {need}", at.key(field.place, key))
    yield from _target(model, entity, path, field, at)
    yield from _money(entity, path, field, at)


def _target(model: Model, entity: EntityType, path: str, field: Field, at: Index) -> Iterator[Problem]:
    if field.ref and field.ref not in model.entities:
        message = f"{path} refers to `{field.ref}`, which is no entity type{did_you_mean(field.ref, model.entities)}"
        yield Problem("unknown-entity", message, at.value(field.place, "ref"), _known(model.entities))
    elif field.match and field.match not in model.entities:
        message = f"{path} matches `{field.match}`, which is no entity type{did_you_mean(field.match, model.entities)}"
        yield Problem("unknown-entity", message, at.value(field.place, "match"), _known(model.entities))
    elif field.acyclic and field.ref and field.ref != entity.name:
        message = f"`acyclic` of {path} is for references to its own type"
        yield Problem("not-recursive", message, at.key(field.place, "acyclic"), "delete it")


def _money(entity: EntityType, path: str, field: Field, at: Index) -> Iterator[Problem]:
    for key in ("currency", "currency_field"):
        if getattr(field, key) and field.type != "money":
            message = f"`{key}` of {path} needs `type: money`"
            yield Problem("currency-without-money", message, at.key(field.place, key))
    if field.currency and field.currency_field:
        message = f"{path} has both `currency` and `currency_field`"
        yield Problem("two-currencies", message, field.place, "keep one of the two")
    name = field.currency_field
    if name and name not in entity.fields:
        yield Problem(
            "unknown-field",
            f"the currency field of {path}, `{name}`, is no field of {entity.name}{did_you_mean(name, entity.fields)}",
            at.value(field.place, "currency_field"),
            _known(entity.fields),
        )
    elif name and entity.fields[name].type != "text":
        yield Problem(
            "wrong-type",
            f"the currency field of {path}, `{name}`, must be text",
            at.value(field.place, "currency_field"),
        )


def _inverses(model: Model, at: Index) -> Iterator[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for name, entity in model.entities.items():
        for field_name, field in entity.fields.items():
            other = field.ref or field.match
            if not field.inverse or other not in model.entities:
                continue
            path, taken = f"{name}.{field_name}", f"{other}.{field.inverse}"
            clash = seen.setdefault((other, field.inverse), path)
            if field.inverse in model.entities[other].fields or field.inverse in RESERVED:
                clash = f"the field {taken}"
            if clash != path:
                message = f"the inverse of {path}, `{taken}`, is already taken by {clash}"
                place = at.value(field.place, "inverse")
                yield Problem("inverse-clash", message, place, "choose another name for the collection")


def _known(names: Iterable[str]) -> str:
    return f"known: {', '.join(names)}"
