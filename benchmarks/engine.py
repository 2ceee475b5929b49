"""The reference project on the engine: its generated kernel over blocks of paths, inputs given or drawn inside."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from alatau_finance.backends.compiled import compile_kernel
from alatau_finance.backends.kernel import ARGUMENTS
from alatau_finance.backends.kernel_spec import KernelSpec
from alatau_finance.backends.workspace import workspace_for
from alatau_finance.jit import LANES, TILE, TILES, inline_function
from alatau_finance.memory import aligned_zeros, flat, load, store
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.plan import build_plan
from alatau_finance.risk.draw_kernel import DrawArrays, draw_block
from alatau_finance.risk.draws import DrawPlan, build_draw_plan
from alatau_finance.risk.factors import RiskFactor
from alatau_finance.risk.samplers import SampleArrays
from benchmarks.reference_model import CALENDAR, CONSTANTS, METRICS, RANDOM, SPENDING, ReferenceProject

Floats = NDArray[np.float64]

#: Distribution and parameters of each random input, as in :func:`benchmarks.vectorised.random_inputs`; the floor of
#: the interest rate is 5 standard deviations away and is not drawn.
_DISTRIBUTIONS: tuple[tuple[str, dict[str, float]], ...] = (
    ("lognormal", {"median": float(np.exp(0.05)), "sigma": 0.15}),
    ("normal", {"mean": 0.025, "sd": 0.008}),
    ("normal", {"mean": 0.055, "sd": 0.010}),
    ("lognormal", {"median": 1.0, "sigma": 0.12}),
)


#: Arguments of the kernel of the draws that are the same for all blocks.
_DRAWN = ", ".join(f"_{name}" for name in (*DrawArrays._fields, *SampleArrays._fields))


@inline_function
def copy_block(source: Any, source_column: int, target: Any, target_column: int) -> None:
    """Copy the columns of a block, from ``source_column`` on, to those of ``target``."""
    given, taken = flat(source), flat(target)
    for row in range(source.shape[0]):
        first, to = row * source.shape[1] + source_column, row * target.shape[1] + target_column
        for lane in range(0, LANES, TILE):
            store(taken, to + lane, load(given, first + lane))


class ReferenceEngine:
    """One thread, one instance; paths go block by block through the same kernels as those of a run."""

    def __init__(self) -> None:
        self.spec = KernelSpec(build_plan(ReferenceProject), outputs=METRICS)
        self.kernel = compile_kernel(self.spec)
        inputs, count = self.spec.inputs, len(self.spec.inputs)
        constants = {**CONSTANTS, "one_year": 1.0}
        self._scalars = np.zeros((len(RANDOM), LANES))
        self._outputs = np.zeros((1, len(METRICS), LANES))
        series = aligned_zeros(TILES, CALENDAR.periods, 1, TILE)
        series[:, :, 0, :] = SPENDING[:, None]
        none = np.zeros((1, 0), np.int64)
        self._arguments: tuple[Any, ...] = (
            0,
            np.array([[constants.get(name, 0.0) for name in inputs]]),
            np.array([[RANDOM.index(name) if name in RANDOM else -1 for name in inputs]], np.int64),
            np.zeros((1, count), np.int64),
            self._scalars,
            series,
            np.zeros(1, np.int64),
            np.array([CALENDAR.series[name] for name in CALENDAR_SERIES]),
            none,
            none,
            np.zeros(0, np.int64),
            np.zeros((TILES, CALENDAR.periods, 1, TILE)),
            self._outputs,
            *workspace_for([self.spec], CALENDAR),
        )

    @cached_property
    def draws(self) -> DrawPlan:
        """The random inputs as four independent risks."""
        factors = [
            RiskFactor(name, name, "pool", "", distribution, parameters)
            for name, (distribution, parameters) in zip(RANDOM, _DISTRIBUTIONS, strict=True)
        ]
        return build_draw_plan(
            factors, (), {}, seed=1, periods=CALENDAR.periods, years_per_period=CALENDAR.year_fraction
        )

    def run(self, inputs: Floats) -> Floats:
        """The metrics [8, n] of scenarios with random inputs [4, n]; n is a multiple of the lanes of a block."""
        found = np.empty((len(METRICS), inputs.shape[1]))
        self._given(inputs, found, *self._arguments)
        return found

    def simulate(self, paths: int) -> Floats:
        """The metrics [8, paths] of drawn scenarios."""
        found, none = np.empty((len(METRICS), paths)), np.empty(self.draws.series_shape)
        self._drawn(*self.draws.arrays, *self.draws.samples, none, found, *self._arguments)
        return found

    @cached_property
    def _given(self) -> Callable[..., None]:
        """Block by block: inputs to where the kernel reads them, the kernel, what it hands back to ``found``."""
        return _driver("inputs", "copy_block(inputs, first, scalars, 0)", self.kernel)

    @cached_property
    def _drawn(self) -> Callable[..., None]:
        """The same with the kernel of the draws in the place of given inputs."""
        call = f"draw_block({_DRAWN}, np.uint64(first), scalars, no_series)"
        return _driver(f"{_DRAWN}, no_series", call, self.kernel)


def _driver(given: str, start: str, kernel: Callable[..., None]) -> Callable[..., None]:
    """A compiled loop over blocks; arguments have a name each, as numba counts what is taken out of a tuple anew."""
    text = [
        f"def run({given}, found, {ARGUMENTS}):",
        "    for first in range(0, found.shape[1], LANES):",
        f"        {start}",
        f"        kernel({ARGUMENTS})",
        "        copy_block(outputs[0], 0, found, first)",
    ]
    names: dict[str, Any] = {"copy_block": copy_block, "draw_block": draw_block, "kernel": kernel}
    names |= {"LANES": LANES, "np": np}
    exec("\n".join(text), names)
    return cast(Callable[..., None], njit(error_model="numpy")(names["run"]))
