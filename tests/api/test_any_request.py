"""Requests made from the API's own description, valid and not: no call fails inside, and each answers as described."""

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.api.test_serve import AT, OPSLAYER, opslayer, write_home

schemathesis = pytest.importorskip("schemathesis")
FailureGroup = schemathesis.core.failures.FailureGroup

EXAMPLES = int(os.environ.get("OPSLAYER_API_EXAMPLES", "4"))
LEFT_OUT = {
    ("POST", "/api/v1/clock"),  # moves time for all the others
    ("POST", "/api/v1/config/diff"),  # takes its time
}


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[tuple[str, str]]:
    """A real process that serves a real home, and an admin's key."""
    home = tmp_path_factory.mktemp("any") / "home"
    write_home(home)
    made = asyncio.run(opslayer(home, "--json", "keys", "create", "--role", "admin", "--name", "any"))
    command = [
        *OPSLAYER, "--home", str(home), "--json", "serve", "--port", "0", "--clock", "simulated", "--at", AT,
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        told = b""
        while not told.endswith(b"}"):
            told += process.stdout.read(1)
        yield json.loads(told)["url"], json.loads(made)["key"]
        process.terminate()


def test_no_request_fails_inside_and_each_answer_is_as_described(served):
    url, key = served
    headers = {"Authorization": f"Bearer {key}"}
    schema = schemathesis.openapi.from_url(f"{url}/api/v1/schema/openapi.json", headers=headers)
    checks = [
        schemathesis.checks.not_a_server_error,
        schemathesis.checks.content_type_conformance,
        schemathesis.checks.response_schema_conformance,
        schemathesis.checks.status_code_conformance,
    ]
    tried, failed = 0, []
    for found in schema.get_all_operations():
        operation = found.ok()
        if (operation.method.upper(), operation.path) in LEFT_OUT or operation.path.startswith("/api/v1/schema"):
            continue

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
        )  # fmt: skip
        def ask(case):
            case.call_and_validate(headers=headers, checks=checks, timeout=60)

        try:
            ask()
        except (Exception, FailureGroup) as fault:  # noqa: BLE001  (all of them are told, after all were tried)
            failed.append(f"{operation.label}: {str(fault)[:1200]}")
        tried += 1
    assert failed == [], "\n\n".join(failed)
    assert tried > 25
