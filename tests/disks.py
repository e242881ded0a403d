"""A file system of a few megabytes, to be filled to the last byte, and emptied again."""

import subprocess
from contextlib import contextmanager, suppress

import pytest

from tests.connectors.peers import absent


@contextmanager
def mounted(path, megabytes, owner="root"):
    """Mount a file system of so many MB on a new folder."""
    path.mkdir()
    options = f"size={megabytes}m,uid={owner},gid={owner},mode=700"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", path], capture_output=True, check=False)
    if done.returncode:
        absent("tmpfs", f"no file system can be mounted: {done.stderr.decode().strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=True)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 24 MB."""
    with mounted(tmp_path / "disk", 24) as path:
        yield path


def fill(folder):
    """Leave no room at all; returns the file to remove for room."""
    filler = folder / "filler"
    for size in (65_536, 4096, 1):  # a file of one's own takes whole pages, its last one may still have room
        with suppress(OSError), filler.open("ab", buffering=0) as file:
            while file.write(b"x" * size) == size:
                pass
    return filler
