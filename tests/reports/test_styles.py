"""A number is written as its unit is read."""

from __future__ import annotations

import pytest

from alatau_finance.reports.styles import COUNT, PERCENT, PLAIN, PROBABILITY, SMALL, number_format, simulated_format


@pytest.mark.parametrize(
    ("unit", "name", "label", "opens"),
    [
        ("bn KZT", "works", "Works", "#,##0.000;"),
        ("bn KZT_real", "cost", "Cost", "#,##0.000;"),
        ("bn KZT/year", "spending", "Spending", "#,##0.0;"),
        ("bn USD_real", "cost", "Cost", "#,##0.0000;"),
        ("bn KZT_real/person/year", "wage", "Wage", SMALL),
        ("1/year", "rate", "Rate", "0.00%;"),
        ("1/year**0.5", "usdkzt_volatility", "Volatility", PLAIN),
        ("year", "start", "Start", "0.00;"),
        ("person", "jobs", "Jobs", "#,##0;"),
        ("KZT/USD", "usdkzt", "Tenge per dollar", "#,##0.00;"),
        ("KZT/KZT_real", "price_index", "Index", "0.0000;"),
        ("1", "advance_share", "Advance", PERCENT),
        ("1", "exchange_rate_index", "Index", PLAIN),
        ("1", "minimum_dscr", "Cover ratio", PLAIN),
        ("1", "signing", "Flag: signed", COUNT),
        ("1", "published_costs_include_vat", "Published costs include VAT (1) or not (0)", COUNT),
    ],
)
def test_number_format(unit: str, name: str, label: str, opens: str) -> None:
    assert number_format(unit, name, label).startswith(opens)


def test_the_mean_of_a_flag_is_a_probability() -> None:
    assert simulated_format("1", "breach", "The ceiling is breached (1) or never (0)") == PROBABILITY
    assert simulated_format("1", "advance_share", "Advance") == PERCENT
