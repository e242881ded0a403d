import json
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

import api.bootstrap
from api.cli.root import opslayer
from api.cli.shell import run
from api.starter import write_home
from tests.api.double import DoubleLayer


@pytest.fixture
def home(tmp_path):
    write_home(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def call(home, capsys):
    """Run one command on a real home folder; returns its exit code, stdout and stderr."""

    def call(*arguments):
        code = run(opslayer, ["--home", str(home), *arguments])
        out, err = capsys.readouterr()
        return SimpleNamespace(code=code, out=out, err=err, json=lambda: json.loads(out))

    return call


@pytest.fixture
def doubled(monkeypatch, layer: DoubleLayer):
    """Let commands talk to the double instead of a real layer."""

    @asynccontextmanager
    async def open_layer(folder, clock):
        yield layer

    monkeypatch.setattr(api.bootstrap, "open_layer", open_layer)
    return layer
