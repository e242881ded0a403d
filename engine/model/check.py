"""What is wrong with a model that every key of it allows."""

from collections.abc import Iterator

from engine.model.structs import EntityType, Field, Model
from engine.model.types import ACTION
from engine.source.excerpt import did_you_mean
from engine.source.problem import Problem

RESERVED = frozenset({"id", "item", "partial"})
KEYWORDS = frozenset(
    ["true", "false", "null", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "function", "external", "between", "and", "or", "instance", "not"]
)


def check_model(model: Model) -> list[Problem]:
    """Return every fault of the model that needs no FEEL compiler."""
    problems: list[Problem] = []
    for name, entity in model.entities.items():
        problems += [*_names(name, entity), *_roles(model, name, entity)]
        for field_name, field in entity.fields.items():
            problems += _field(model, entity, f"{name}.{field_name}", field)
    return [*problems, *_inverses(model)]


def _names(name: str, entity: EntityType) -> Iterator[Problem]:
    if name == ACTION:
        hint = "the engine keeps the life of every proposal under this name; choose another"
        yield Problem("reserved-name", "an entity type cannot be called `action`", entity.place, hint)
    for word, place in ((name, entity.place), *((each, field.place) for each, field in entity.fields.items())):
        if word in KEYWORDS or (word in RESERVED and word != name):
            yield Problem("reserved-name", f"`{word}` means something in FEEL itself", place, "choose another name")


def _roles(model: Model, name: str, entity: EntityType) -> Iterator[Problem]:
    if entity.label and entity.label not in entity.fields:
        yield _unknown_field(f"the label of {name}", entity.label, entity)
    if entity.person and entity.person != "self" and entity.person not in entity.fields:
        yield _unknown_field(f"`person` of {name}", entity.person, entity)
    elif entity.person and entity.person != "self" and not entity.fields[entity.person].ref:
        yield Problem("no-reference", f"`person` of {name} must name a reference or `self`", entity.place)
    if any(field.personal for field in entity.fields.values()) and not entity.person:
        hint = "write `person: self`, or the reference that leads to the person"
        yield Problem("no-person", f"{name} has personal fields but does not say whose they are", entity.place, hint)
    if entity.root and entity.root not in model.entities:
        message = f"the root of {name}, `{entity.root}`, is no entity type{did_you_mean(entity.root, model.entities)}"
        yield Problem("unknown-entity", message, entity.place, f"known: {', '.join(model.entities)}")
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


def _unknown_field(what: str, name: str, entity: EntityType) -> Problem:
    message = f"{what}, `{name}`, is no field of it{did_you_mean(name, entity.fields)}"
    return Problem("unknown-field", message, entity.place, f"known: {', '.join(entity.fields)}")


def _field(model: Model, entity: EntityType, path: str, field: Field) -> Iterator[Problem]:
    def problem(code: str, message: str, hint: str = "") -> Problem:
        return Problem(code, message, field.place, hint)

    if not field.type and not field.ref:
        yield problem("no-type", f"{path} has neither `type` nor `ref`", "write `type: text`, or `ref:` and a type")
    if field.type and field.ref:
        yield problem("type-and-ref", f"{path} has both `type` and `ref`", "keep one: a reference needs no type")
    if field.ref and field.ref not in model.entities:
        message = f"{path} refers to `{field.ref}`, which is no entity type{did_you_mean(field.ref, model.entities)}"
        yield problem("unknown-entity", message, f"known: {', '.join(model.entities)}")
    if field.derived and field.concluded:
        yield problem("derived-and-concluded", f"{path} is both derived and concluded", "keep one of the two")
    if field.ref and (field.derived or field.concluded):
        yield problem("derived-reference", f"{path} is a reference, which only a source can give")
    for key in ("inverse", "acyclic"):
        if getattr(field, key) and not field.ref:
            yield problem("no-reference", f"`{key}` of {path} needs a `ref`")
    if field.acyclic and field.ref and model.entities.get(field.ref) is not entity:
        yield problem("not-recursive", f"`acyclic` of {path} is for references to its own type")
    if field.default and not field.concluded:
        yield problem("default-without-rule", f"`default` of {path} is for concluded fields", "add `concluded: unique`")
    if field.of and field.type != "list":
        yield problem("of-without-list", f"`of` of {path} needs `type: list`")
    if field.values and field.type != "text":
        yield problem("values-without-text", f"`values` of {path} are for text fields")
    yield from _money(entity, path, field)


def _money(entity: EntityType, path: str, field: Field) -> Iterator[Problem]:
    for key in ("currency", "currency_field"):
        if getattr(field, key) and field.type != "money":
            yield Problem("currency-without-money", f"`{key}` of {path} needs `type: money`", field.place)
    if field.currency and field.currency_field:
        message = f"{path} has both `currency` and `currency_field`"
        yield Problem("two-currencies", message, field.place, "keep one of the two")
    name = field.currency_field
    if name and name not in entity.fields:
        yield Problem(
            "unknown-field",
            f"the currency field of {path}, `{name}`, is no field of {entity.name}{did_you_mean(name, entity.fields)}",
            field.place,
            f"known: {', '.join(entity.fields)}",
        )
    elif name and entity.fields[name].type != "text":
        yield Problem("wrong-type", f"the currency field of {path}, `{name}`, must be text", field.place)


def _inverses(model: Model) -> Iterator[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for name, entity in model.entities.items():
        for field_name, field in entity.fields.items():
            if not field.inverse or field.ref not in model.entities:
                continue
            path, taken = f"{name}.{field_name}", f"{field.ref}.{field.inverse}"
            clash = seen.setdefault((field.ref, field.inverse), path)
            if field.inverse in model.entities[field.ref].fields or field.inverse in RESERVED:
                clash = f"the field {taken}"
            if clash != path:
                message = f"the inverse of {path}, `{taken}`, is already taken by {clash}"
                yield Problem("inverse-clash", message, field.place, "choose another name for the collection")
