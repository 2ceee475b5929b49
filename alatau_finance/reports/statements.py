"""Which lines of each contract type make a statement, in the order in which a financier reads them.

A row is a line of the model; a statement that adds up names the line it adds up to, and the workbook says by how much
its rows miss it. A contract type that is not known here shows what the state pays and its measures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from alatau_finance.i18n import message
from alatau_finance.modelling.plan import Plan

#: How a budget year is made of its periods: added up, the last one, the change over the year, the last one of the year
#: before.
Taken = Literal["sum", "end", "change", "opening"]


@dataclass(frozen=True)
class Item:
    """A line of the model, its ``sign`` in the statement; ``flag`` names a 0/1 line of the periods that count."""

    line: str
    taken: Taken = "sum"
    sign: int = 1
    flag: str = ""


@dataclass(frozen=True)
class Statement:
    """Rows under a title. ``total`` is the line they add up to; None where they only stand together."""

    title: str
    items: tuple[Item, ...]
    total: Item | None = None
    metrics: tuple[str, ...] = ()


def _plus(*lines: str) -> tuple[Item, ...]:
    return tuple(Item(line) for line in lines)


def _less(*lines: str) -> tuple[Item, ...]:
    return tuple(Item(line, sign=-1) for line in lines)


def _end(*lines: str) -> tuple[Item, ...]:
    return tuple(Item(line, "end") for line in lines)


def _account(title: str, balance: str, *movements: Item) -> Statement:
    """Opening balance, what comes in and goes out, closing balance."""
    return Statement(title, (Item(balance, "opening"), *movements), Item(balance, "end"))


_LEVELS = ("republican", "oblast", "city", "national_fund")
_STATE_METRICS = ("total_state_payments", "pv_state_payments", "net_present_cost")
_PAYMENTS = Statement(
    message("The state: payments by budget level"),
    _plus(*(f"state_payment_{level}" for level in _LEVELS)),
    Item("state_payment"),
    _STATE_METRICS,
)
_OBLIGATION = _account(
    message("The state: obligation, opening to closing"),
    "obligation_outstanding",
    *_plus("obligation_recognised", "obligation_accrued"),
    *_less("obligation_settled"),
)

STATEMENTS: Mapping[str, tuple[Statement, ...]] = {
    "concession": (
        Statement(
            message("Income statement"),
            (
                *_plus("availability_payment", "user_revenue", "guarantee_payment"),
                *_less("operating_cost", "property_tax", "depreciation", "interest"),
                Item("shareholder_interest", sign=-1, flag="in_operation"),
                *_plus("interest_income"),
                *_less("corporate_income_tax"),
            ),
            Item("net_income"),
        ),
        Statement(
            message("Cash flow from operation"),
            (
                *_plus("ebitda", "interest_income"),
                *_less("corporate_income_tax"),
                Item("receivables", "change", -1),
            ),
            Item("operating_cash_flow"),
        ),
        Statement(
            message("Cash flow from investing"),
            (*_less("project_cost"), *_plus("capital_grant")),
            Item("investing_cash_flow"),
        ),
        Statement(
            message("Cash flow from financing"),
            (
                *_plus("drawing", "shareholder_funding", "sponsor_support"),
                *_less("interest_during_construction", "financing_fees", "debt_service", "cash_sweep", "distributions"),
            ),
            Item("financing_cash_flow"),
        ),
        _account(
            message("Cash, opening to closing"),
            "cash",
            *_plus("operating_cash_flow", "investing_cash_flow", "financing_cash_flow"),
        ),
        Statement(
            message("Balance sheet: assets"),
            _end("book_value", "receivables", "cash"),
            Item("total_assets", "end"),
        ),
        Statement(
            message("Balance sheet: liabilities and equity"),
            _end("debt", "shareholder_loan", "paid_in_equity", "retained_earnings"),
            Item("total_assets", "end"),
        ),
        Statement(
            message("Uses of funds"),
            _plus("project_cost", "interest_during_construction", "financing_fees", "initial_reserve"),
            Item("uses_of_funds"),
        ),
        Statement(
            message("Sources of funds"),
            _plus("drawing", "capital_grant", "shareholder_loan_drawing", "equity_injection"),
            Item("uses_of_funds"),
        ),
        Statement(
            message("Ratios and returns"),
            (*_plus("cfads", "debt_service"), *_end("dscr", "llcr", "plcr")),
            metrics=(
                *("minimum_dscr", "average_dscr", "lowest_llcr", "initial_plcr", "project_irr", "equity_irr"),
                *("equity_npv", "equity_multiple", "payback", "total_sponsor_support"),
            ),
        ),
        _PAYMENTS,
        _OBLIGATION,
        Statement(
            message("The state: if the contract ends early"),
            _end("termination_partner_default", "termination_force_majeure", "termination_authority_default"),
        ),
    ),
    "epcf": (
        _PAYMENTS,
        Statement(
            message("The state: what the payments are for"),
            _plus("works_received", "works_payment", "operation_cost", "fx_linked_payment", "taxes_returned"),
            metrics=("pv_works", "financing_premium", "payments_to_price", "effective_rate"),
        ),
        _OBLIGATION,
        _account(
            message("Credit in contract tenge, opening to closing"),
            "balance",
            *_plus("drawn", "capitalised_interest"),
            *_less("principal"),
        ),
        Statement(
            message("The contractor: what the state pays"),
            (*_plus("cash_for_works", "debt_service", "fees", "late_payment_penalty"), *_less("liquidated_damages")),
            Item("contract_payment"),
        ),
        Statement(
            message("The contractor: cost, funding and return"),
            (
                *_less("contractor_cost"),
                *_plus("contractor_cash", "contractor_funding_need"),
                *_end("contractor_funding"),
            ),
            metrics=("contractor_peak_funding", "contractor_npv", "contractor_irr", "contractor_margin"),
        ),
    ),
    "budget": (
        _account(
            message("Appropriations for the works, carried over to carried over"),
            "carried_over",
            *_plus("appropriation", "supplementary_appropriation"),
            *_less("works_payment", "lapsed"),
        ),
        Statement(
            message("Appropriations for the works by budget level"),
            _plus(*(f"appropriation_{level}" for level in _LEVELS)),
            metrics=("total_supplementary_appropriation",),
        ),
        _PAYMENTS,
        Statement(
            message("The state: what the payments are for"),
            _plus("capex", "works_payment", "operation_cost", "sovereign_debt_service", "taxes_returned"),
        ),
        _account(
            message("Government bonds, opening to closing"),
            "sovereign_debt_outstanding",
            *_plus("sovereign_debt_drawn"),
            *_less("sovereign_debt_principal"),
        ),
        Statement(
            message("Public-sector comparator"),
            (),
            metrics=(
                *("psc_raw", "psc_financing", "psc_retained_risk", "psc_transferable_risk"),
                *("psc_competitive_neutrality", "public_sector_comparator"),
            ),
        ),
    ),
    "investment": (
        Statement(
            message("Income statement"),
            (*_plus("operating_profit"), *_less("depreciation", "property_tax", "land_tax")),
            Item("profit_before_tax"),
        ),
        Statement(
            message("Cash flow"),
            (
                *_plus("operating_profit"),
                *_less("capex", "corporate_income_tax", "property_tax", "land_tax"),
                Item("vat_credit", "change", -1),
            ),
            Item("free_cash_flow"),
            ("project_irr", "total_capex"),
        ),
        Statement(
            message("Taxes by budget"),
            _plus("taxes_republican", "taxes_oblast", "taxes_city"),
            Item("taxes_paid"),
            ("pv_taxes",),
        ),
        Statement(message("Operation"), (*_plus("revenue", "wages"), *_end("employment"))),
    ),
}


def statements_of(plan: Plan) -> tuple[Statement, ...]:
    """The statements of a contract type; one of payments and measures where none are known."""
    if plan.key in STATEMENTS:
        return STATEMENTS[plan.key]
    paid = tuple(Item(name) for name in ("state_payment",) if name in plan.lines)
    return (Statement(message("Payments and measures"), paid, metrics=tuple(plan.of_kind("metric"))),)


def lines_of(statements: Iterable[Statement]) -> set[str]:
    """Every line that statements name."""
    named = set()
    for statement in statements:
        items = (*statement.items, *((statement.total,) if statement.total else ()))
        named |= {item.line for item in items} | {item.flag for item in items if item.flag} | set(statement.metrics)
    return named
