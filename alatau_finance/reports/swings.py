"""One input after another at both ends of its range: what the result does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from alatau_finance.assumptions import Value
from alatau_finance.modelling.units import UnitError, convert
from alatau_finance.simulation.binding import BoundInput, BoundPool, Instance
from alatau_finance.simulation.reference import PathValues, run_contracts

#: The measure whose swing is told: of the contracts of a project the first that any of them has, added up.
MEASURES = ("pv_state_payments", "pv_taxes")


@dataclass(frozen=True)
class Swing:
    """An input at the low and at the high end of its range, in ``unit``, and the result there, in ``result_unit``.

    ``reader`` is the title of the first model that reads it.
    """

    path: str
    label: str
    reader: str
    unit: str
    low: float
    base: float
    high: float
    result_low: float
    result_base: float
    result_high: float
    measure: str
    measure_label: str
    result_unit: str
    value: Value

    @property
    def size(self) -> float:
        """The distance between the lowest and the highest of the three results."""
        results = (self.result_low, self.result_base, self.result_high)
        return max(results) - min(results)


def swings(pool: BoundPool, values: PathValues, most: int | None = None) -> tuple[Swing, ...]:
    """Every input of the economy and of the contracts of ``pool`` that has a range, the largest swing first.

    Everything else stays as it is in the base case, ``values`` being its results. An input that several contracts read
    moves in all of them at once. Ranges that begin where they end, and inputs that move nothing, are left out. With
    ``most``, of the contracts' inputs only the so many that most contracts read, to save time.
    """
    measure = next((m for m in MEASURES if any(m in i.plan.lines for i in pool.instances())), None)
    if measure is None:
        return ()
    pool = _measured(pool, measure)
    line = next(i.plan.lines[measure] for i in pool.instances())
    base, found = _result(values, measure), []
    for path, (instance, bound) in _ranged(pool, most).items():
        low, high = _range(bound)
        at = [
            _result(run_contracts(_moved(pool, path, value), like=values, measure=measure), measure)
            for value in (low, high)
        ]
        if at != [base, base] and bound.source is not None:
            found.append(
                Swing(
                    path, bound.label, instance.plan.title, bound.unit, low, bound.value, high, at[0], base, at[1],
                    measure, line.label, line.unit, bound.source,
                )
            )  # fmt: skip
    return tuple(sorted(found, key=lambda swing: (-swing.size, swing.path)))


def labels(found: Sequence[Swing], translate: Callable[[str], str]) -> list[str]:
    """What each input is called; with its contract type where inputs of several are called the same."""
    shown = [translate(swing.label) for swing in found]
    return [
        f"{label} ({translate(swing.reader)})" if shown.count(label) > 1 else label
        for swing, label in zip(found, shown, strict=True)
    ]


def _result(values: PathValues, measure: str) -> float:
    results = (lines.get(measure) for key, lines in values.lines.items() if "/" in key)
    return sum((float(result) for result in results if isinstance(result, float)), 0.0)


def _measured(pool: BoundPool, measure: str) -> BoundPool:
    """``pool`` with the contracts alone that have the measure."""
    contracts = {key: tuple(i for i in group if measure in i.plan.lines) for key, group in pool.contracts.items()}
    return replace(pool, contracts=MappingProxyType(contracts))


def _ranged(pool: BoundPool, most: int | None = None) -> Mapping[str, tuple[Instance, BoundInput]]:
    """The first input that reads each assumption with a range, by the path of the assumption, and whose it is."""
    found: dict[str, tuple[Instance, BoundInput]] = {}
    readers: Counter[str] = Counter()
    for instance in (pool.economy, *pool.instances()):
        for bound in instance.inputs.values():
            if bound.source is not None and _range(bound)[0] < _range(bound)[1]:
                found.setdefault(bound.source.path, (instance, bound))
                readers[bound.source.path] += instance is not pool.economy
    kept = {path for path, count in readers.most_common(most) if count}
    return {path: each for path, each in found.items() if path in kept or not readers[path]}


def _range(bound: BoundInput) -> tuple[float, float]:
    """Both ends in the unit of the input; its value twice where the range is open or in another kind of unit."""
    source = bound.source
    if source is None or source.low is None or source.high is None:
        return bound.value, bound.value
    try:
        return convert(source.low, source.unit, bound.unit), convert(source.high, source.unit, bound.unit)
    except UnitError:
        return bound.value, bound.value


def _moved(pool: BoundPool, path: str, value: float) -> BoundPool:
    """``pool`` with ``value`` in every input that reads ``path``."""

    def moved(instance: Instance) -> Instance:
        inputs = {name: replace(b, value=value) if _reads(b, path) else b for name, b in instance.inputs.items()}
        return replace(instance, inputs=MappingProxyType(inputs))

    contracts = {key: tuple(map(moved, instances)) for key, instances in pool.contracts.items()}
    return replace(pool, economy=moved(pool.economy), contracts=MappingProxyType(contracts))


def _reads(bound: BoundInput, path: str) -> bool:
    return bound.source is not None and bound.source.path == path
