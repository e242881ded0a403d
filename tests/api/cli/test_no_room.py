"""What goes wrong on a full disk is told in a line, though its details cannot be kept."""

import tempfile

import click

from api.cli.shell import UNDONE, run
from engine.ports import StoreUnavailable
from tests.disks import fill


def failing(error):
    @click.command()
    def command():
        raise error

    return command


def test_a_fault_without_room_for_its_details_is_told_all_the_same(small_disk, monkeypatch, capsys):
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    fill(small_disk)
    assert run(failing(RuntimeError("the disk said no")), []) == UNDONE
    assert capsys.readouterr().err == "Could not be done: RuntimeError: the disk said no\n"


def test_what_the_database_says_is_told_whole_and_as_it_says_it(capsys):
    told = "The disk is full; make room, then try again. Nothing was stored. " + "x" * 300
    assert run(failing(StoreUnavailable(told)), []) == UNDONE
    assert capsys.readouterr().err == f"Could not be done: {told}\n"
