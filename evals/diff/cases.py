"""Both revisions over a set of cases: given/then examples, of which only what is given counts here."""

from collections.abc import Sequence
from datetime import UTC
from time import perf_counter

import msgspec

from engine.events import Decision
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.rules import Home
from engine.rules.examples import Entities, Example, Examples
from engine.source import Problem, convert, parse_yaml
from evals.diff.explain import proven
from evals.diff.matching import pair, renamed_rules
from evals.diff.slicing import Slices
from evals.diff.standing import standings
from evals.diff.structs import Behaviour, Difference, Explained, Made
from evals.diff.tallies import tallies
from evals.examples import check


def read_cases(content: bytes, file: str) -> tuple[tuple[Example, ...], list[Problem]]:
    """Return the cases of a file in the form of rules/*/examples.yaml, and what is wrong with it."""
    found, problems = convert(parse_yaml(content, file), Examples, key=file)
    return (found.examples if found else ()), problems


def compare_cases(base: Home, head: Home, cases: Sequence[Example], *, examples: int = 5) -> Behaviour:
    """Return what differs in the decisions on the cases."""
    began = perf_counter()
    books = Rulebook.of(base), Rulebook.of(head)
    renamed = renamed_rules(base, head)
    standing = tuple(standings(Slices(base, books[0]), Slices(head, books[1])))
    shifted = {(each.rule, each.action): each.text for each in standing if each.shifts}
    found: list[Difference] = []
    told: list[Explained] = []
    same = 0
    for case in cases:
        before, after = _heard(base, books[0], case), _heard(head, books[1], case)
        different, alike = pair(before, after, renamed, shifted)
        same += alike
        found += different
        told += [_explained(each, after if each.after else before) for each in different]
    return Behaviour(
        inputs=len(cases), unchanged=same, tallies=tuple(tallies(found, head, base)), standings=standing,
        customers=tuple(sorted({each.made.customer for each in found})), examples=tuple(told[:examples]),
        seconds=perf_counter() - began,
    )  # fmt: skip


def _heard(home: Home, rulebook: Rulebook, case: Example) -> dict[Made, Decision]:
    """Return the decisions of one revision on one case, in order."""
    found: dict[Made, Decision] = {}

    def watch(_session: Session, decisions: Sequence[Decision]) -> None:
        for each in decisions:
            customer = f"{each.key.subject} in \u201c{case.name}\u201d"
            at = each.at.astimezone(UTC)
            found[Made(key=each.key, kind=each.kind, at=at, customer=customer, inputs=each.inputs)] = each

    check(home, rulebook, "", _fitting(case, home), watch)
    return found


def _fitting(case: Example, home: Home) -> Example:
    """Return a case without what the model of a revision does not have, and without what it expects."""

    def known(given: Entities) -> Entities:
        entities = home.model.entities
        return {
            type: tuple(
                {name: each for name, each in row.items() if name == "id" or name in entities[type].fields}
                for row in rows
            )
            for type, rows in given.items()
            if type in entities
        }

    steps = tuple(msgspec.structs.replace(step, change=known(step.change), then=()) for step in case.steps)
    return msgspec.structs.replace(case, given=known(case.given), then=(), steps=steps)


def _explained(each: Difference, heard: dict[Made, Decision]) -> Explained:
    made = each.made
    decision = heard[made]
    return Explained(
        effect=each.effect, rule=made.rule, action=made.key.action, subject=made.customer, kind=made.kind, at=made.at,
        because=decision.because.strip(), details=each.details, why=proven(decision.proof),
    )  # fmt: skip
