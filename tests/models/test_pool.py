"""The pool by budget year, its ledger of obligations, and every ceiling by budget level."""

from __future__ import annotations

import pytest

PAID = [4.0, 6.0, 5.0, 7.0, *[0.0] * 20]


def periods(*first: float) -> list[float]:
    """Twelve years of half-years, of which the first ones are given."""
    return [*first, *[0.0] * (24 - len(first))]


def payments(**changes):
    """Twelve years of half-years in which only the EPC+F pays, all of it from the oblast."""
    given = {
        "paid_all": PAID,
        "paid_epcf": PAID,
        "paid_oblast": PAID,
        "deferred_oblast": PAID,
        "planned_epcf": periods(10.0, 10.0),
        "published_pool": 20.0,
        "pv_paid_epcf": 22.0,
        "republican_spending": 1000.0,
        "regional_revenue": 1000.0,
        "city_budget": 10.0,
        "obligation_limit": 100.0,
        "affordability_share": 1.0,
        "oblast_payment_share": 1.0,
        "local_debt_service_cap": 1.0,
    }
    return {"periods_per_year": 2, **given, **changes}


def level(name: str, **changes):
    """The same payments, made by another budget."""
    return payments(paid_oblast=0.0, deferred_oblast=0.0, **{f"paid_{name}": PAID}, **changes)


# --- within the budget year


def test_payments_start_anew_every_budget_year(run):
    lines = run("pool", **payments())
    assert lines["payments_in_year"][:6] == pytest.approx((4, 10, 5, 12, 0, 0))
    assert lines["peak_year_payments"] == pytest.approx(12)


def test_share_linked_to_the_dollar_is_that_of_the_year(run):
    lines = run("pool", **payments(linked_payments=periods(1.0, 1.0)))
    assert lines["fx_linked_share_of_payments"][1] == pytest.approx(0.2)


# --- ceilings


def test_affordability_is_tested_at_the_end_of_the_budget_year(run):
    # 1.1 % of 1,000 a year: 10 fits in 2026, 12 does not in 2027.
    lines = run("pool", **payments(affordability_share=0.011))
    assert lines["affordability_ceiling"][1] == pytest.approx(11)
    assert lines["affordability_headroom"][1] == pytest.approx(1)
    assert lines["affordability_breach"][:4] == (0, 0, 0, 1)
    assert lines["breach_affordability"] == 1
    assert lines["largest_shortfall_affordability"] == pytest.approx(1)


def test_a_ceiling_that_is_met_is_not_breached(run):
    lines = run("pool", **payments(affordability_share=0.012))
    assert lines["breach_affordability"] == 0
    assert lines["largest_shortfall_affordability"] == 0


def test_headroom_below_zero_within_a_year_is_no_shortfall(run):
    # Of 12 a year 6 are allowed by June: in 2028 8 are paid by then, and nothing more by December.
    paid = periods(4.0, 6.0, 5.0, 7.0, 8.0, 0.0)
    same = {"paid_all": paid, "paid_epcf": paid, "paid_oblast": paid, "pv_paid_epcf": 30.0}
    lines = run("pool", **payments(**same, affordability_share=0.012))
    assert lines["affordability_headroom"][4:6] == pytest.approx((-2, 4))
    assert lines["breach_affordability"] == 0


@pytest.mark.parametrize(
    ("name", "ceiling", "changes"),
    [
        # 11 a year each: 10 paid in 2026 leave 1, 12 paid in 2027 miss it by 1.
        ("republican", "republican", {"republican_payment_share": 0.011}),
        ("oblast", "oblast", {"oblast_payment_share": 0.011}),
        ("city", "city_budget", {"city_budget": 11.0}),
        # The pool may use 25 % of targeted transfers, which are 40 % of 110 guaranteed.
        (
            "national_fund",
            "national_fund",
            {
                "guaranteed_transfer": 110.0,
                "targeted_transfer_cap": 0.4,
                "targeted_transfer_share": 0.25,
                "plan_growth_index": 1.0,
            },
        ),
    ],
)
def test_every_budget_has_its_own_ceiling(run, name, ceiling, changes):
    given = payments(**changes) if name == "oblast" else level(name, **changes)
    lines = run("pool", **given)
    assert lines[f"{ceiling}_ceiling"][:4] == pytest.approx((5.5, 11, 5.5, 11))
    assert lines[f"{ceiling}_headroom"][:4] == pytest.approx((1.5, 1, 0.5, -1))
    assert lines[f"{ceiling}_breach"][:5] == (0, 0, 0, 1, 0)
    assert lines[f"breach_{ceiling}"] == 1
    assert lines[f"largest_shortfall_{ceiling}"] == pytest.approx(1)
    # Nobody else's ceiling is touched, but that of all budgets together.
    others = {"republican", "oblast", "city_budget", "national_fund"} - {ceiling}
    assert {other: lines[f"breach_{other}"] for other in others} == dict.fromkeys(others, 0)
    assert lines["payments_in_year"][3] == pytest.approx(12)


