"""What HTTP answers look like; values are plain JSON as api/render.py says."""

import re
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import msgspec

from api.faults import ProblemOut, problem_out
from api.outcomes import Autonomy, Bundle, Checked, Switch
from api.render import plain
from api.views import CustomerView, EntityView, SourcePart
from engine.events import Action, ActionKey, Decision, Draft

T = TypeVar("T")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*:")


class Listing(msgspec.Struct, Generic[T]):
    """One page; `next` is the cursor to pass as `after`, null at the end."""

    items: list[T]
    next: str | None = None


class RejectedOut(msgspec.Struct):
    """One event of the request that did not come in."""

    index: int
    problem: ProblemOut


class EventsOut(msgspec.Struct):
    """What became of the events, once durable."""

    accepted: int
    duplicates: int
    rejected: list[RejectedOut]


class DeliveredOut(msgspec.Struct):
    """What became of a delivery, once durable; what was rejected waits in quarantine."""

    accepted: int
    duplicates: int
    rejected: int


class KeyOut(msgspec.Struct):
    """What an action is about."""

    ruleset: str
    rule: str
    action: str
    subject: str


class DraftOut(msgspec.Struct):
    """The words of an action; `template` has its slots open."""

    text: str
    origin: str
    guards: list[str]
    subject: str
    language: str
    template: str
    slots: dict[str, str]


class JoinedOut(msgspec.Struct):
    """One of the decisions of a group that an action carries out."""

    proposal: str
    key: KeyOut
    because: str


class ActionOut(msgspec.Struct):
    """An action with everything a person needs to decide."""

    id: str
    key: KeyOut
    state: str
    version: int
    digest: str
    operation: str
    consequence: str
    payload: dict[str, Any]
    draft: DraftOut | None
    because: str
    proof: Any
    policy: str
    recipient: str
    created_at: datetime
    expires_at: datetime | None
    not_before: datetime | None
    history: list[Any]
    group: str = ""
    joined: list[JoinedOut] = []


class DecisionOut(msgspec.Struct):
    """What the engine decided; `proof` is null in lists."""

    id: str
    kind: str
    proposal: str
    key: KeyOut
    at: datetime
    revision: str
    because: str
    operation: str
    policy: str
    valid_until: datetime | None
    inputs: dict[str, Any]
    proof: Any = None


class IdentifierOut(msgspec.Struct):
    """One exact identifier, as a pair (ISO 6523, UBL)."""

    scheme: str
    id: str


class EntityOut(msgspec.Struct):
    """The kept fields with provenance: each `{value, kind, sources, unresolved}`; `links` lead to its records."""

    type: str
    id: str
    label: str
    keys: list[str]
    fields: dict[str, Any]
    identifiers: list[IdentifierOut]
    links: dict[str, str]


class CustomerOut(msgspec.Struct):
    """The unified view."""

    customer: EntityOut
    related: dict[str, list[EntityOut]]
    sources: list[Any]
    actions: list[ActionOut]


class SwitchOut(msgspec.Struct):
    """A kill switch; `on` means pulled."""

    scope: str
    on: bool
    reason: str
    by: str
    at: datetime | None


class AutonomyOut(msgspec.Struct):
    """How far an action may go by itself."""

    ruleset: str
    rule: str
    action: str
    stage: str
    policy: str
    evidence: dict[str, Any]
    missing: list[str]


class CheckOut(msgspec.Struct):
    """The configuration's faults; `ok` when there are none."""

    ok: bool
    revision: str
    rulesets: int
    rules: int
    problems: list[ProblemOut]
    warnings: list[ProblemOut]


class BundleOut(msgspec.Struct):
    """A revision of the configuration, and the review that let it in."""

    id: str
    active: bool
    created_at: datetime
    note: str
    revision: str
    commit: str
    author: str
    approvers: list[str]


class ClockOut(msgspec.Struct):
    """Where the simulated clock stands."""

    now: datetime


