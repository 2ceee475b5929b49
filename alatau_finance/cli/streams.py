"""Standard output and error: tables, JSON and talk, on any console."""

from __future__ import annotations

import io
import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

# A table is not folded to fit a file or a pipe.
_WIDTH_OF_A_FILE = 240


def tolerate_any_console() -> None:
    """Print "?" for a letter that the console's encoding lacks, rather than fail on it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def close_quietly() -> None:
    """Flush standard output; forget it when its reader (``| head``) is gone."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at exit, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show_table(table: Table) -> None:
    """Print a table on standard output: colours on a terminal, unless NO_COLOR is set."""
    from rich.console import Console

    console = Console(width=table_width())
    with console.capture() as capture:  # so that a broken pipe is met in one place, by print
        console.print(table)
    print(capture.get(), end="")


def table_width() -> int:
    """Characters that a table on standard output may be wide."""
    from rich.console import Console

    return Console().width if sys.stdout.isatty() else _WIDTH_OF_A_FILE


def show_json(data: Any) -> None:
    """Print ``data`` on standard output as JSON, readable in any encoding."""
    print(json.dumps(data, ensure_ascii=not _speaks_unicode(), indent=2))


def show(text: str) -> None:
    """Print a line of data on standard output."""
    print(text)


def tell(text: str) -> None:
    """Print a line of talk on standard error."""
    print(text, file=sys.stderr)


def _speaks_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().startswith("utf")
