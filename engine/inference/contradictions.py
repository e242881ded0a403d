"""What is wrong with rules that compile: never true, always true, in conflict, never heard, twice the same.

Only what is proven is said. Conditions are taken apart into boxes (see `boxes`); a conflict is reported with an
example, and only after a session has found both conditions true of it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import combinations, islice

from engine.feel import Env, Value, ast, unparse
from engine.inference.allowed import Scalar
from engine.inference.boxes import Box, Boxes, both, constant
from engine.inference.imagined import imagined
from engine.inference.kinds import Knowing
from engine.inference.nodes import Act, Concluded, Condition, Slot
from engine.inference.rulebook import Rulebook
from engine.inference.trial import Trial
from engine.inference.words import say
from engine.source.problem import Place, Problem

_PAIRS = 50_000
"""How many pairs of rules are compared for each field; beyond, nothing is said of the rest."""
_TRIES = 8
"""How many examples are tried for each pair."""
TRIED_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""When the examples of conflicts play."""


def contradictions(rulebook: Rulebook) -> tuple[Problem, ...]:
    """Return warnings in the order of the rules' places, each with what to do about it."""
    found = tuple(_Search(rulebook).run())
    return tuple(sorted(found, key=lambda problem: (problem.place or Place(""), problem.code, problem.message)))


