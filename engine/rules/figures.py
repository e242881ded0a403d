"""`kpi:` of a ruleset: what its work is to change, measured on the facts, against what it was before."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

from engine.source.excerpt import did_you_mean
from engine.source.expression import Expression
from engine.source.kinds import Day, FieldName, Name
from engine.source.problem import Place, Problem

if TYPE_CHECKING:
    from engine.rules.home import Home


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """The time before, over which the same figure is what the present is held against."""

    from_: Day | None = None
    """The first day of the time before; without it as far back as facts go."""
    until: Day
    """The first day that does not belong to the time before any more, as a rule that of going live."""


class Kpi(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One key figure: the mean of a number, or the share of a yes, over entities of one type."""

    title_in_messages: ClassVar[str] = "key figure"

    id: Name
    """The figure's name within its ruleset, kept for ever."""
    title: str = ""
    """What it is called for people; without it its name."""
    about: str = ""
    """What it tells, for people."""
    of: FieldName
    """The entity type each of which is one observation."""
    when: Expression | None = None
    """Which of them count, over the entity; without it all."""
    value: Expression
    """A number to be averaged, or a yes or no whose share is taken, over the entity; null counts for nothing."""
    at: Expression
    """The day that the observation belongs to, over the entity."""
    unit: str = ""
    """What the number counts, e.g. `days`."""
    better: Literal["lower", "higher"]
    """Which way is the right one."""
    baseline: Baseline
    """The time before, that the figure is held against."""
    place: Place = Place("")


def check_figures(home: "Home") -> Iterator[Problem]:
    """Yield what is wrong with the key figures apart from their FEEL."""
    known = home.model.entities
    for ruleset in home.rulesets.values():
        for each in ruleset.kpi:
            if "config/model.yaml" not in home.faulty and home.entity(each.of) is None:
                message = f"`{each.of}` is no entity type of the model{did_you_mean(each.of, known)}"
                place = home.index.value(each.place, "of")
                yield Problem("unknown-entity", message, place, f"known: {', '.join(known)}")
            held = each.baseline
            if held.from_ is not None and held.from_ >= held.until:
                message = f"the time before ends on {held.until}, before it begins"
                place = home.index.value(each.place, "baseline")
                yield Problem("bad-value", message, place, "let `from` be earlier than `until`")