def test_transfers_of_the_national_fund_grow_as_budgets_do(run):
    growth = [1.0] * 12 + [1.5] * 12
    lines = run(
        "pool",
        **payments(
            guaranteed_transfer=100.0,
            targeted_transfer_cap=0.3,
            targeted_transfer_share=0.5,
            plan_growth_index=growth,
        ),
    )
    assert lines["national_fund_ceiling"][1] == pytest.approx(15)
    assert lines["national_fund_ceiling"][13] == pytest.approx(22.5)


def test_local_payments_on_deferred_contracts_have_their_own_ceiling(run):
    lines = run("pool", **payments(local_debt_service_cap=0.01))
    assert lines["breach_local_debt_service"] == 1
    # 12 paid in 2027 against 1 % of 1,000.
    assert lines["largest_shortfall_local_debt_service"] == pytest.approx(2)
    assert lines["breach_city_budget"] == 0
    assert lines["breach_oblast"] == 0


# --- obligations


def ledger(kind: str = "epcf", **changes):
    """A contract of 60 signed at once and certified in halves; interest of 4, and 64 paid in two instalments of 32."""
    given = {
        f"signed_{kind}": periods(60.0),
        f"certified_{kind}": periods(40.0, 40.0),
        f"recognised_{kind}": periods(30.0, 30.0),
        f"accrued_{kind}": periods(0.0, 1.0, 3.0),
        f"due_{kind}": periods(0.0, 0.0, 32.0, 32.0),
        f"settled_{kind}": periods(0.0, 0.0, 32.0, 32.0),
        f"owed_{kind}": periods(30.0, 61.0, 32.0),
    }
    return payments(**{**given, **changes})


def test_commitments_become_obligations_as_works_are_certified(run):
    lines = run("pool", **ledger())
    assert lines["obligations_committed"][:3] == pytest.approx((30, 0, 0))
    assert lines["obligations_outstanding"][:4] == pytest.approx((30, 61, 32, 0))
    assert lines["peak_obligations"] == 61
    assert sum(lines["works_certified_deferred"]) == 80


def test_contract_types_have_one_ledger_each_and_one_together(run):
    both = ledger("epcf") | {key: value for key, value in ledger("concession").items() if key.endswith("_concession")}
    lines = run("pool", **both)
    assert lines["obligations_outstanding_epcf"] == lines["obligations_outstanding_concession"]
    for name in ("signed", "recognised", "accrued", "due", "settled"):
        assert sum(lines[f"obligations_{name}"]) == pytest.approx(2 * sum(ledger()[f"{name}_epcf"]))
    assert lines["peak_obligations"] == 122


@pytest.mark.parametrize(
    "changes",
    [
        {"settled_epcf": periods(0.0, 0.0, 32.0, 31.0)},  # paid less than the debt falls
        {"accrued_epcf": periods(0.0, 1.0, 4.0)},  # interest that the debt does not show
        {"recognised_epcf": periods(31.0, 29.0)},  # right in sum, wrong in each period
        {"owed_epcf": [30.0, 61.0, *[32.0] * 22], "settled_epcf": periods(0.0, 0.0, 32.0)},  # never paid
        {"owed_epcf": [1.0] * 24, "recognised_epcf": 0.0, "signed_epcf": 0.0, "accrued_epcf": 0.0, "settled_epcf": 0.0},
    ],
    ids=["settled", "accrued", "recognised", "left", "out of nothing"],
)
def test_a_ledger_that_does_not_close_fails_a_check(run, changes):
    with pytest.raises(AssertionError, match="obligation_ledger_closes"):
        run("pool", **ledger(**changes))


