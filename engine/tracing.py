"""Spans of OpenTelemetry along the way of one event; nothing happens where its API is not installed or not set up.

What an event causes happens later and in other processes. So an action's first journal entry keeps the trace it began
in (`traceparent`, https://www.w3.org/TR/trace-context/), and whoever works on the action goes on from there.
Attributes name kinds, rules and states, never what anybody is called or owes.
"""

from collections.abc import Iterator
from contextlib import contextmanager

try:
    from opentelemetry import propagate, trace
except ImportError:  # the extra `telemetry` is not installed
    _INSTALLED = False
else:
    _INSTALLED = True

Attribute = str | int | bool


def on() -> bool:
    """Whether anybody collects spans."""
    return _INSTALLED and not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


@contextmanager
def span(name: str, parent: str = "", **attributes: Attribute) -> Iterator[None]:
    """Run the block inside a span, of the trace that `parent` names or of the one that is open."""
    if not on():
        yield
        return
    context = propagate.extract({"traceparent": parent}) if parent else None
    named = {f"opslayer.{key}": value for key, value in attributes.items()}
    with trace.get_tracer("opslayer").start_as_current_span(
        name, context=context, attributes=named, record_exception=False
    ):
        yield


def here() -> str:
    """Return the `traceparent` of the span that is open, "" when none is recorded."""
    if not on() or not trace.get_current_span().is_recording():
        return ""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent", "")
