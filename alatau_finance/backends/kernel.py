"""A plan as a numba kernel that runs a block of paths for every instance of a contract type.

A block is cut in tiles, and a contract is run from its first period to its last for the lanes of one tile before the
next: a line is a value of :mod:`alatau_finance.backends.vectors`, and all that one contract needs of other periods lies
in the processor's nearest memory. Lines that are seen to be 0 in a period are left out (see
:mod:`alatau_finance.backends.activity`), lines that nobody asks for are left out altogether.
"""

from __future__ import annotations

from alatau_finance.backends.groups import names_read
from alatau_finance.backends.kernel_spec import KernelSpec
from alatau_finance.backends.statements import assigned, block, text
from alatau_finance.jit import LANES, TILE

ARGUMENTS = (
    "first_tile, constants, rows, modes, scalars, series, columns, calendar, gather_columns, gather_rows, "
    "export_columns, exports, outputs, local, work, scratch, marks"
)


def kernel_source(spec: KernelSpec) -> str:
    """The text of a module with one function ``run``; its arguments are :data:`ARGUMENTS`.

    A call is for some of the 8 tiles of a block, from ``first_tile`` on. Shapes (float64 unless said otherwise), for n
    instances, T periods, k tiles of 8 lanes: ``constants``, ``rows`` (int64: row of ``scalars`` or -1), ``modes``
    (int64: 0 replace, 1 add, 2 multiply) [n, inputs]; ``scalars`` [.., 64]; ``series`` [k, T, .., 8]; ``columns``
    (int64) [series]; ``calendar`` [5, T]; ``gather_columns`` / ``gather_rows`` (int64, -1 none) [n, gathered];
    ``export_columns`` (int64) [exports]; ``exports`` [k, T, .., 8]; ``outputs`` [n, .., 64]; ``local``, ``work``,
    ``scratch`` and ``marks`` of :func:`.workspace.workspace_for`. All arrays are contiguous.
    """
    body = ["load_inputs(_constants, _rows, _modes, constants.shape[1], scalar_rows, work, instance, lane)"]
    guarded = any(group.condition is not None for loop in spec.loops for group in loop.groups)
    if guarded:
        body.append(f"_whole = _strange | not_finite(work, 0, {len(spec.inputs)})")
    for number, loop in enumerate(spec.loops):
        body += [f"# phase {number}", *_scalars(spec, number)]
        body += [*_finite(spec, number), *_windows(spec, number)] if guarded else []
        body += loop.lines()
    body += _results(spec)
    start = [
        "scalar_rows, series_rows, export_rows = flat(scalars), flat(series), flat(exports)",
        "output_rows, local_rows, work, scratch = flat(outputs), flat(local), flat(work), flat(scratch)",
        "_constants, _rows, _modes = flat(constants), flat(rows), flat(modes)",
        "periods, series_step, exports_step = series.shape[1], series.shape[2] * TILE, exports.shape[2] * TILE",
        "calendar, export_columns = flat(calendar), flat(export_columns)",
        "gather_columns, gather_rows = flat(gather_columns), flat(gather_rows)",
        "year_fraction = calendar[2 * periods]",
        "periods_per_year = 1.0 / year_fraction",
    ]
    if guarded:
        start.append("marks = flat(marks)")
        start.append(f"active = further(marks, {spec.mark_rows} * (periods + 2))")
    if any(spec.rests.loops):
        start.append("_uneven = not_of_one_length(calendar, periods)")
    tile = ["series_start, lane = tile * periods * series_step, (first_tile + tile) * TILE"]
    if spec.exports:
        tile.append("exports_start = tile * periods * exports_step")
    if not spec.is_pool:
        start.append("_taken = flat(columns)")
        step = len(spec.local) * TILE
        given = "series_rows, series_start, series_step, _taken, columns.shape[0]"
        tile.append(f"_strange = take_series({given}, local_rows, {step}, periods)")
    whole = [*tile, *block("for instance in range(constants.shape[0]):", body)]
    return "\n".join(
        [
            f'"""{spec.plan.name} as a kernel over tiles of {TILE} lanes; generated from its model."""',
            "from math import inf as infinity",
            "",
            "from alatau_finance.backends.lanes import *",
            "",
            "",
            "@kernel_function",
            f"def run({ARGUMENTS}):",
            *("    " + line for line in [*start, *block("for tile in range(series.shape[0]):", whole)]),
            "",
        ]
    )


def _row(spec: KernelSpec, name: str) -> str:
    return f"load(work, {spec.rows[name] * TILE})"


def _scalars(spec: KernelSpec, number: int) -> list[str]:
    names = spec.scalars(number)
    formulas = {name: spec.plan.lines[name].formula for name in names}
    body = [f"{name} = {_row(spec, name)}" for name in names_read(formulas.values()) if name not in names]
    body += [assigned(name, formula) for name, formula in formulas.items()]
    return [*body, *(f"store(work, {spec.rows[name] * TILE}, {name})" for name in names)]


def _finite(spec: KernelSpec, number: int) -> list[str]:
    given = spec.given_to_loops[number]
    return [f"_whole |= not_finite(work, {spec.rows[given[0]] * TILE}, {len(given)})"] if given else []


def _windows(spec: KernelSpec, number: int) -> list[str]:
    """The windows that this phase is the first to ask, and a look at scalars that are taken for not negative."""
    found, windows = list[str](), spec.windows[number]
    known = {**spec.activities.dates, **spec.rests.dates}
    dates = {window.date: known[window.date] for window in windows}
    terms = [
        term
        for term in {**spec.activities.not_negative, **spec.rests.not_negative}.values()
        if names_read([term]).keys() <= spec.rows.keys()
        and max(map(spec.plan.phase_of, names_read([term])), default=0) == number
    ]
    for name in names_read([*dates.values(), *terms]):
        found.append(f"{name} = {_row(spec, name)}")
    for window in windows:
        found.append(f"{spec.window_names[window]} = {window.side}(calendar, periods, {text(dates[window.date])})")
    return [*found, *(f"_whole |= is_negative({text(term)})" for term in terms)]


def _results(spec: KernelSpec) -> list[str]:
    found = ["# results"]
    if spec.outputs:
        found.append(f"output_at = instance * outputs.shape[1] * {LANES} + lane")
    for number, name in enumerate(spec.outputs):
        # -0 + 0 is 0: whether a period was left out for all lanes must not show in what one of them hands back.
        found.append(f"store(output_rows, output_at + {number * LANES}, {_row(spec, name)} + 0.0)")
    count = len(spec.gathered_scalars)
    for number, name in enumerate(spec.gathered_scalars):
        row = f"gather_rows[instance * {count} + {number}] * TILES"
        found.append(f"add_row(scalar_rows, lane, {row}, {_row(spec, name)})")
    return found