def test_works_signed_and_never_certified_fail_a_check(run):
    with pytest.raises(AssertionError, match="commitments_certified"):
        run("pool", **ledger(signed_epcf=periods(61.0)))


def test_the_limit_is_on_what_is_signed_less_what_is_paid(run):
    # Taken 60 in the first half-year of which 30 are certified, 61 with interest in the second, 32 in the third.
    lines = run("pool", **ledger(obligation_limit=60.5))
    assert lines["obligation_headroom"][:4] == pytest.approx((0.5, -0.5, 28.5, 60.5))
    assert lines["obligation_breach"][:4] == (0, 1, 0, 0)
    assert lines["breach_obligation_limit"] == 1
    assert lines["largest_shortfall_obligation_limit"] == pytest.approx(0.5)
    # A limit on certified works alone would hold in the first half-year at 30.
    assert run("pool", **ledger(obligation_limit=59.0))["obligation_breach"][:4] == (1, 1, 0, 0)


def test_contingent_liabilities_and_bonds_stand_beside_the_ledger(run):
    lines = run(
        "pool",
        **ledger(
            exposed_concession=periods(5.0, 9.0),
            guaranteed_concession=periods(0.0, 0.0, 2.0),
            bonds_outstanding=periods(3.0, 7.0, 1.0),
            unspent=periods(0.0, 4.0),
        ),
    )
    assert lines["peak_contingent_liabilities"] == 9
    assert sum(lines["guarantee_payments"]) == 2
    assert lines["peak_sovereign_debt"] == 7
    assert lines["unspent_appropriations"][1] == 4
    assert lines["peak_obligations"] == 61


# --- private money that does not come


def test_a_private_shortfall_is_told_by_year_as_taken_over_or_unfunded(run):
    lines = run("pool", **payments(unfunded_works=periods(0.0, 4.0, 1.0), takeover_works=periods(0.0, 0.0, 9.0, 3.0)))
    assert lines["unfunded_cost"][:4] == (0, 4, 1, 0)
    assert lines["works_taken_over"][:4] == (0, 0, 9, 3)
    assert lines["unfunded_share"] == pytest.approx(5 / 20)
    assert lines["total_works_taken_over"] == pytest.approx(12)


# --- whole life


def test_net_present_cost_adds_up_over_contract_types(run):
    lines = run("pool", **payments(net_cost_budget=50.0, net_cost_epcf=19.0, net_cost_concession=31.0))
    assert lines["net_present_cost"] == pytest.approx(100)
    assert lines["net_present_cost_epcf"] == 19


def test_taxes_of_the_portfolio_are_told_by_budget(run):
    taxed = {"taxed_republican": 6.0, "taxed_oblast": 1.0, "taxed_city": 3.0}
    lines = run("pool", **payments(taxed_portfolio=10.0, **taxed))
    assert lines["portfolio_taxes_city"][0] == 3
    assert lines["pv_taxes"] == pytest.approx(240)  # 10 in each of 24 periods, undiscounted here
    with pytest.raises(AssertionError, match="taxes_by_budget_add_up"):
        run("pool", **payments(taxed_portfolio=10.5, **taxed))


# --- checks


def test_cost_that_does_not_tie_fails_a_check(run):
    with pytest.raises(AssertionError, match="cost_ties_to_published"):
        run("pool", **payments(published_pool=21.0))


def test_modes_that_do_not_add_up_fail_a_check(run):
    with pytest.raises(AssertionError, match="modes_add_up"):
        run("pool", **payments(paid_budget=1.0))


def test_payments_that_no_contract_type_made_fail_a_check(run):
    with pytest.raises(AssertionError, match="modes_add_up"):
        run("pool", **payments(paid_all=0.0, paid_oblast=0.0, deferred_oblast=0.0, pv_paid_epcf=0.0))


def test_levels_that_do_not_add_up_fail_a_check(run):
    with pytest.raises(AssertionError, match="levels_add_up"):
        run("pool", **payments(paid_city=0.5))


def test_a_pool_of_nothing_holds(run):
    """No payments, no obligations, no portfolio; what is published is never nothing."""
    nothing = dict.fromkeys(("paid_all", "paid_epcf", "paid_oblast", "deferred_oblast", "pv_paid_epcf"), 0.0)
    lines = run("pool", **payments(**nothing, obligation_limit=0.0, city_budget=0.0))
    assert lines["breach_obligation_limit"] == 0
    assert lines["breach_city_budget"] == 0
