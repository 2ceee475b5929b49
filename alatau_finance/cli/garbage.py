"""How often Python looks for unreachable cycles while a command runs."""

from __future__ import annotations

import atexit
import gc

_ALLOCATIONS = 100_000
_YOUNGER_COLLECTIONS = 50


def collect_rarely() -> None:
    """Look for cycles a hundred times less often than is usual, and not at all when the command is over.

    Libraries, models and assumptions make some hundred thousand objects that stay to the end. To look through them
    again and again took a third of the time of a command that simulates little.
    """
    gc.set_threshold(_ALLOCATIONS, _YOUNGER_COLLECTIONS, _YOUNGER_COLLECTIONS)
    atexit.register(gc.freeze)
