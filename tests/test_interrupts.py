"""Ctrl-C where what it raises is caught and forgotten."""

from __future__ import annotations

import signal
import threading

import pytest

from alatau_finance.interrupts import interrupts_heard


def interrupted(done: list[str], *, swallow: bool) -> None:
    with interrupts_heard():
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            if not swallow:
                raise
        done.append("went on")


@pytest.mark.parametrize(("swallow", "done"), [(True, ["went on"]), (False, [])])
def test_an_interrupt_comes_out_at_once_or_at_the_end(swallow: bool, done: list[str]) -> None:
    found: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted(found, swallow=swallow)
    assert found == done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_without_one_nothing_is_raised_and_other_threads_are_let_be() -> None:
    found = []

    def work() -> None:
        with interrupts_heard():
            found.append(signal.getsignal(signal.SIGINT))

    with interrupts_heard():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert found == [signal.getsignal(signal.SIGINT)]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_where_ctrl_c_does_something_else_it_is_left_to_it() -> None:
    heard = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        with interrupts_heard():
            signal.raise_signal(signal.SIGINT)
        assert heard == [signal.SIGINT]
    finally:
        signal.signal(signal.SIGINT, before)
