import json
from datetime import timedelta

import pytest

from connectors.llm import Provider, open_model
from connectors.llm.lowering import for_anthropic, for_google, for_openai
from engine.ports import Ask, ModelFailed
from tests.connectors.loopback import loopback

SCHEMA = {
    "type": "object",
    "properties": {
        "intent": {"type": "string", "enum": ["promise", "dispute"]},
        "promised_on": {"type": "string", "format": "date", "pattern": "^[0-9-]+$"},
        "sure": {"type": "number", "minimum": 0, "maximum": 1},
        "spans": {"type": "array", "items": {"type": "object", "properties": {"text": {"type": "string"}}}},
    },
    "required": ["intent", "sure"],
    "additionalProperties": False,
}
ASK = Ask(instructions="Read it.", question="Quoted: we pay on Friday", schema=SCHEMA)
WORDS = json.dumps({"intent": "promise", "sure": 0.9})


def openai_answer(content=WORDS, finish="stop", refusal=None):
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "small-1",
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {"prompt_tokens": 70, "completion_tokens": 20, "total_tokens": 90},
    }


def anthropic_answer(content=WORDS, finish="end_turn", refusal=None):
    return {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "model": "small-1",
        "content": [{"type": "text", "text": content or ""}],
        "stop_reason": "refusal" if refusal else {"length": "max_tokens", "stop": "end_turn"}.get(finish, finish),
        "stop_sequence": None,
        "usage": {"input_tokens": 70, "output_tokens": 20},
    }


def google_answer(content=WORDS, finish="stop", refusal=None):
    reason = "SAFETY" if refusal else {"length": "MAX_TOKENS", "stop": "STOP"}.get(finish, finish)
    return {
        "candidates": [{"content": {"role": "model", "parts": [{"text": content or ""}]}, "finishReason": reason}],
        "usageMetadata": {"promptTokenCount": 70, "candidatesTokenCount": 20, "totalTokenCount": 90},
        "modelVersion": "small-1",
    }


KINDS = ("openai", "anthropic", "google-genai")
ANSWERS = {"openai": openai_answer, "anthropic": anthropic_answer, "google-genai": google_answer}
PATHS = {
    "openai": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "google-genai": "/v1beta/models/small:generateContent",
}
KEYS = {
    "openai": ("authorization", "Bearer s3"),
    "anthropic": ("authorization", "Bearer s3"),
    "google-genai": ("x-goog-api-key", "s3"),
}
MODULES = {"google-genai": "google.genai"}


def texts_of(kind, body):
    """Return the instructions and the question of a request."""
    if kind == "google-genai":
        return body["systemInstruction"]["parts"][0]["text"], body["contents"][-1]["parts"][0]["text"]
    if kind == "anthropic":
        return body["system"], body["messages"][-1]["content"]
    return body["messages"][0]["content"], body["messages"][-1]["content"]


class Served:
    """A model and the loopback server that plays its provider."""

    def __init__(self, kind, server):
        self.kind, self.server, self.model = kind, server, None
        self.says()

    def says(self, *given, **answer):
        body = given[0] if given else ANSWERS[self.kind](**answer)
        headers = {"Content-Type": "application/json"}
        self.server.route = lambda _: (200, body, headers)

    def open(self, **settings):
        url = f"{self.server.url}/v1" if self.kind == "openai" else self.server.url
        given = {"kind": self.kind, "model": "small", "base_url": url, "api_key": "s3", **settings}
        self.model = open_model("local", Provider(**given))
        return self.model


@pytest.fixture(params=KINDS)
async def served(request):
    pytest.importorskip(MODULES.get(request.param, request.param))
    async with loopback() as server:
        served = Served(request.param, server)
        served.open()
        yield served
        await served.model.aclose()


async def test_it_answers_with_text_and_what_it_counted(served):
    answer = await served.model.ask(ASK)
    assert (answer.text, answer.model, answer.tokens_in, answer.tokens_out) == (WORDS, "small-1", 70, 20)


