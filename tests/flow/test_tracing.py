"""One event is one trace: from its acceptance over evaluation, words, verdict and sending to the receipt."""

import pytest

from tests.approvals.layer.company import Company
from tests.approvals.layer.conftest import closed, company, crm, database, files  # noqa: F401  (fixtures)

trace = pytest.importorskip("opentelemetry.trace")
sdk = pytest.importorskip("opentelemetry.sdk.trace")


@pytest.fixture
def spans(monkeypatch):
    """What is collected in this process."""
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    yield exporter.get_finished_spans
    provider.shutdown()


async def test_one_event_is_one_trace_from_its_acceptance_to_the_receipt(spans, company: Company):  # noqa: F811
    from engine.tracing import span

    sender = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with span("accept", sender):
        await company.tell(status="due", name="Gizli Sanayi", email="secret@person.example")
    waiting = await company.only("due")
    await company.decide(waiting, "approve")
    await company.rest()
    assert len(company.box.mails) == 1

    ours = [each for each in spans() if f"{each.context.trace_id:032x}" == sender.split("-")[1]]
    names = {each.name for each in ours}
    assert {"accept", "evaluate", "draft", "decide", "dispatch", "perform", "receipt"} <= names
    by_id = {each.context.span_id: each for each in ours}
    roots = {each.name for each in ours if each.parent is None or each.parent.span_id not in by_id}
    assert roots == {"accept"}
    [receipt] = [each for each in ours if each.name == "receipt"]
    assert receipt.attributes["opslayer.result"] == "ok"
    assert by_id[receipt.parent.span_id].name == "dispatch"

    told = " ".join(str(each.to_json()) for each in spans())
    for private in ("Gizli", "secret@person.example", "C1"):
        assert private not in told


async def test_without_anybody_who_collects_nothing_is_written(company: Company):  # noqa: F811
    await company.tell(status="due")
    entries = await company.layer.parts.store.entries(kinds=("action",), limit=100)
    assert entries
    assert not any("trace" in (each.body or {}) for each in entries)
