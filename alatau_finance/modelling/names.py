"""Names that generated code keeps for itself, so that a model's own names can stand in it as they are."""

from __future__ import annotations

from collections.abc import Iterable

#: What generated functions call themselves, their arguments, their counters and the functions they use.
_OF_CODE = (
    "given periods periods_per_year t i instance run range infinity kernel_function "
    "constants rows modes scalars series columns calendar gather_columns gather_rows export_columns exports outputs "
    "first_tile local work scratch marks lane tile TILE TILES flat further "
    "scalar_rows series_rows export_rows output_rows local_rows output_at active "
    "series_start series_step exports_start exports_step at here there "
    "lanes load store load_inputs load_previous load_next add_row take_series not_finite is_negative "
    "any_nonzero since until where within "
    "add_rows differ fill not_of_one_length settle sooner woken "
    "internal_rate internal_rates internal_rate_undefined first_lanes second_lanes "
    "divide power smaller_of larger_of exponential logarithm square_root absolute abs int"
)
#: What a model class has besides its declarations.
_OF_MODELS = "key declarations"

RESERVED = frozenset(f"{_OF_CODE} {_OF_MODELS}".split())


def taken(names: Iterable[str], generated: Iterable[str]) -> str:
    """The first of ``names`` that a model may not use, or an empty string.

    ``generated`` are names that generated code makes from those of the model, such as ``previous_balance``.
    """
    closed = RESERVED.union(generated)
    return next((name for name in names if name in closed or name.startswith("_")), "")
