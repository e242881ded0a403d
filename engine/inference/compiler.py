"""From model and rulesets to a network that an event can run through: a literal list of stages.

Every expression is parsed against the names of its subject, made explicit, freed of fields that change with time and of
aggregates that can be maintained, analysed for its flips, and compiled. What was split off becomes nodes of its own.
"""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from copy import copy

from engine.feel import HostFunction, ast
from engine.inference.expressions import Expressions
from engine.inference.joins import Joining
from engine.inference.kept import Kept
from engine.inference.nodes import Act, Compiled, Concluded, Condition, Derived, Input, Node, Rated, Slot
from engine.model.structs import Model
from engine.rules.structs import ActionSpec, Inputs, Rule, Ruleset, full_name
from engine.source.expression import Expression
from engine.source.problem import Place, Problem


class Compilation(Expressions):
    """Everything that the stages fill; `problems` collects what is wrong, whatever stage finds it."""

    def __init__(
        self,
        model: Model,
        rulesets: tuple[Ruleset, ...],
        functions: Mapping[str, HostFunction],
        before: Kept | None = None,
        *,
        ageing: bool = False,
    ) -> None:
        super().__init__(model, functions, before, ageing=ageing)
        self.rulesets = rulesets
        self.acts: list[Act] = []
        self.numbered = 0
        self.virtual: dict[Slot, Compiled] = {}

    def run(self) -> "Compilation":
        """Run the stages in order."""
        for stage in (self.derive, self.rate, self.join, self.conclude, self.rules):
            stage()
        return self

    def again(self, rulesets: tuple[Ruleset, ...], nodes: Sequence[Node], forget: Container[Place]) -> "Compilation":
        """Return a compilation that goes on from this one."""
        other = copy(self)
        other.rulesets = rulesets
        other.nodes = [*nodes]
        other.go_on()
        other.acts, other.numbered = [], self.numbered + len(self.acts)
        other.problems, other.notes = [], [note for note in self.notes if note.place not in forget]
        other.kept, other.bodies = self.kept.again(), dict(self.bodies)
        return other

    # --- stages -----------------------------------------------------------------------------------------------

    def derive(self) -> None:
        """Compile the model's derived fields; those that change with time and are no truth values stay virtual."""
        for type, entity in self.model.entities.items():
            for name, declared in entity.fields.items():
                if declared.derived is None:
                    continue
                compiled = self.expression(declared.derived, type)
                if compiled is None:
                    continue
                if self.is_virtual((type, name)):
                    self.virtual[type, name] = compiled
                else:
                    self.add(Derived(type=type, field=name, compiled=compiled))

    def rate(self) -> None:
        """Make a node for the type that holds the exchange rates."""
        for type, entity in self.model.entities.items():
            if (held := entity.rates) is not None:
                self.add(Rated(type=type, base=held.base, quote=held.quote, on=held.on, rate=held.rate))

    def join(self) -> None:
        """Compile the joins of entities that no reference connects."""
        Joining(self).run()

    def conclude(self) -> None:
        """Make a node for each field that rules may set."""
        for type, entity in self.model.entities.items():
            for name, declared in entity.fields.items():
                if declared.concluded is not None:
                    default = self.expression(declared.default, type) if declared.default else None
                    self.add(Concluded(type=type, field=name, policy=declared.concluded, default=default))

    def rules(self) -> None:
        """Compile the rules' conditions, conclusions and actions."""
        conditions: dict[tuple[str, str], Condition] = {}
        for ruleset in self.rulesets:
            for rule in ruleset.rules:
                condition = self.condition(ruleset, rule)
                if condition is not None:
                    conditions[ruleset.id, rule.id] = condition
        stronger: dict[str, dict[int, Condition]] = defaultdict(dict)
        for (ruleset_id, _), condition in conditions.items():
            for weaker in condition.rule.instead_of:
                stronger[full_name(ruleset_id, weaker)][condition.index] = condition
        for condition in conditions.values():
            for spec in condition.rule.do:
                self.act(condition, spec, tuple(stronger[condition.name].values()))

    # --- rules ------------------------------------------------------------------------------------------------

    def condition(self, ruleset: Ruleset, rule: Rule) -> Condition | None:
        """Compile what makes a rule true, and what it sets; None when it has faults."""
        if rule.for_ not in self.model.entities:
            self.problems.append(
                Problem(
                    "unknown-entity", f"rule {rule.id} is for `{rule.for_}`, which the model does not have", rule.place
                )
            )
            return None
        lets = self.lets(rule)
        when = self.expression(rule.when, rule.for_, lets)
        sets = {name: self.expression(value, rule.for_, lets) for name, value in rule.set.items()}
        for name in rule.set:
            declared = self.model.entities[rule.for_].fields.get(name)
            if declared is None or declared.concluded is None:
                hint = f"Give `{name}` of {rule.for_} a `concluded:` in config/model.yaml."
                self.problems.append(
                    Problem(
                        "not-concluded",
                        f"rule {rule.id} sets `{name}`, which rules may not set",
                        rule.set[name].place,
                        hint,
                    )
                )
        if when is None or None in sets.values():
            return None
        condition = Condition(
            type=rule.for_,
            ruleset=ruleset,
            rule=rule,
            when=when,
            sets={name: value for name, value in sets.items() if value is not None},
            equals=equalities(when.lowered),
        )
        self.add(condition)
        return condition

    def act(self, condition: Condition, spec: ActionSpec, stronger: tuple[Condition, ...]) -> None:
        """Compile one action of a rule."""
        lets = self.lets(condition.rule)
        life = condition
        if spec.while_ is not None:
            compiled = self.expression(spec.while_, condition.type, lets)
            if compiled is None:
                return
            life = Condition(
                type=condition.type, ruleset=condition.ruleset, rule=condition.rule, when=compiled, action=spec.id
            )
            self.add(life)
        inputs = {name: self._input(value, condition.type, lets) for name, value in spec.with_.items()}
        if all(value is not None for value in inputs.values()):
            kept = {name: value for name, value in inputs.items() if value is not None}
            self.acts.append(
                Act(
                    index=self.numbered + len(self.acts),
                    condition=condition,
                    life=life,
                    spec=spec,
                    inputs=kept,
                    stronger=stronger,
                )
            )

    def _input(self, value: Inputs, type: str, lets: Mapping[str, ast.Node]) -> Input | None:
        if isinstance(value, Expression):
            return self.expression(value, type, lets)
        named = (
            value.items()
            if isinstance(value, dict)
            else ((each.text.strip().rsplit(".", 1)[-1], each) for each in value)
        )
        compiled = [(name, self.expression(each, type, lets)) for name, each in named]
        return (
            None
            if any(each is None for _, each in compiled)
            else tuple((name, each) for name, each in compiled if each)
        )

    def lets(self, rule: Rule) -> dict[str, ast.Node]:
        """Return the parsed `let` names of a rule, each freed of the earlier ones."""
        found: dict[str, ast.Node] = {}
        for name, value in rule.let.items():
            parsed = self.parse(value, rule.for_, found)
            if parsed is not None:
                found[name] = parsed
        return found


def equalities(node: ast.Node) -> dict[str, tuple[object, ...]]:
    """Return the fields that a condition compares with constants: unless one of the values is met, it is false."""
    parts = node.operands if isinstance(node, ast.And) else (node,)
    found: dict[str, tuple[object, ...]] = {}
    for part in parts:
        match part:
            case ast.Compare("=", ast.Name(name), ast.Text(value) | ast.Number(value)):
                found[name] = (value,)
            case ast.Compare("=", ast.Text(value) | ast.Number(value), ast.Name(name)):
                found[name] = (value,)
            case ast.In(ast.Name(name), tests) if all(isinstance(test, ast.Text | ast.Number) for test in tests):
                found[name] = tuple(test.value for test in tests if isinstance(test, ast.Text | ast.Number))
    return found
