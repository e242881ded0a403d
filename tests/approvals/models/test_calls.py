"""Asking models by route and within limits, with every call in the journal."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from approvals.models.calls import Calls
from approvals.models.prompts import digest
from approvals.models.recorded import calls as recorded_calls
from approvals.models.recorded import replayed
from approvals.models.structs import About, Limits, PerDay, Route
from engine.ports import Answer, Ask, ModelFailed

SCHEMA = {
    "type": "object",
    "properties": {"mood": {"enum": ["good", "bad"]}, "day": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}},
    "required": ["mood"],
    "additionalProperties": False,
}
ASK = Ask(instructions="Read.", question="It is fine.", schema=SCHEMA)
GOOD = '{"mood": "good"}'
ABOUT = About(("customer:C1",), "customer:C1")


class Model:
    """Answers what it was given, in order; the last for ever."""

    def __init__(self, name, *answers):
        self.name, self.answers, self.asked = name, list(answers) or [GOOD], 0

    async def ask(self, _ask, _seconds=None):
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return Answer(text=answer, model=f"{self.name}-1", tokens_in=100, tokens_out=50)

    async def aclose(self):
        return


@pytest.fixture
def calls(store, clock):
    def made(*models, limits=None, route=None, replay="never"):
        names = tuple(each.name for each in models)
        return Calls(
            store, store, clock, ZoneInfo("Europe/Istanbul"), models={each.name: each for each in models},
            limits=limits or {}, routes={"read": route or Route(providers=names)}, replay=replay,
        )  # fmt: skip

    return made


async def journal(store):
    return [entry.body for entry in await store.entries(kinds=("llm",))]


async def test_a_call_is_written_down_with_what_it_took(calls, store):
    limits = {"small": Limits(price_in=Decimal(2), price_out=Decimal(8))}
    reply = await calls(Model("small"), limits=limits).ask("read", "small", ASK, ABOUT)
    assert (reply.value, reply.model, reply.replayed) == ({"mood": "good"}, "small-1", False)
    [entry] = await store.entries(kinds=("llm",))
    assert entry.person == "customer:C1"
    assert set(entry.subjects) == {"customer:C1", f"llm:{digest(ASK)}"}
    assert entry.actor == "model:small"
    told = {name: entry.body[name] for name in ("step", "provider", "model", "prompt", "result", "answer")}
    assert told == {
        "step": "read", "provider": "small", "model": "small-1", "prompt": digest(ASK), "result": "ok", "answer": GOOD,
    }  # fmt: skip
    assert (entry.body["tokens_in"], entry.body["tokens_out"], entry.body["cost"]) == (100, 50, "0.0006")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I think it is good.", "agreed form"),
        ('{"mood": "fine"}', "mood"),
        ("{}", "mood"),
        ('{"mood": "good", "day": "friday"}', "day"),
        ('{"mood": "good", "more": 1}', "more"),
        ('["good"]', "agreed form"),
    ],
)
async def test_an_answer_is_held_against_the_schema_whatever_the_provider_promised(calls, store, text, words):
    with pytest.raises(ModelFailed, match=words) as failure:
        await calls(Model("small", text)).ask("read", "small", ASK, ABOUT)
    assert failure.value.kind == "invalid"
    [body] = await journal(store)
    assert (body["result"], body["answer"]) == ("invalid", text)


@pytest.mark.parametrize("text", [f"```json\n{GOOD}\n```", f"  {GOOD}\n", '{"mood": "good", "day": null}'])
async def test_fences_and_nulls_for_what_was_left_out_are_no_fault(calls, text):
    assert (await calls(Model("small", text)).ask("read", "small", ASK, ABOUT)).value == {"mood": "good"}


async def test_a_refusal_is_written_down_too(calls, store):
    with pytest.raises(ModelFailed):
        await calls(Model("small", ModelFailed("refused", "small refused"))).ask("read", "small", ASK, ABOUT)
    [body] = await journal(store)
    assert (body["result"], body["detail"]) == ("refused", "small refused")


@pytest.mark.parametrize(
    ("limits", "route", "words"),
    [
        (Limits(), Route(needs=frozenset({"schema"})), "cannot do schema"),
        (Limits(context=500), Route(), "takes 500 tokens"),
        (Limits(price_out=Decimal(100)), Route(max_cost=Decimal("0.01")), "more than 0.01"),
        (Limits(per_day=PerDay(calls=0)), Route(), "budget of small is spent"),
        (Limits(per_day=PerDay(cost=Decimal("0.01")), price_out=Decimal(100)), Route(), "budget of small is spent"),
        (Limits(), Route(per_day=PerDay(tokens=10)), "budget of route read is spent"),
    ],
)
async def test_who_is_beyond_a_limit_is_not_asked(calls, store, limits, route, words):
    model = Model("small")
    with pytest.raises(ModelFailed, match=words):
        await calls(model, limits={"small": limits}, route=route).ask("read", "small", ASK, ABOUT)
    assert model.asked == 0
    assert await journal(store) == []


async def test_a_budget_lasts_a_day_and_counts_what_calls_really_took(calls, clock):
    limits = {"small": Limits(max_tokens=1000, per_day=PerDay(tokens=1500))}
    asked = calls(Model("small"), limits=limits)
    for _ in range(3):
        await asked.ask("read", "small", ASK, ABOUT)  # 150 each; the estimate before the fourth is beyond the rest
    with pytest.raises(ModelFailed, match="1500 tokens"):
        await asked.ask("read", "small", ASK, ABOUT)
    assert await asked.shares() == {"small": 0.3}
    clock.advance(days=1)
    assert await asked.shares() == {"small": 0.0}
    await asked.ask("read", "small", ASK, ABOUT)


async def test_the_providers_of_a_route_share_its_time_and_end_at_the_template(calls):
    first, second = Model("first"), Model("second")
    route = Route(providers=("first", "template", "second"), within=timedelta(0))
    turn = calls(first, second, route=route).turn("read")
    assert turn.providers == ("first",)
    with pytest.raises(ModelFailed, match="time for read is over"):
        await turn.ask("first", ASK, ABOUT)
    assert first.asked == 0


async def test_what_was_recorded_is_replayed_without_asking(calls):
    model = Model("small")
    with pytest.raises(ModelFailed, match="no recorded answer"):
        await calls(model, replay="only").ask("read", "small", ASK, ABOUT)
    await calls(model).ask("read", "small", ASK, ABOUT)
    for replay in ("only", "prefer"):
        reply = await calls(model, replay=replay).ask("read", "small", ASK, ABOUT)
        assert (reply.value, reply.replayed) == ({"mood": "good"}, True)
    other = Ask(instructions="Read.", question="It is bad.", schema=SCHEMA)
    await calls(model, replay="prefer").ask("read", "small", other, ABOUT)
    assert model.asked == 2


async def test_recorded_calls_are_taken_again_without_a_provider(calls, store):
    model = Model("small", GOOD, "no object", ModelFailed("refused", "small refused"))
    asked = calls(model)
    await asked.ask("read", "small", ASK, ABOUT)
    for _ in range(2):
        with pytest.raises(ModelFailed):
            await asked.ask("read", "small", ASK, ABOUT)
    found = [replayed(each) async for each in recorded_calls(store, about="customer:C1")]
    assert [(each.call.result, each.same, each.value) for each in found] == [
        ("ok", True, {"mood": "good"}), ("invalid", True, None), ("refused", True, None),
    ]  # fmt: skip
    assert model.asked == 3
    first = found[0].call
    assert (first.ask, first.prompt, first.tokens_in, first.model) == (ASK, digest(ASK), 100, "small-1")
    other = msgspec.structs.replace(first, answer='{"mood": "fine"}')
    assert (replayed(other).same, replayed(other).now) == (False, "invalid")
    forged = msgspec.structs.replace(first, ask=msgspec.structs.replace(ASK, question="Pay."))
    assert (replayed(forged).same, replayed(forged).now) == (False, "changed")
    assert [each async for each in recorded_calls(store, step="draft")] == []
