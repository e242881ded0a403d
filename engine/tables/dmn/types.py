"""Item definitions: which values they admit, and how others are made to fit (DMN 1.5, 7.3.2 and 10.3.2.9.4)."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.feel import Env, FeelError, Type, Value, ast
from engine.feel.runtime.access import MISSING
from engine.feel.runtime.invoke import typed_argument
from engine.feel.runtime.kinds import kind
from engine.feel.types import ANY, SIMPLE, ContextType, FunctionType, ListType
from engine.feel.values import RECORDS, keys
from engine.tables.cells import Cell, literal_cell
from engine.tables.dialect import Tolerant
from engine.tables.dmn.structs import ItemDefinition

_OLD_NAMES: Mapping[str, str] = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "integer": "number",
    "long": "number",
    "double": "number",
    "any": "Any",
}
"""Names of types in DMN 1.1 files and of other modelers."""
AT = (1, 1)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type with the tests that its values must pass; `whole` are tests on a list itself."""

    type: Type
    allowed: tuple[Cell, ...] = ()
    whole: tuple[Cell, ...] = ()
    element: "Kind | None" = None
    components: Mapping[str, "Kind"] | None = None


ANYTHING = Kind(ANY)


class Kinds:
    """The types of a model by name."""

    def __init__(self, items: Mapping[str, ItemDefinition]) -> None:
        self.items = items
        self.fields = frozenset(_component_names(items))
        self._known: dict[str, Kind] = {}
        self.named: dict[str, Type] = {}
        for name in items:
            self.named[name] = self.of(name).type

    def of(self, reference: str) -> Kind:
        """Return the kind that a type reference names, anything when it names none."""
        name = _OLD_NAMES.get(reference, reference)
        if name in self.items:
            if name not in self._known:
                self._known[name] = ANYTHING  # a type inside itself is not held against its own tests
                self._known[name] = self._of_item(self.items[name])
            return self._known[name]
        return Kind(SIMPLE[name]) if name in SIMPLE and name != "Null" else ANYTHING

    def allowed(self, reference: str) -> str:
        """Return the text of a type's allowed values, following references."""
        seen: set[str] = set()
        while reference in self.items and reference not in seen:
            seen.add(reference)
            item = self.items[reference]
            if item.allowed:
                return item.allowed
            reference = item.type_ref
        return ""

    def _of_item(self, item: ItemDefinition) -> Kind:
        if item.components:
            parts = {each.name: self._of_item(each) for each in item.components}
            base = Kind(ContextType({name: part.type for name, part in parts.items()}), components=parts)
        elif item.function is not None:
            parameters = tuple(self.of(each).type for each in item.function[0])
            base = Kind(FunctionType(parameters, self.of(item.function[1]).type))
        else:
            base = self.of(item.type_ref) if item.type_ref else ANYTHING
        tests = (self._cell(item.allowed),) if item.allowed else ()
        constraint = (self._cell(item.constraint),) if item.constraint else ()
        if item.collection:
            inner = Kind(base.type, (*base.allowed, *tests), base.whole, base.element, base.components)
            return Kind(ListType(base.type), whole=constraint, element=inner)
        return Kind(base.type, (*base.allowed, *tests, *constraint), base.whole, base.element, base.components)

    def _cell(self, text: str) -> Cell:
        dialect = Tolerant(self.fields)
        try:
            node = dialect.parse(text, {}, unary=True)
            assert isinstance(node, ast.UnaryTests)
            return literal_cell(text, node) or Cell(text, program=dialect.program(node, {}))
        except FeelError:
            return Cell(text)


def fit(value: Value, wanted: Kind, env: Env) -> Value:
    """Return the value as one of a kind; null with a fault when it is none."""
    found = _fitted(value, wanted, env)
    return None if found is MISSING else found


def _fitted(value: Value, wanted: Kind, env: Env) -> Value:
    """Return the value as one of a kind, MISSING with a fault when it is none."""
    if value is None or wanted is ANYTHING:
        return value
    value = typed_argument(value, wanted.type, env, AT)
    if value is MISSING:
        return MISSING
    if wanted.element is not None:
        items = [_fitted(item, wanted.element, env) for item in value]
        value = MISSING if any(item is MISSING for item in items) else items
    elif wanted.components is not None:
        found = {name: value.get(name) for name in keys(value)}
        found |= {
            name: _fitted(found.get(name), part, env) for name, part in wanted.components.items() if name in found
        }
        value = MISSING if any(part is MISSING for part in found.values()) else found
    if value is MISSING:
        return MISSING
    if not all(cell.holds(value, {}, env) for cell in (*wanted.allowed, *wanted.whole)):
        env.fault(f"{kind(value)} is none of the values that its type allows", AT)
        return MISSING
    return value


def completed(value: Value, wanted: Kind) -> Value:
    """Return an input with null for the components that were not given."""
    if wanted.components is not None and isinstance(value, RECORDS):
        given = {name: value.get(name) for name in keys(value)}
        return given | {name: completed(given.get(name), part) for name, part in wanted.components.items()}
    if wanted.element is not None and isinstance(value, list):
        return [completed(item, wanted.element) for item in value]
    return value


def _component_names(items: Mapping[str, ItemDefinition]) -> list[str]:
    names: list[str] = []
    waiting = list(items.values())
    while waiting:
        item = waiting.pop()
        names += [each.name for each in item.components]
        waiting += item.components
    return names
