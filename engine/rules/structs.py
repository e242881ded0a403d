"""Rulesets as rules/*/ruleset.yaml states them."""

from typing import Annotated, ClassVar, Literal

import msgspec

from engine.rules.figures import Kpi
from engine.rules.reading import ReadSpec
from engine.source.expression import Expression
from engine.source.kinds import Duration, FieldName, FileName, Name, Template
from engine.source.problem import Place

Inputs = Expression | list[Expression] | dict[FieldName, Expression]
OperationName = Annotated[str, msgspec.Meta(extra={"kind": "operation"})]


class OutcomeSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts as well or badly ended, watched after sending."""

    good: Expression | None = None
    """True of the subject when the action had its effect; feeds the key figures."""
    bad: Expression | None = None
    """True of the subject when the action was a mistake; counts against the rule."""
    critical: Expression | None = None
    """True of the subject when the mistake must never happen: it blocks promotion, and takes autonomy back at once."""
    within: Duration = "P30D"
    """How long the outcome is watched."""

    @property
    def watched(self) -> tuple[Expression | None, ...]:
        """Every condition that is watched."""
        return self.good, self.bad, self.critical

    @property
    def accuses(self) -> bool:
        """Whether it can tell of a mistake, so that only its horizon shows that there was none."""
        return self.bad is not None or self.critical is not None


class ActionSpec(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"with_": "with", "while_": "while"}
):
    """One `do` of a rule."""

    title_in_messages: ClassVar[str] = "action"

    id: Name
    """The action's name within its rule, kept for ever."""
    operation: OperationName
    """The connector's operation: source, dot, operation."""
    with_: dict[FieldName, Inputs] = {}
    """The operation's inputs over the subject; a list of names makes a context of them."""
    draft: FileName | None = None
    """The prompt that writes the words, relative to the ruleset's folder."""
    autonomy: Name | None = None
    """The policy of config/autonomy.yaml; without it the default there."""
    while_: Expression | None = None
    """The proposal lives while this holds; without it, while the rule's `when` does."""
    valid_for: Duration | None = None
    """The proposal lives at most this long."""
    rearm: Duration | None = None
    """How long the condition must be definitely false before it can propose again."""
    repeat: Duration | None = None
    """Propose again this long after sending while the condition still holds."""
    cooldown: Duration | None = None
    """At least this long between two sendings of the rule to one customer."""
    group: Name | None = None
    """Collects the proposals about one account that name the same group into one action."""
    outcome: OutcomeSpec | None = None
    """What counts as well or badly ended."""
    place: Place = Place("")


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"for_": "for"}):
    """When a condition over one subject becomes true: conclude facts and propose actions."""

    id: Name
    """The rule's name within its ruleset, kept for ever; see `was`."""
    for_: FieldName
    """The entity type of the subject."""
    let: dict[FieldName, Expression] = {}
    """Names for parts of the condition, in order; later ones see earlier ones."""
    when: Expression
    """The condition over the subject."""
    set: dict[FieldName, Expression] = {}
    """Concluded fields of the subject with their values while the condition holds."""
    do: tuple[ActionSpec, ...] = ()
    """The actions to propose when the condition becomes true."""
    because: Template | None = None
    """The reason in words for people."""
    instead_of: tuple[str, ...] = ()
    """Weaker rules whose proposals this one withdraws; those of another ruleset as `RULESET/RULE`."""
    exclusive: Name | None = None
    """Of the rules of one such group that hold for a subject only the one of the highest `priority` proposes."""
    priority: int = 0
    """Which rule of an `exclusive` group wins, and which conclusion in a field concluded by `priority`: the higher."""
    existing: Literal["seed", "propose"] = "seed"
    """What happens to subjects for which the rule holds already when it is activated: remember, or propose."""
    owner: str | None = None
    """The person of config/people.yaml who answers for the rule; without it the ruleset's."""
    was: Name | None = None
    """The rule's former name, so that what it proposed stays its own."""
    about: str = ""
    """What the rule is for, for people."""
    place: Place = Place("")


def full_name(ruleset: str, rule: str) -> str:
    """Return `RULESET/RULE` for a rule as it is named in a ruleset: by its id, or in full."""
    return rule if "/" in rule else f"{ruleset}/{rule}"


class Ruleset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One folder of rules; its name is the folder's."""

    key_field: ClassVar[str] = "id"

    format: Literal[1] = 1
    """The version of this file's form."""
    id: str = ""
    title: str = ""
    """The ruleset's name for people."""
    owner: str | None = None
    """The person of config/people.yaml who answers for the rules."""
    about: str = ""
    """What the ruleset is for, for people."""
    read: tuple[ReadSpec, ...] = ()
    """Which texts are read into which facts."""
    kpi: tuple[Kpi, ...] = ()
    """The figures that this work is to change, each with what it was before."""
    rules: tuple[Rule, ...] = ()
    """The rules; their order means nothing."""
    place: Place = Place("")
