"""Cases worked by hand: sentences in YAML under ``cases/``, each held against the lines that it names.

    - case: A level annuity of 5 years at 10 %
      contract: epcf
      periods_per_year: 1       # 1 unless stated
      years: 12                 # of the calendar, from 2026; 12 unless stated
      given:                    # what differs from the neutral world of conftest.py
        policy_rate: 0.10
        exchange_rate_index: {2026: 1, 2028: 1.25}      # a value holds until the next one
      then:
        # 100 * 0.10 / (1 - 1.10^-5), with the arithmetic of every number beside it
        debt_service: {2027 to 2031: 26.3797480795, otherwise: 0}
        contractor_irr: 0.10

A period is a year, or ``2027 H1`` or ``2027 Q3`` where the year has more than one; a year then is the sum of its
periods. A line by period has numbers by period, by range of periods, for ``otherwise`` (every period not named) and as
``total``; a whole-life line has one number. Every check of the contract is evaluated too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from alatau_finance.assumptions.yaml_reader import Node, read_yaml
from alatau_finance.modelling.calendar import Calendar

FOLDER = Path(__file__).parent / "cases"
#: Relative to the number stated; absolute where that is 0. Numbers are written with ten digits or more.
TOLERANCE = 1e-9

FIRST_YEAR = 2026
REQUIRED = ("case", "contract", "then")
KEYS = ("case", "contract", "periods_per_year", "years", "given", "then")
PART_OF_YEAR = {1: "", 2: "H", 4: "Q"}

Computed = float | Sequence[float]
Run = Callable[..., Mapping[str, Computed]]


class CaseError(Exception):
    """A case that cannot be read; says where it stands."""


@dataclass(frozen=True)
class Case:
    """One case as written, and where it stands."""

    file: str
    line: int
    name: str
    contract: str
    calendar: Calendar
    given: Mapping[str, Node]
    then: Mapping[str, Node]

    def error(self, node: Node, text: str) -> CaseError:
        return CaseError(f"{self.file}:{node.mark[0]}: {self.name}: {text}")

    def number(self, node: Node) -> float:
        if isinstance(node.content, bool) or not isinstance(node.content, int | float):
            raise self.error(node, f"a number is expected, not {node.content!r}")
        return float(node.content)


# --- reading
def read_cases(data: bytes, file: str) -> list[Case]:
    """The cases of one file. Raises :class:`CaseError` for whatever no case may say."""
    root, problems = read_yaml(data)
    if problems or root is None:
        raise CaseError("; ".join(f"{file}:{problem.line}: {problem.problem}" for problem in problems))
    if not isinstance(root.content, list):
        raise CaseError(f"{file}: a list of cases is expected")
    cases = [_case(node, file) for node in root.content]
    names = [case.name for case in cases]
    for case in cases:
        if names.count(case.name) > 1:
            raise CaseError(f"{file}:{case.line}: {case.name}: there are two cases of this name")
    return cases


def _case(node: Node, file: str) -> Case:
    line, content = node.mark[0], node.content
    if not isinstance(content, dict):
        raise CaseError(f"{file}:{line}: a case is expected")
    for key in content:
        if key not in KEYS:
            raise CaseError(f"{file}:{node.keys[key][0]}: {key!r} is no key of a case; allowed: {', '.join(KEYS)}")
    for key in REQUIRED:
        if key not in content:
            raise CaseError(f"{file}:{line}: the case has no {key!r}")
    each, years = (_whole_number(content.get(key), key, file) for key in ("periods_per_year", "years"))
    if each is not None and each not in PART_OF_YEAR:
        raise CaseError(f"{file}:{line}: periods_per_year is {each}; allowed: 1, 2, 4")
    return Case(
        file=file,
        line=line,
        name=str(content["case"].content),
        contract=str(content["contract"].content),
        calendar=Calendar(FIRST_YEAR, FIRST_YEAR - 1 + (years or 12), 0, each or 1),
        given=_mapping(content.get("given"), "given", file),
        then=_mapping(content["then"], "then", file),
    )


def _whole_number(node: Node | None, key: str, file: str) -> int | None:
    if node is None:
        return None
    if isinstance(node.content, bool) or not isinstance(node.content, int) or node.content < 1:
        raise CaseError(f"{file}:{node.mark[0]}: {key} is {node.content!r}; allowed: a whole number above 0")
    return node.content


def _mapping(node: Node | None, key: str, file: str) -> Mapping[str, Node]:
    if node is None:
        return {}
    if not isinstance(node.content, dict) or not node.content:
        raise CaseError(f"{file}:{node.mark[0]}: {key} names nothing")
    return node.content


# --- periods
def _periods(case: Case, key: str, node: Node) -> tuple[int, ...]:
    """The periods that ``key`` names: one, the periods of a year, or a range."""
    ends = [_one_or_a_year(case, text, node) for text in key.split(" to ")]
    if len(ends) > 2 or ends[0][0] > ends[-1][-1]:
        raise case.error(node, f"{key!r} is no range of periods")
    return tuple(range(ends[0][0], ends[-1][-1] + 1))


def _one_or_a_year(case: Case, text: str, node: Node) -> range:
    calendar = case.calendar
    each = calendar.periods_per_year
    found = re.fullmatch(r"(\d{4})(?: ([HQ])(\d))?", text)
    if found is None or (found[2] or PART_OF_YEAR[each]) != PART_OF_YEAR[each]:
        example = f"2027 {PART_OF_YEAR[each]}1" if each > 1 else "2027"
        raise case.error(node, f"{text!r} is no period; write it like {example!r}")
    start = (int(found[1]) - calendar.first_year) * each
    if found[3]:
        part = int(found[3])
        if not 1 <= part <= each:
            raise case.error(node, f"{text!r} is no period; the year has {each}")
        start, each = start + part - 1, 1
    if not 0 <= start < calendar.periods:
        raise case.error(node, f"{text!r} is outside the calendar, {calendar.first_year} to {calendar.last_year}")
    return range(start, start + each)


def _inputs(case: Case) -> dict[str, Any]:
    """What the case gives: a number, or a number per period where steps are given."""
    given: dict[str, Any] = {}
    for name, node in case.given.items():
        if not isinstance(node.content, dict):
            given[name] = case.number(node)
            continue
        steps = {_periods(case, key, step)[0]: case.number(step) for key, step in node.content.items()}
        if next(iter(steps)) != 0 or list(steps) != sorted(steps):
            raise case.error(node, f"{name} begins with {FIRST_YEAR} and goes forward in time")
        given[name] = [steps[max(start for start in steps if start <= t)] for t in range(case.calendar.periods)]
    return given


# --- expected against computed
def mismatches(case: Case, run: Run) -> list[str]:
    """What the case expects and the contract does not give, a sentence each."""
    calendar, given = case.calendar, _inputs(case)
    try:
        years = calendar.last_year + 1 - calendar.first_year
        lines = run(case.contract, periods_per_year=calendar.periods_per_year, years=years, **given)
    except (AssertionError, KeyError, TypeError) as error:
        raise CaseError(f"{case.file}:{case.line}: {case.name}: {error}") from error
    found = []
    for name, node in case.then.items():
        if name not in lines:
            raise case.error(node, f"{case.contract} has no line {name!r}")
        for label, at, expected, got in _compared(case, name, node, lines[name]):
            if not abs(got - expected) <= TOLERANCE * (abs(expected) or 1):
                where = f"{case.file}:{at.mark[0]}: {case.name}: {name}"
                found.append(f"{where}{label}: expected {expected:.12g}, got {got:.12g}")
    return found


def _compared(case: Case, name: str, node: Node, computed: Computed) -> Iterator[tuple[str, Node, float, float]]:
    """Label, place, expected and computed number of everything said about one line."""
    if isinstance(computed, float | int):
        yield "", node, case.number(node), computed
        return
    if not isinstance(node.content, dict):
        raise case.error(node, f"{name} has a number per period; write it like {{2027: 1, otherwise: 0}}")
    named: set[int] = set()
    for key, value in node.content.items():
        if key == "total":
            yield " total", value, case.number(value), sum(computed)
        elif key != "otherwise":
            periods = _periods(case, key, value)
            if overlap := named.intersection(periods):
                raise case.error(value, f"{name}: {_period(case, min(overlap))} is named twice")
            named.update(periods)
            if " to " in key:
                yield from ((f" {_period(case, t)}", value, case.number(value), computed[t]) for t in periods)
            else:
                yield f" {key}", value, case.number(value), sum(computed[t] for t in periods)
    if rest := node.content.get("otherwise"):
        others = [t for t in range(len(computed)) if t not in named]
        yield from ((f" {_period(case, t)}", rest, case.number(rest), computed[t]) for t in others)


def _period(case: Case, number: int) -> str:
    year, part = divmod(number, case.calendar.periods_per_year)
    suffix = PART_OF_YEAR[case.calendar.periods_per_year]
    return f"{case.calendar.first_year + year}" + (f" {suffix}{part + 1}" if suffix else "")


# --- the cases
FILES = sorted(FOLDER.rglob("*.yaml"))
CASES = [case for file in FILES for case in read_cases(file.read_bytes(), file.relative_to(FOLDER).as_posix())]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.file}: {case.name}" for case in CASES])
def test_a_case_worked_by_hand(run: Run, case: Case) -> None:
    found = mismatches(case, run)
    assert not found, "\n".join(["", *found])


# --- the reader of cases
WORKS = """\
- case: Works of one year
  contract: budget
  periods_per_year: 2
  given: {cost: 80}
  then:
    capex: {2026 H1: 49, 2026 H2: 31, otherwise: 0, total: 80}
    construction_duration: 1
