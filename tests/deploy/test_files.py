"""What is shipped for installing and watching is read by the tools that exist for it."""

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import promql_parser
import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from api.metrics import Metrics
from api.outcomes import Measures
from engine.memory import Tallies

DEPLOY = Path(__file__).parents[2] / "deploy"
ALERTS = DEPLOY / "prometheus/alerts.yaml"
DASHBOARD = DEPLOY / "grafana/opslayer.json"


def tool(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: object) -> tuple[int, str]:
    """Return the exit code of a tool, and all that it said."""
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_compose_file_is_one():
    code, said = run(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")
    assert code == 0, said


def test_the_container_file_has_no_fault_that_hadolint_knows():
    assert run(tool("hadolint"), DEPLOY / "Containerfile") == (0, "")


def test_the_kubernetes_example_is_what_the_api_takes():
    code, said = run(tool("kubernetes-validate"), "--strict", DEPLOY / "kubernetes/opslayer.yaml")
    assert code == 0, said


def test_the_unit_is_one_that_systemd_takes_and_exposes_little(tmp_path):
    unit = tmp_path / "opslayer.service"
    text = (DEPLOY / "systemd/opslayer.service").read_text()
    text = text.replace("/opt/opslayer/bin/opslayer", sys.executable).replace("User=opslayer", "User=root")
    unit.write_text(text.replace("Group=opslayer", "Group=root"))
    shutil.copy(DEPLOY / "systemd/opslayer.socket", tmp_path)
    code, said = run(tool("systemd-analyze"), "verify", unit, tmp_path / "opslayer.socket")
    assert code == 0, said
    _, score = run(tool("systemd-analyze"), "security", "--offline=true", DEPLOY / "systemd/opslayer.service")
    assert float(re.search(r"exposure level for \S+ ([\d.]+)", score).group(1)) < 3.5


def expressions():
    rules = [rule for group in YAML(typ="safe").load(ALERTS)["groups"] for rule in group["rules"]]
    panels = json.loads(DASHBOARD.read_text())["panels"]
    yield from ((rule["alert"], rule["expr"]) for rule in rules)
    yield from ((panel["title"], target["expr"]) for panel in panels for target in panel["targets"])


def exposed():
    """The names of all series that a process exposes."""
    metrics = Metrics()
    metrics.events.labels("accepted").inc()
    metrics.synced.labels("erp", "accepted").inc()
    metrics.requests.labels("GET", "/", "200").observe(1)
    with metrics.job("dispatch"):
        pass
    measures = Measures(
        at=datetime.now(UTC), tallies=Tallies(actions={"pending": 1}, oldest_pending=None, quarantined=0, head=1),
        lag={"erp": timedelta(1)}, down=frozenset(), switches=0, entities=1, behind=timedelta(),
        spending={"local": 0.5},
    )  # fmt: skip
    families = text_string_to_metric_families(metrics.exposition(measures).decode())
    return {sample.name for family in families for sample in family.samples}


@pytest.mark.parametrize(("title", "expression"), list(expressions()))
def test_every_alarm_and_panel_asks_for_what_is_exposed(title, expression):
    promql_parser.parse(expression)
    assert set(re.findall(r"\bopslayer_\w+", expression)) <= exposed()


def test_every_alarm_leads_to_a_page_of_the_runbook():
    runbook = (DEPLOY.parent / "docs/runbook.md").read_text()
    headings = set(re.findall(r"^##+ (.+)$", runbook, re.MULTILINE))
    for group in YAML(typ="safe").load(ALERTS)["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["what_to_do"].removeprefix("docs/runbook.md, ") in headings


def test_the_list_of_what_is_shipped_names_all_that_the_lock_file_does(tmp_path):
    lock, listed = DEPLOY / "requirements.lock", tmp_path / "sbom.json"
    code, said = run(
        tool("cyclonedx-py"), "requirements", lock, "--pyproject", DEPLOY.parent / "pyproject.toml",
        "--mc-type", "application", "--output-reproducible", "--output-file", listed,
    )  # fmt: skip
    assert code == 0, said
    pinned = dict(re.findall(r"^([a-z0-9._-]+)==([^ ;]+)", lock.read_text(), re.MULTILINE))
    named = {each["name"]: each["version"] for each in json.loads(listed.read_text())["components"]}
    assert pinned
    assert named == pinned
