"""Subjects imagined where no record can make one: what is computed takes the values that conditions ask for.

Whether such a subject can be is proven only where what they ask for follows from different fields, so that one value
leaves the others free; of anything else nothing is said.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import cast

from engine.feel import Env, FeelError, Value, ast, compile, unparse
from engine.inference.boxes import Box, Difference, Term
from engine.inference.kinds import Knowing, kind_of
from engine.inference.nodes import Compiled, Condition, Derived, Slot
from engine.inference.proof import maximal
from engine.inference.rulebook import Rulebook
from engine.inference.trial import TODAY, made_up
from engine.model.structs import Field, FieldType
from engine.source.problem import ConfigError

_SUBJECTS = 16
_KINDS = frozenset({"number", "text", "boolean", "date"})


class _Entangled(Exception):
    """What is computed cannot be told apart from what else is asked for."""


class _Pretending(Knowing):
    """Takes what is computed for given, under the words in which it was written."""

    def __init__(self, rulebook: Rulebook, type: str, computed: Iterable[ast.Node]) -> None:
        super().__init__(rulebook, type)
        declared = rulebook.model.entities[type].fields
        self._pretended: dict[str, Field] = {}
        for each in computed:
            kind = kind_of(_looked_up(rulebook, type, each).program.type)
            if kind not in _KINDS or not isinstance(each, ast.Name | ast.Path | ast.Call):
                raise _Entangled
            known = declared.get(each.name) if isinstance(each, ast.Name) else None
            self._pretended[unparse(each)] = Field(
                type=cast("FieldType", kind), values=known.values if known is not None else ()
            )

    def given(self, name: str) -> Field | None:
        """Return a field that sources fill, or that is taken for one."""
        return self._pretended.get(name) or super().given(name)


def imagined(rulebook: Rulebook, type: str, box: Box, conditions: Iterable[Condition], env: Env) -> Mapping[str, Value]:
    """Return what a subject would read of which all conditions are true; nothing where none is known."""
    leaves = [*dict.fromkeys(leaf for term in box for leaf in _leaves(term))]
    knowing = Knowing(rulebook, type)
    computed = [each for each in leaves if not (isinstance(each, ast.Name) and knowing.given(each.name))]
    if not computed:
        return {}
    try:
        pretending = _Pretending(rulebook, type, computed)
        _apart(rulebook, type, leaves)
        whole = ast.And(tuple(_renamed(each.when.written, computed) for each in conditions))
        program = compile(whole, functions=rulebook.functions)
    except (_Entangled, FeelError):
        return {}
    renamed = {_term(term, computed): allowed for term, allowed in box.items()}
    for fields in islice(made_up(pretending, renamed, env.today), _SUBJECTS):
        if program.run(dict(fields), Env(env.now, env.zone)) is True:
            return {name: value for name, value in fields.items() if value is not None}
    return {}


def _leaves(term: Term) -> Iterator[ast.Node]:
    sides = (term.left, term.right) if isinstance(term, Difference) else (term,)
    yield from (side for side in sides if side != TODAY)


def _apart(rulebook: Rulebook, type: str, leaves: Iterable[ast.Node]) -> None:
    """Refuse leaves that follow from the same field, for then the value of one may settle the other's."""
    seen: set[Slot] = set()
    for leaf in leaves:
        slots = frozenset(_slots(rulebook, type, _looked_up(rulebook, type, leaf).reads))
        if slots & seen:
            raise _Entangled
        seen |= slots


def _looked_up(rulebook: Rulebook, type: str, leaf: ast.Node) -> Compiled:
    try:
        return rulebook.adhoc(type, unparse(leaf))
    except ConfigError:
        raise _Entangled from None


def _slots(rulebook: Rulebook, type: str, paths: Iterable[tuple[str, ...]]) -> Iterator[Slot]:
    """Yield the given fields and the collections that paths lead to in the end, through what is computed."""
    for path in maximal(paths):
        at: str | None = type
        for place, name in enumerate(path):
            if at is None:
                break
            field = rulebook.model.entities[at].fields.get(name)
            slot = rulebook.collections.get(at, {}).get(name)
            if field is not None and field.concluded is not None:
                raise _Entangled
            if field is not None and field.derived is not None:
                yield from _slots(rulebook, at, _computed(rulebook, (at, name)))
            elif slot is not None or place == len(path) - 1:
                yield slot or (at, name)
            at = field.ref if field is not None and field.ref else slot[0] if slot is not None else None


def _computed(rulebook: Rulebook, slot: Slot) -> frozenset[tuple[str, ...]]:
    virtual = rulebook.virtual.get(slot)
    if virtual is not None:
        return virtual.reads
    (writer,) = rulebook.network.writers[slot]
    assert isinstance(writer, Derived)
    return writer.compiled.reads


def _renamed(node: ast.Node, computed: list[ast.Node]) -> ast.Node:
    """Put a name for each thing computed."""
    if node in computed:
        return ast.Name(unparse(node))
    return ast.map_children(node, lambda part: _renamed(part, computed))


def _term(term: Term, computed: list[ast.Node]) -> Term:
    if isinstance(term, Difference):
        return Difference(_renamed(term.left, computed), _renamed(term.right, computed))
    return _renamed(term, computed)