"""


def told(run: Run, old: str = "", new: str = "") -> list[str]:
    assert old in WORKS
    (case,) = read_cases(WORKS.replace(old, new, 1).encode(), "works.yaml")
    return mismatches(case, run)


def test_a_case_that_holds_tells_nothing(run: Run) -> None:
    assert told(run) == []
    assert told(run, "2026 H1: 49, 2026 H2: 31", "2026: 80, 2027 to 2030 H1: 0") == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("H1: 49", "H1: 49.0000001", "works.yaml:6: Works of one year: capex 2026 H1: expected 49.0000001, got 49"),
        ("otherwise: 0", "2030: 1", "works.yaml:6: Works of one year: capex 2030: expected 1, got 0"),
        ("2026 H2: 31, ", "", "works.yaml:6: Works of one year: capex 2026 H2: expected 0, got 31"),
        ("total: 80", "total: 81", "works.yaml:6: Works of one year: capex total: expected 81, got 80"),
        ("tion: 1", "tion: 2", "works.yaml:7: Works of one year: construction_duration: expected 2, got 1"),
    ],
)
def test_a_number_that_differs_is_told_by_file_case_line_and_period(run: Run, old: str, new: str, message: str) -> None:
    assert told(run, old, new) == [message]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("contract:", "kontract:", "works.yaml:2: 'kontract' is no key of a case"),
        ("  contract: budget\n", "", "works.yaml:1: the case has no 'contract'"),
        ("year: 2", "year: 3", "periods_per_year is 3; allowed: 1, 2, 4"),
        ("year: 2", "year: two", "works.yaml:3: periods_per_year is 'two'"),
        ("{cost: 80}", "{}", "works.yaml:4: given names nothing"),
        ("cost", "kost", r"works.yaml:1: Works of one year: budget has no \{'kost'\}"),
        ("80}", "eighty}", "works.yaml:4: Works of one year: a number is expected, not 'eighty'"),
        ("cost: 80", "price_index: {2027: 1}", "works.yaml:4: .*price_index begins with 2026"),
        ("capex", "kapex", "works.yaml:6: Works of one year: budget has no line 'kapex'"),
        ("2026 H1", "2026 Q1", "works.yaml:6: .*'2026 Q1' is no period; write it like '2027 H1'"),
        ("2026 H2", "2026 H3", "works.yaml:6: .*'2026 H3' is no period; the year has 2"),
        ("2026 H2", "2038 H1", "works.yaml:6: .*'2038 H1' is outside the calendar, 2026 to 2037"),
        ("2026 H2", "2027 to 2026", "works.yaml:6: .*'2027 to 2026' is no range"),
        ("2026 H2", "2026", "works.yaml:6: .*2026 H1 is named twice"),
        ("2026 H2", "2026 H1", "works.yaml:6: .*'2026 H1' stands here a second time"),
        ("{2026 H1: 49, 2026 H2: 31, otherwise: 0, total: 80}", "80", "works.yaml:6: .*a number per period"),
        ("tion: 1", "tion: {2026: 1}", "works.yaml:7: .*a number is expected"),
        (WORKS, WORKS + WORKS, "works.yaml:1: Works of one year: there are two cases of this name"),
        ("{cost: 80}", "{republican_share: 0.5}", "works.yaml:1: Works of one year: .*levels_add_up"),
    ],
)
def test_what_no_case_may_say(run: Run, old: str, new: str, message: str) -> None:
    with pytest.raises(CaseError, match=message):
        told(run, old, new)