async def test_instructions_and_question_go_their_own_ways_and_no_tools_are_offered(served):
    await served.model.ask(ASK)
    (request,) = served.server.seen
    assert request.path == PATHS[served.kind]
    name, value = KEYS[served.kind]
    assert value in (request.headers.get(name), f"Bearer {request.headers.get('x-api-key')}")
    assert texts_of(served.kind, request.body) == ("Read it.", "Quoted: we pay on Friday")
    assert "tools" not in request.body


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ({"finish": "length"}, "cut", "cut off"),
        ({"refusal": "I cannot", "content": ""}, "refused", "refused"),
    ],
)
async def test_refused_and_cut_answers_are_told_apart(served, answer, kind, words):
    served.says(**answer)
    with pytest.raises(ModelFailed, match=f"local .*{words}") as failure:
        await served.model.ask(ASK)
    assert failure.value.kind == kind
    paid = failure.value.answer
    assert paid is not None
    assert (paid.model, paid.tokens_in, paid.tokens_out) == ("small-1", 70, 20), "it is paid for all the same"


@pytest.mark.parametrize("body", [b"hello", b"", b"{", b"null", b"{}", b'{"choices": [], "content": []}'])
async def test_an_answer_of_another_protocol_is_a_model_that_failed(served, body):
    served.says(body)
    with pytest.raises(ModelFailed, match="local"):
        await served.model.ask(ASK)


@pytest.mark.parametrize("fault", [400, 401, 429, 500, "cut", "half", "slow"])
async def test_a_server_that_fails_is_asked_once_and_is_down(served, fault):
    await served.model.aclose()
    model = served.open(timeout=timedelta(seconds=5))
    served.server.faults.append(fault)
    with pytest.raises(ModelFailed, match="local") as failure:
        await model.ask(ASK, 0.5 if fault == "slow" else None)
    assert failure.value.kind == "down"
    assert len(served.server.seen) == 1


async def test_a_server_without_schemas_is_asked_without(served):
    await served.model.aclose()
    await served.open(schema=False).ask(ASK)
    body = served.server.seen[0].body
    assert {"response_format", "output_config"}.isdisjoint(body)
    assert "responseJsonSchema" not in body.get("generationConfig", {})


def schema_sent(kind, body):
    if kind == "google-genai":
        return body["generationConfig"]["responseJsonSchema"]
    return (
        body["output_config"]["format"]["schema"]
        if kind == "anthropic"
        else body["response_format"]["json_schema"]["schema"]
    )


async def test_the_one_schema_is_lowered_for_each(served):
    await served.model.ask(ASK)
    lower = {"openai": for_openai, "anthropic": for_anthropic, "google-genai": for_google}[served.kind]
    sent = schema_sent(served.kind, served.server.seen[0].body)
    assert sent == lower(SCHEMA)
    assert "pattern" not in sent["properties"]["promised_on"]
    assert "minimum" not in sent["properties"]["sure"]


def test_openai_demands_every_property_so_optional_ones_may_be_null():
    lowered = for_openai(SCHEMA)
    assert lowered["required"] == ["intent", "promised_on", "sure", "spans"]
    assert lowered["properties"]["promised_on"]["type"] == ["string", "null"]
    assert lowered["properties"]["intent"]["type"] == "string"
    item = lowered["properties"]["spans"]["items"]
    assert (item["additionalProperties"], item["required"]) == (False, ["text"])
    assert SCHEMA["required"] == ["intent", "sure"], "the canonical schema stays as it is"


def test_an_optional_choice_may_be_null_too():
    schema = {"type": "object", "properties": {"mood": {"enum": ["good", "bad"]}}}
    assert for_openai(schema)["properties"]["mood"] == {"enum": ["good", "bad", None], "type": ["string", "null"]}
