"""The pool: all contracts of a path together, by budget year, against the ceilings."""

from __future__ import annotations

from .parts.pool_assets import PoolAssets
from .parts.pool_capital_expenditure import PoolCapitalExpenditure
from .parts.pool_ceilings import PoolCeilings
from .parts.pool_local_ceilings import PoolLocalCeilings
from .parts.pool_planned_cost import PoolPlannedCost
from .parts.pool_portfolio import PoolPortfolio
from .parts.pool_present_value import PoolPresentValue
from .parts.pool_private_shortfall import PoolPrivateShortfall


class Pool(
    PoolPortfolio,
    PoolAssets,
    PoolPrivateShortfall,
    PoolLocalCeilings,
    PoolCeilings,
    PoolPresentValue,
    PoolCapitalExpenditure,
    PoolPlannedCost,
):
    """Pool: all infrastructure contracts together, and the private portfolio beside them.

    Amounts are per period and reported by budget year. A ceiling on payments is tested at the end of each budget
    year: payments since 1 January against the ceiling of the same year; obligations taken against their limit at
    every period's end. Payments are gross, VAT included, although VAT returns to the republican budget.
    """

    key = "pool"
