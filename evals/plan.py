"""What a replay counts and how it is scored, as evals/replay.yaml of a home folder states it."""

from pathlib import Path
from typing import Literal

import msgspec

from engine.source import Expression, convert, read_yaml
from engine.source.problem import ConfigError, Place

FILE = "evals/replay.yaml"


class Count(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One column of the table: decisions of some actions, told by month."""

    title: str
    """What is counted, as the column's heading."""
    kind: Literal["propose", "withdraw", "expire"] = "propose"
    """Which decisions count."""
    actions: tuple[str, ...]
    """`RULE/ACTION` of each that counts."""
    by: Expression | None = None
    """FEEL over the subject: count different values instead of decisions, e.g. accounts."""
    because: Expression | None = None
    """FEEL over the subject at the moment of the decision: count only where it is true."""
    place: Place = Place("")


class Score(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a prediction is held against what came true."""

    title: str
    """What is predicted, as a sentence."""
    subject: str
    """The entity type that is predicted about."""
    action: str
    """`RULE/ACTION` whose proposal is the prediction."""
    by: Expression
    """FEEL over the subject, a date: predictions made later do not count."""
    known: Expression
    """FEEL over the subject at the end: true where it is known what came true."""
    true: Expression
    """FEEL over the subject at the end: whether it came true."""
    baselines: dict[str, Expression] = {}
    """Other predictions to compare with: FEEL over the subject, evaluated at the end of the day named by `by`."""
    split: Expression | None = None
    """FEEL over the subject: figures are told for each value separately, e.g. for each year."""
    place: Place = Place("")


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to count and score."""

    format: Literal[1] = 1
    """The version of this file's form."""
    counts: tuple[Count, ...] = ()
    """The columns of the table by month."""
    scores: tuple[Score, ...] = ()
    """The predictions to score."""
    ahead: tuple[str, ...] = ()
    """`TYPE.FIELD` of dates that are known before they come, such as due dates; no other date may be of the future."""
    place: Place = Place("")


def load_plan(folder: Path) -> Plan:
    """Read the plan of a home folder, an empty one when there is none; raises ConfigError."""
    path = folder / FILE
    if not path.is_file():
        return Plan()
    plan, problems = convert(read_yaml(path, folder), Plan)
    if problems or plan is None:
        raise ConfigError(tuple(problems))
    return plan
