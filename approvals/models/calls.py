"""One question to one language model: allowed, paid for, asked, held against its schema, and written down."""

import time
from collections.abc import Mapping
from datetime import tzinfo

import msgspec

from approvals.models.answers import held
from approvals.models.budget import Spent, reserve, settle, share
from approvals.models.observed import Told, remember
from approvals.models.prompts import digest
from approvals.models.structs import TEMPLATE, About, Limits, PerDay, Replay, Reply, Route
from engine.ports import Answer, Ask, Clock, Entry, Model, ModelFailed, Reader, Store

_CHARS = 3
"""Characters to a token, fewer than any language needs, so that an estimate is rather too high."""


class Calls:
    """All models of the configuration, by name, and the routes over them."""

    def __init__(
        self,
        store: Store,
        reader: Reader,
        clock: Clock,
        zone: tzinfo,
        *,
        models: Mapping[str, Model],
        limits: Mapping[str, Limits],
        routes: Mapping[str, Route],
        replay: Replay = "never",
        answered: Told = lambda _route, _provider, _model: None,
    ) -> None:
        self._store = store
        self._reader = reader
        self._clock = clock
        self._zone = zone
        self._models = models
        self._limits = limits
        self._routes = routes
        self._replay = replay
        self._answered = answered

    def turn(self, step: str) -> "Turn":
        """Begin a use of the step's route; without a route nobody is asked."""
        return Turn(self, step, self._routes.get(step, Route()))

    async def ask(self, step: str, name: str, ask: Ask, about: About, seconds: float | None = None) -> Reply:
        """Ask one provider; raises ModelFailed with the reason when it may not be asked, or gave no usable answer."""
        prompt = digest(ask)
        if self._replay != "never":
            known = await self._recorded(name, ask, prompt)
            if known or self._replay == "only":
                return known or _down(f"{name} has no recorded answer to this prompt")
        limits, route = self._limits.get(name, Limits()), self._routes.get(step, Route())
        estimate = _estimate(ask, limits)
        reason = _unfit(name, limits, route, estimate)
        if reason:
            return _down(reason)
        day = self._day()
        purses = {f"llm:{day}:{name}": limits.per_day, f"llm:{day}:route {step}": route.per_day}
        async with self._store.transaction() as tx:
            reason = await reserve(tx, purses, estimate)
        if reason:
            return _down(reason)
        call = _Call(step, name, prompt, ask, about, time.monotonic())
        try:
            answer = await self._models[name].ask(ask, seconds)
            call.answer = answer
            value = held(name, answer.text, ask.schema)
        except ModelFailed as failure:
            call.answer = call.answer or failure.answer
            await self._settled(call, failure.kind, str(failure), purses, estimate)
            raise
        await self._settled(call, "ok", "", purses, estimate)
        return Reply(
            value=value, provider=name, model=answer.model, tokens_in=answer.tokens_in, tokens_out=answer.tokens_out
        )

    async def shares(self) -> dict[str, float]:
        """Return how much of each budget of this day is spent, by provider or `route STEP`; 1.0 is all of it."""
        limits = {name: each.per_day for name, each in self._limits.items()}
        limits |= {f"route {step}": each.per_day for step, each in self._routes.items()}
        async with self._store.transaction() as tx:
            found = {name: await share(tx, f"llm:{self._day()}:{name}", limit) for name, limit in limits.items()}
        return {name: each for name, each in found.items() if each is not None}

    def _day(self) -> str:
        return self._clock.now().astimezone(self._zone).date().isoformat()

    async def _settled(
        self, call: "_Call", result: str, detail: str, purses: dict[str, PerDay], estimate: Spent
    ) -> None:
        """Write a call down with what it cost; one without an answer costs nothing."""
        answer = call.answer or Answer(text="", model="")
        cost = self._limits.get(call.name, Limits()).cost(answer.tokens_in, answer.tokens_out)
        body = {
            "step": call.step,
            "provider": call.name,
            "model": answer.model,
            "prompt": call.prompt,
            "result": result,
            "tokens_in": answer.tokens_in,
            "tokens_out": answer.tokens_out,
            "cost": str(cost),
            "latency_ms": round((time.monotonic() - call.began) * 1000),
            "asked": msgspec.to_builtins(call.ask),
            "answer": answer.text,
            "detail": detail,
        }
        entry = Entry(
            kind="llm",
            recorded_at=self._clock.now(),
            actor=f"model:{call.name}",
            subjects=(*call.about.subjects, f"llm:{call.prompt}"),
            revision=call.about.revision,
            person=call.about.person,
            body={name: value for name, value in body.items() if value not in ("", 0)},
        )
        async with self._store.transaction() as tx:
            await settle(tx, purses, estimate, Spent(1, answer.tokens_in + answer.tokens_out, cost))
            await tx.append(entry)
            await remember(tx, call.step, call.name, answer.model)
        self._answered(call.step, call.name, answer.model)

    async def _recorded(self, name: str, ask: Ask, prompt: str) -> Reply | None:
        """Return the newest good answer of this provider to this very prompt."""
        for stored in reversed(await self._reader.entries(subject=f"llm:{prompt}", kinds=("llm",))):
            body = stored.body or {}
            if (body.get("provider"), body.get("result")) == (name, "ok"):
                value = held(name, str(body["answer"]), ask.schema)
                return Reply(value=value, provider=name, model=str(body.get("model", "")), replayed=True)
        return None


class Turn:
    """One use of a route: its providers in order, up to the template, sharing the route's time."""

    def __init__(self, calls: Calls, step: str, route: Route) -> None:
        self._calls = calls
        self._step = step
        self._ends = None if route.within is None else time.monotonic() + route.within.total_seconds()
        ended = route.providers.index(TEMPLATE) if TEMPLATE in route.providers else len(route.providers)
        self.providers = route.providers[:ended]

    async def ask(self, name: str, ask: Ask, about: About) -> Reply:
        """Ask one of the providers, with the time that is left; raises ModelFailed."""
        left = None if self._ends is None else self._ends - time.monotonic()
        if left is not None and left <= 0:
            return _down(f"{name} was not asked: the time for {self._step} is over")
        return await self._calls.ask(self._step, name, ask, about, left)


class _Call(msgspec.Struct):
    step: str
    name: str
    prompt: str
    ask: Ask
    about: About
    began: float
    answer: Answer | None = None


def _estimate(ask: Ask, limits: Limits) -> Spent:
    tokens = (len(ask.instructions) + len(ask.question) + len(msgspec.json.encode(ask.schema))) // _CHARS + 1
    return Spent(1, tokens + limits.max_tokens, limits.cost(tokens, limits.max_tokens))


def _unfit(name: str, limits: Limits, route: Route, estimate: Spent) -> str:
    lacks = route.needs - limits.can
    if lacks:
        return f"{name} cannot do {', '.join(sorted(lacks))}"
    if limits.context is not None and estimate.tokens > limits.context:
        return f"{name} takes {limits.context} tokens, this may need {estimate.tokens}"
    if route.max_cost is not None and estimate.cost > route.max_cost:
        return f"{name} may cost {estimate.cost:f}, more than {route.max_cost} for one call"
    return ""


def _down(reason: str) -> Reply:
    raise ModelFailed("down", reason)
