"""Every shipped pack is a sound configuration that reads only until it is told otherwise."""

from pathlib import Path

import pytest

from api.checks import check_sources
from api.clock import SystemClock
from connectors.packs import packs_page
from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.settings.values import resolved
from tests.connectors.packs import PACKS, home_of

ROOT = Path(__file__).parents[2]


class Everything(dict):
    """Every variable is set."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def get(self, name, default=None):
        return self.value


@pytest.fixture(params=sorted(PACKS))
def home(request):
    return home_of(request.param, "    order: 10\n")


def test_a_pack_has_no_fault(home):
    assert [str(each) for each in (*home.problems, *check_sources(home))] == []


async def test_it_can_be_opened(home, tmp_path):
    ((name, source),) = home.sources.sources.items()
    environ = Everything("http://127.0.0.1:9" if name != "logo-sql" else "sqlite:///logo.db")
    connector = open_connector(name, resolved(source.options, environ), Surroundings(tmp_path, SystemClock()))
    assert set(connector.streams) == set(source.streams)
    assert set(connector.operations) == set(source.operations)
    await connector.aclose()


def test_it_writes_nothing_until_it_is_told_to(home):
    (source,) = home.sources.sources.values()
    assert source.write is False


def test_every_stream_is_mapped_and_every_mapping_is_a_stream(home):
    ((name, source),) = home.sources.sources.items()
    assert set(home.mappings[name].streams) == set(source.told)


def test_every_operation_says_how_grave_it_is_and_how_a_repeat_is_known(home):
    (source,) = home.sources.sources.values()
    for name, operation in source.operations.items():
        assert operation.consequence in {"low", "medium", "high"}, name
        assert operation.leaves_company is not None, name
        assert operation.fields, name


def test_secrets_come_from_the_environment(home):
    ((name, source),) = home.sources.sources.items()
    assert '"env"' in str(source.options).replace("'", '"')
    assert home.manifests[name].pack.tested


def test_the_page_of_packs_is_current():
    assert (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8") == packs_page(), "write packs_page() to it"