def action_out(action: Action) -> ActionOut:
    """Return an action in its outside form, all its moments in UTC."""
    return ActionOut(
        id=action.id,
        key=_key(action.key),
        state=action.state,
        version=action.version,
        digest=action.digest,
        operation=action.operation,
        consequence=action.consequence,
        payload=plain(action.payload),
        draft=_draft(action.draft) if action.draft else None,
        because=action.because,
        proof=plain(action.proof),
        policy=action.policy,
        recipient=action.recipient,
        created_at=action.created_at.astimezone(UTC),
        expires_at=action.expires_at.astimezone(UTC) if action.expires_at else None,
        not_before=action.not_before.astimezone(UTC) if action.not_before else None,
        history=[plain(step) | {"at": plain(step.at.astimezone(UTC))} for step in action.history],
        group=action.group,
        joined=[JoinedOut(each.proposal, _key(each.key), each.because) for each in action.joined],
    )


def _key(key: ActionKey) -> KeyOut:
    return KeyOut(key.ruleset, key.rule, key.action, key.subject)


def _draft(draft: Draft) -> DraftOut:
    return DraftOut(
        text=draft.text,
        origin=draft.origin,
        guards=list(draft.guards),
        subject=draft.subject,
        language=draft.language,
        template=draft.template,
        slots=dict(draft.slots),
    )


def decision_out(decision: Decision, *, with_proof: bool) -> DecisionOut:
    """Return a decision in its outside form."""
    key = decision.key
    return DecisionOut(
        id=decision.id,
        kind=decision.kind,
        proposal=decision.proposal,
        key=KeyOut(key.ruleset, key.rule, key.action, key.subject),
        at=decision.at,
        revision=decision.revision,
        because=decision.because,
        operation=decision.operation,
        policy=decision.policy,
        valid_until=decision.valid_until,
        inputs=plain(decision.inputs),
        proof=plain(decision.proof) if with_proof else None,
    )


def entity_out(entity: EntityView) -> EntityOut:
    """Return an entity in its outside form."""
    identifiers = [IdentifierOut(*key.split(":", 1)) for key in entity.keys if _IDENTIFIER.match(key)]
    keys, fields = list(entity.keys), plain(entity.fields)
    return EntityOut(entity.type, entity.id, entity.label, keys, fields, identifiers, dict(entity.links))


def customer_out(view: CustomerView) -> CustomerOut:
    """Return the unified view in its outside form."""
    return CustomerOut(
        customer=entity_out(view.customer),
        related={name: [entity_out(each) for each in items] for name, items in view.related.items()},
        sources=[source_out(part) for part in view.sources],
        actions=[action_out(each) for each in view.actions],
    )


def source_out(part: SourcePart) -> Any:  # noqa: ANN401  (JSON)
    """Return one source's part of the unified view in its outside form."""
    return {**plain(part), "age_seconds": part.age.total_seconds() if part.age is not None else None}


def switch_out(switch: Switch) -> SwitchOut:
    """Return a kill switch in its outside form."""
    return SwitchOut(switch.scope, switch.on, switch.reason, switch.by, switch.at)


def autonomy_out(row: Autonomy) -> AutonomyOut:
    """Return an autonomy row in its outside form."""
    names = ("labelled", "correct", "since", "window", "bound", "left_out", "fingerprint", "share", "audit", "because")
    evidence = {name: plain(getattr(row, name)) for name in names} | {"checks": plain(row.checks)}
    return AutonomyOut(row.ruleset, row.rule, row.action, row.stage, row.policy, evidence, list(row.missing))


def check_out(checked: Checked) -> CheckOut:
    """Return the faults in their outside form."""
    return CheckOut(
        ok=checked.ok,
        revision=checked.revision,
        rulesets=checked.rulesets,
        rules=checked.rules,
        problems=[problem_out(each) for each in checked.problems],
        warnings=[problem_out(each) for each in checked.warnings],
    )


def bundle_out(bundle: Bundle) -> BundleOut:
    """Return a bundle in its outside form."""
    return BundleOut(
        id=bundle.id,
        active=bundle.active,
        created_at=bundle.created_at,
        note=bundle.note,
        revision=bundle.revision,
        commit=bundle.commit,
        author=bundle.author,
        approvers=list(bundle.approvers),
    )
