"""Traces for whoever collects them: OTLP over HTTP, set up by OpenTelemetry's own environment variables.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_log = logging.getLogger("opslayer.telemetry")


@contextmanager
def telling() -> Iterator[bool]:
    """Export spans while the block runs, when an endpoint is named; whether they are."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        yield False
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        _log.warning("%s is set, but no traces are told: install opslayer[telemetry]", ENDPOINTS[0])
        yield False
        return
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": "opslayer"}
    provider = TracerProvider(resource=Resource.create(named))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    try:
        yield True
    finally:
        provider.shutdown()
