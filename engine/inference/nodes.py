"""The parts of a compiled rulebook: what is computed, from what, in which order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.feel import Program, ast
from engine.inference.flips import Flips
from engine.rules.structs import ActionSpec, Rule, Ruleset
from engine.source.problem import Place

Slot = tuple[str, str]
"""A field of an entity type, (type, field)."""

Hop = tuple[Literal["users", "target"], Slot]
"""One step back along a path: to those who refer here through a field, or to the target of a reference."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression ready to run on a subject, with all that the engine must know of it.

    `lowered` is what was compiled, but for `strict`; `written` what the person wrote, with the paths that it `reads`;
    `literal` its value where it is a text or a truth value as it stands.
    """

    program: Program
    flips: Flips
    lowered: ast.Node
    written: ast.Node
    reads: frozenset[tuple[str, ...]]
    text: str
    place: Place
    literal: str | bool | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Node:
    """Anything computed for a subject; lower ranks are settled before higher ones."""

    type: str
    index: int = -1
    rank: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Derived(Node):
    """A stored field computed from others: a derived field of the model, or a hidden predicate or value."""

    field: str
    compiled: Compiled


@dataclass(slots=True, kw_only=True, eq=False)
class Aggregated(Node):
    """A maintained aggregate over the entities that refer to the owner through `slot`.

    `where` and `value` name fields of the item (None: every item, the item itself); `outputs` maps a function to the
    owner's hidden field that holds its result. `source` is how a person would write it, with a `*` for the function.
    """

    slot: Slot
    collection: str
    where: str | None = None
    value: str | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    source: str = ""

    def said(self, function: str, *_others: str) -> str:
        """Return it as a person would write it."""
        return self.source.replace("*", function, 1)


@dataclass(frozen=True, slots=True)
class Matching:
    """A join: the slot of its collection, and what a pair under one key must fulfil besides (None: nothing)."""

    slot: Slot
    residual: Compiled | None
    text: str
    place: Place


@dataclass(slots=True, kw_only=True, eq=False)
class Matcher(Node):
    """One side of a join; `key` is the hidden field by which the entities of this side stand in the index."""

    join: Matching
    key: str
    other: str
    item_side: bool


@dataclass(slots=True, kw_only=True, eq=False)
class Rated(Node):
    """What an entity says of an exchange rate: the fields that hold it."""

    base: str
    quote: str
    on: str
    rate: str

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the four."""
        return (self.base, self.quote, self.on, self.rate)


@dataclass(slots=True, kw_only=True, eq=False)
class Concluded(Node):
    """A field that rules set, settled from their contributions."""

    field: str
    policy: str
    default: Compiled | None = None


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One field that a condition sets, to what, and the node in which all that is concluded about it meets."""

    field: str
    compiled: Compiled
    meets: Concluded


@dataclass(slots=True, kw_only=True, eq=False)
class Condition(Node):
    """A rule's `when`, or one action's own `while`; keeps a truth for each subject."""

    ruleset: Ruleset
    rule: Rule
    when: Compiled
    sets: dict[str, Compiled] = field(default_factory=dict)
    concludes: tuple[Conclusion, ...] = ()
    equals: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    action: str = ""
    name: str = field(init=False)
    """`ruleset/rule`, the same in every revision."""

    def __post_init__(self) -> None:
        self.name = f"{self.ruleset.id}/{self.rule.id}"


@dataclass(slots=True, kw_only=True, eq=False)
class Act:
    """One `do` of a rule, compiled; times in seconds are kept as durations."""

    index: int
    condition: Condition
    life: Condition
    spec: ActionSpec
    inputs: Mapping[str, "Input"]
    stronger: tuple[Condition, ...] = ()
    names: tuple[str, str, str] = field(init=False)
    """Ruleset, rule and action, by which decisions of one moment are put in order."""

    def __post_init__(self) -> None:
        self.names = (self.condition.ruleset.id, self.condition.rule.id, self.spec.id)


Input = Compiled | tuple[tuple[str, Compiled], ...]
"""One value of an action's payload, or a context of several."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What must look again when a slot changes: walk `hops` back, then wake `node` there."""

    hops: tuple[Hop, ...]
    node: Node


@dataclass(slots=True)
class Readers:
    """What looks again when a field changes: of the same entity, of owners that count it, and of others far away.

    Of the same entity's indexed conditions, their selectors look.
    """

    own: tuple[Node, ...] = ()
    totals: tuple[Aggregated, ...] = ()
    far: tuple[Effect, ...] = ()
    selectors: tuple[Node, ...] = ()
