"""Python's collector told what comes to stay: it would walk all entities again and again though none is garbage.

Both are of the whole process, so the process that owns a session asks for them, never the engine.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_NEWBORN: Final = 100_000
"""Objects made, less those freed, before the young are looked at; Python's own 700 suits who keeps little."""
_RARELY: Final = 100
_HARDLY_EVER: Final = 1_000_000


@contextmanager
def growing() -> Iterator[None]:
    """While state is built up or run through once, look at what is new only."""
    before = gc.get_threshold()
    gc.set_threshold(_NEWBORN, 20, _HARDLY_EVER)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def standing() -> Iterator[None]:
    """Leave all that is there out of every later pass, and look at what comes rarely."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_NEWBORN, 20, _RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