class _Search:
    """A rulebook while it is looked through."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._conditions = [node for node in rulebook.nodes if isinstance(node, Condition)]
        self._knowing = {type: Knowing(rulebook, type) for type in rulebook.model.entities}
        self._boxes = {type: Boxes(knowing.kind) for type, knowing in self._knowing.items()}
        self._true = {each.index: self._boxes[each.type].of(each.when.written) for each in self._conditions}
        self._never = {each.index for each in self._conditions if not self._true[each.index]}

    def run(self) -> Iterator[Problem]:
        for condition in self._conditions:
            if condition.index in self._never:
                yield self._never_fires(condition)
            elif self._always(condition):
                yield _always_fires(condition)
        yield from self._conflicts()
        replaced = list(self._replaced())
        yield from (problem for _, problem in replaced)
        yield from self._duplicates({pair for pair, _ in replaced})

    # --- one condition ----------------------------------------------------------------------------------------

    def _never_fires(self, condition: Condition) -> Problem:
        parts = [f"`{unparse(part)}`" for part in self._core(condition)]
        why = f"{parts[0]} is never true" if len(parts) == 1 else f"{_and(parts)} exclude each other"
        hint = (
            "Drop one of them, or write `or` where one is enough." if len(parts) > 1 else "Drop the rule, or mend it."
        )
        return _warning("never-fires", f"{_title(condition)} can never be true: {why}", condition.when.place, hint)

    def _core(self, condition: Condition) -> list[ast.Node]:
        """Return conjuncts that cannot be true together, none of which can be left out."""
        written = condition.when.written
        core = list(written.operands) if isinstance(written, ast.And) else [written]
        for part in tuple(core):
            rest = [each for each in core if each is not part]
            if rest and not self._boxes[condition.type].of(rest[0] if len(rest) == 1 else ast.And(tuple(rest))):
                core = rest
        return core

    def _always(self, condition: Condition) -> bool:
        """Whether a condition is true of every subject, whatever is known of it."""
        knowing = self._knowing[condition.type]
        if not all(len(path) == 1 and knowing.sure(path[0]) for path in condition.when.reads):
            return False
        return not self._boxes[condition.type].of(condition.when.written, "not true")

    # --- two conditions ---------------------------------------------------------------------------------------

    def _conflicts(self) -> Iterator[Problem]:
        """Find rules that give a `unique` field different values under conditions that one subject can meet."""
        trial = Trial(self._rulebook, TRIED_AT)
        for (type, field), setting in self._setting().items():
            for (one, first), (two, second) in islice(combinations(setting, 2), _PAIRS):
                if first == second:
                    continue
                common = both(self._true[one.index], self._true[two.index])
                tried = (trial.meets(type, box, (one, two)) for box in common[:_TRIES])
                example = next(filter(None, tried), None) or self._imagined(type, common, one, two)
                if example:
                    yield _conflict(field, one, two, example)

    def _imagined(self, type: str, common: tuple[Box, ...], one: Condition, two: Condition) -> Mapping[str, Value]:
        """Return what both conditions read of a subject that no record can make, for they read what is computed."""
        env = Env(TRIED_AT, self._rulebook.settings.zone)
        found = (imagined(self._rulebook, type, box, (one, two), env) for box in common[:_TRIES])
        return next(filter(None, found), {})

    def _setting(self) -> dict[Slot, list[tuple[Condition, Scalar]]]:
        """Return for each `unique` field the conditions that give it a constant, with that."""
        unique = {
            (node.type, node.field)
            for node in self._rulebook.nodes
            if isinstance(node, Concluded) and node.policy == "unique"
        }
        found: dict[Slot, list[tuple[Condition, Scalar]]] = defaultdict(list)
        for condition in self._conditions:
            for field, given in condition.sets.items():
                value = constant(given.written) if (condition.type, field) in unique else None
                if value is not None and condition.index not in self._never:
                    found[condition.type, field].append((condition, value))
        return found

    def _replaced(self) -> Iterator[tuple[frozenset[int], Problem]]:
        """Find rules whose every proposal is replaced by a rule that holds whenever they do."""
        seen = set()
        for act in self._rulebook.acts:
            for stronger in act.stronger:
                pair = frozenset({act.condition.index, stronger.index})
                if pair not in seen and self._covers(act, stronger):
                    seen.add(pair)
                    weaker = act.condition
                    message = (
                        f"{_title(weaker)} never proposes: {stronger.name}, `instead_of` it, holds whenever it does"
                    )
                    hint = f"Narrow the condition of {stronger.rule.id}, or turn the `instead_of` round."
                    yield pair, _warning("always-replaced", message, weaker.when.place, hint)

    def _covers(self, act: Act, stronger: Condition) -> bool:
        weaker = act.condition
        if weaker.type != stronger.type or weaker.index in self._never:
            return False
        knowing = self._knowing[weaker.type]
        new = stronger.when.reads - weaker.when.reads
        if not all(len(path) == 1 and knowing.sure(path[0]) for path in new):
            return False
        return not both(self._true[weaker.index], self._boxes[weaker.type].of(stronger.when.written, "not true"))

    def _duplicates(self, told: set[frozenset[int]]) -> Iterator[Problem]:
        """Find rules of one ruleset with the same condition, but for the order of its conjuncts."""
        first: dict[tuple[str, str, frozenset[ast.Node]], Condition] = {}
        for condition in self._conditions:
            if condition.action:
                continue
            written = condition.when.written
            parts = frozenset(written.operands if isinstance(written, ast.And) else (written,))
            before = first.setdefault((condition.ruleset.id, condition.type, parts), condition)
            if before is condition or frozenset({before.index, condition.index}) in told:
                continue
            message = f"{_title(condition)} has the condition of {before.rule.id} ({before.when.place})"
            hint = "Let one rule set and do what both do, or tell them apart."
            yield _warning("duplicate-condition", message, condition.when.place, hint)


def _always_fires(condition: Condition) -> Problem:
    message = f"{_title(condition)} is true of every {condition.type}, whatever is known of it"
    hint = "Say what the rule is for; a value that always holds is a `default` or a `derived` field of the model."
    return _warning("always-fires", message, condition.when.place, hint)


def _conflict(field: str, one: Condition, two: Condition, example: Mapping[str, Value]) -> Problem:
    said = [unparse(each.sets[field].written) for each in (one, two)]
    subject = ", ".join(f"{name} = {say(value)}" for name, value in sorted(example.items()))
    message = (
        f"rules {one.name} and {two.name} set `{field}` to {said[0]} and {said[1]} for the same {one.type}, "
        f"for example with {subject or 'nothing known of it'}; the first is at {one.sets[field].place}"
    )
    hint = (
        f"Let one condition exclude the other, or give `{field}` another `concluded` than `unique`, such as `priority`."
    )
    return _warning("conflicting-conclusions", message, two.sets[field].place, hint)


def _title(condition: Condition) -> str:
    return f"`while` of {condition.name}/{condition.action}" if condition.action else f"rule {condition.name}"


def _and(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _warning(code: str, message: str, place: Place, hint: str) -> Problem:
    return Problem(code, message, place, hint, level="warning")
