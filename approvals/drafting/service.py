"""From a decision to words that passed the guards: a model where one is configured, else the template."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from approvals.drafting.findings import Finding
from approvals.drafting.formats import show
from approvals.drafting.guards import KnownName, Rules, check, flagged
from approvals.drafting.prompt import Prompt
from approvals.drafting.slots import fill
from approvals.drafting.template import TemplateDrafter
from engine.events import Decision, Draft
from engine.ports import Drafter, DraftRequest, DraftText, ModelFailed, SourceDown
from engine.source.expression import Expression

ASKS = 3

Drafters = Callable[[], Sequence[Drafter]]
"""Those who are asked in order for one text; made anew for each, since they share its time."""

SlotValues = Callable[[Decision, Mapping[str, Expression]], Mapping[str, Any]]
"""Evaluates FEEL over a decision's subject as the engine sees it at the moment: name -> FEEL value."""

Prompts = Callable[[Decision], Prompt | None]
"""The prompt file that a decision's `draft` names, None when there is none."""


def nobody() -> Sequence[Drafter]:
    """Ask nobody: the template writes."""
    return ()


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The values a draft is written from; `language` "" means the company's."""

    slots: Mapping[str, Any] = {}
    quoted: Mapping[str, Any] = {}
    language: str = ""


class DraftingService:
    """Asks the drafters in order, holds each answer against the guards, and falls back to the template."""

    def __init__(
        self,
        prompts: Prompts,
        *,
        drafters: Drafters = nobody,
        language: str = "en",
        company: str = "",
        known: KnownName | None = None,
    ) -> None:
        self._prompts = prompts
        self._drafters = drafters
        self._language = language
        self._company = company
        self._known = known

    def facts(self, decision: Decision, values: SlotValues) -> Facts:
        """Evaluate all that the decision's prompt asks for."""
        prompt = self._prompts(decision)
        if prompt is None:
            return Facts()
        spoken = values(decision, {"language": prompt.language}).get("language") if prompt.language else ""
        return Facts(
            slots=values(decision, prompt.slots),
            quoted=values(decision, prompt.quoted) if prompt.quoted else {},
            language=str(spoken or ""),
        )

    def shown(self, decision: Decision, values: SlotValues) -> Mapping[str, str] | None:
        """Return the slots as a reader would see them at the moment; None when the action needs no words."""
        prompt = self._prompts(decision)
        return (
            None if prompt is None or not prompt.templates else self._rules(prompt, self.facts(decision, values)).values
        )

    async def draft(self, decision: Decision, facts: Facts) -> Draft | None:
        """Return the guarded draft, None when the action needs no words; refused attempts are told in `guards`."""
        prompt = self._prompts(decision)
        if prompt is None or not prompt.templates:
            return None
        rules = self._rules(prompt, facts)
        request = DraftRequest(
            prompt=prompt.instructions,
            slots=rules.values,
            language=rules.language,
            quoted=rules.quoted,
            about=(decision.key.subject, f"action:{decision.proposal}"),
        )
        notes: list[str] = [str(each) for each in flagged(rules.quoted)]
        text = await self._ask(request, rules, notes)
        origin = f"model:{text.model}" if text else "template"
        text = text or await TemplateDrafter(prompt).write(request)
        return _filled(text, rules, origin, notes)

    def _rules(self, prompt: Prompt, facts: Facts) -> Rules:
        language = prompt.spoken(facts.language, self._language)
        return Rules(
            prompt=prompt,
            language=language,
            values={name: show(facts.slots.get(name), language) for name in prompt.slots},
            quoted={name: "" if text is None else str(text) for name, text in facts.quoted.items()},
            known=self._known,
            company=self._company,
        )

    async def _ask(self, request: DraftRequest, rules: Rules, notes: list[str]) -> DraftText | None:
        for drafter in self._drafters():
            try:
                text = await _accepted(drafter, request, rules, notes)
            except SourceDown as reason:
                notes.append(f"unavailable: {drafter.name}: {reason}")
            else:
                if text:
                    return text
        return None


async def _accepted(drafter: Drafter, request: DraftRequest, rules: Rules, notes: list[str]) -> DraftText | None:
    """Ask one drafter until the guards pass, at most three times, each time with the faults named."""
    for ask in range(1, ASKS + 1):
        try:
            text = await drafter.write(request)
            found = check(text, rules)
        except ModelFailed as failure:
            if failure.kind not in ("cut", "invalid"):
                raise
            found = (Finding("form", str(failure)),)
        if not found:
            return text
        notes.append(_refused(drafter.name, ask, found))
        request = msgspec.structs.replace(request, faults=tuple(str(each) for each in found))
    return None


def _refused(name: str, ask: int, found: Sequence[Finding]) -> str:
    return f"refused: {name} {ask}: {'; '.join(str(each) for each in found)}"


def _filled(text: DraftText, rules: Rules, origin: str, notes: list[str]) -> Draft:
    """Return the draft with facts in its slots; what is not known is shown as a dash, and a person looks."""
    required = rules.prompt.required(rules.language)
    notes += [f"empty-slot: {name}" for name in sorted(required) if not rules.values.get(name)]
    return Draft(
        subject=fill(text.subject, rules.values),
        template=text.body,
        text=fill(text.body, rules.values),
        slots=rules.values,
        language=rules.language,
        origin=origin,
        guards=tuple(notes),
        prompt=rules.prompt.name,
    )


class Drafting:
    """`engine.ports.Drafting` over a service and the engine's evaluation of slots."""

    def __init__(self, service: DraftingService, values: SlotValues) -> None:
        self._service = service
        self._values = values

    async def draft(self, decision: Decision) -> Draft | None:
        """Return the guarded draft, None when the action needs no words."""
        if not decision.draft:
            return None
        return await self._service.draft(decision, self._service.facts(decision, self._values))
