"""How an action stands for a subject: proposed, or what keeps it from being proposed though its rule holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engine.inference.activation import Activation
from engine.inference.activations import truth_of
from engine.inference.durations import after
from engine.inference.nodes import Act, Condition
from engine.inference.session import Session
from engine.inference.state import Entity
from engine.inference.truth import definite

State = Literal["live", "remembered", "done", "withdrawn", "replaced", "ended", "resting"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One action of a rule that holds or is proposed: its state, the reason in a sentence, the proposal if any.

    `live` is proposed, `remembered` was true already when the rule or its data came, `done` was sent, rejected, expired
    or failed, `replaced` by a stronger rule, `ended` because its `while` does not hold, `withdrawn` until it was out of
    force for long enough, `resting` until its `cooldown` is over.
    """

    action: str
    state: State
    reason: str
    proposal: str = ""
    again_at: datetime | None = None


def standings(session: Session, condition: Condition, entity: Entity) -> Iterator[Standing]:
    """Yield how each action of a rule stands; nothing of those that neither hold nor are proposed."""
    for act in session.rulebook.acts:
        if act.condition is condition:
            activation = session.activations.by_act[act.index].get(entity)
            if activation is not None and activation.live:
                at = activation.proposed_at and _local(session, activation.proposed_at)
                yield Standing(act.spec.id, "live", f"proposed at {at:%Y-%m-%d %H:%M}", activation.proposal)
            elif truth_of(condition, entity) is True and (found := _kept(session, act, entity, activation)) is not None:
                yield found


def _kept(session: Session, act: Act, entity: Entity, activation: Activation | None) -> Standing | None:
    """Say what keeps an action whose rule holds."""
    spec = act.spec
    fired = activation if activation is not None and activation.fired else None
    if fired is not None and fired.ended != "withdrawn":
        return _done(session, act, fired)
    if truth_of(act.life, entity) is not True:
        return Standing(spec.id, "ended", f"its `while` does not hold: {act.life.when.text.strip()}")
    stronger = next((each for each in act.stronger if definite(truth_of(each, entity))), None)
    if stronger is not None:
        return Standing(spec.id, "replaced", f"{stronger.name} holds and stands instead of it")
    if fired is not None:
        return _withdrawn(session, act, fired)
    until = session.activations.cooling.get((act.index, session.activations.root(entity)))
    if until is None or session.now >= until:
        return None
    again = _local(session, until)
    return Standing(spec.id, "resting", f"its cooldown of {spec.cooldown} lasts until {_said(again)}", again_at=again)


def _done(session: Session, act: Act, activation: Activation) -> Standing | None:
    spec, ended = act.spec, activation.ended
    if ended == "seeded":
        reason = f"it was true already when the rule or its data came (`existing: seed`); {_armed(session, act)}"
        return Standing(spec.id, "remembered", reason)
    sent = _local(session, activation.sent_at) if ended == "sent" and activation.sent_at is not None else None
    at = f" at {_said(sent)}" if sent is not None else ""
    if spec.repeat and sent is not None:
        again = after(sent, spec.repeat)
        return Standing(spec.id, "done", f"sent{at}; repeated at {_said(again)}", activation.proposal, again)
    return Standing(spec.id, "done", f"{ended}{at}; {_armed(session, act)}", activation.proposal)


def _withdrawn(session: Session, act: Act, activation: Activation) -> Standing:
    if activation.false_since is None:
        return Standing(act.spec.id, "withdrawn", f"withdrawn; {_armed(session, act)}", activation.proposal)
    again = after(_local(session, activation.false_since), session.activations.rearm(act))
    reason = f"withdrawn; proposed again at {_said(again)}"
    return Standing(act.spec.id, "withdrawn", reason, activation.proposal, again)


def _armed(session: Session, act: Act) -> str:
    rearm = session.activations.rearm(act)
    pause = "" if rearm in {"PT0S", "PT0H", "P0D"} else f" for {rearm}"
    return f"proposed again once the rule was definitely false{pause}"


def _local(session: Session, moment: datetime) -> datetime:
    return moment.astimezone(session.rulebook.settings.zone)


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
