"""The economy: one path of prices, rates, exchange rate and budgets that every contract of the run shares."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    Input,
    Model,
    Series,
    exp,
    larger_of,
    line,
    prev,
    sqrt,
    where,
)


class Economy(Model):
    """Economy: prices, interest rates, exchange rate, the budgets' own means and the ceilings they put on the pool.

    The expected path of each rate is an assumption by date; what is simulated is the deviation from it, which
    reverts to zero (Ornstein-Uhlenbeck, exactly discretised). Without shocks the path is the expected one.

    Conventions. Annual rates are effective: a rate of 10 % grows an index by 10 % over the periods of one year,
    however many there are. Price indices are levels at the middle of the period (geometric mean of its two ends),
    since works, wages and revenue flow through it. The exchange rate and the discount factor are those of the
    period's end, when instalments fall due. The base date is the start of the first period: every index starts from
    1 there.
    """

    key = "economy"

    one_year = Input("year", "One year: turns an annual rate into a growth factor")
    base_price_level = Input("KZT/KZT_real", "Price level at the base date")

    # --- inflation
    cpi_expected = Series("1/year", "Expected consumer price inflation, annual")
    cpi_shock = Series("1", "Shock to consumer price inflation, standard normal")
    cpi_reversion = Input("1/year", "Speed at which inflation returns to its expected path")
    cpi_volatility = Input("1/year**1.5", "Volatility of inflation")
    cpi_floor = Input("1/year", "Lowest inflation of a path")
    construction_premium = Input("1/year", "Construction price inflation above consumer price inflation")
    foreign_inflation = Input("1/year", "Inflation of imported equipment prices in dollars")

    @line("1/year")
    def cpi_deviation(m) -> Expr:
        """Deviation of inflation from its expected path.

        previous * exp(-reversion * dt) + volatility * sqrt((1 - exp(-2 * reversion * dt)) / (2 * reversion)) * shock
        """
        variance_time = (1 - exp(-(m.cpi_reversion + m.cpi_reversion) * m.year_fraction)) / (
            m.cpi_reversion + m.cpi_reversion
        )
        return (
            prev(m.cpi_deviation) * exp(-m.cpi_reversion * m.year_fraction)
            + m.cpi_volatility * sqrt(variance_time) * m.cpi_shock
        )

    @line("1/year")
    def cpi(m) -> Expr:
        """Consumer price inflation, annual effective.

        Expected path plus deviation, not below the floor.
        """
        return larger_of(m.cpi_expected + m.cpi_deviation, m.cpi_floor)

    @line("KZT/KZT_real", opening="base_price_level")
    def price_level(m) -> Expr:
        """Consumer price level, end of period."""
        return prev(m.price_level) * (1 + m.cpi * m.one_year) ** (m.year_fraction / m.one_year)

    @line("KZT/KZT_real")
    def price_index(m) -> Expr:
        """Consumer price index, middle of period.

        Geometric mean of the levels at the two ends of the period.
        """
        return sqrt(prev(m.price_level) * m.price_level)

    @line("KZT/KZT_real", opening="base_price_level")
    def construction_price_level(m) -> Expr:
        """Tenge construction price level, end of period.

        Grows with consumer prices plus the construction premium; never faster downwards than the inflation floor.
        """
        growth = 1 + larger_of(m.cpi + m.construction_premium, m.cpi_floor) * m.one_year
        return prev(m.construction_price_level) * growth ** (m.year_fraction / m.one_year)

    @line("KZT/KZT_real")
    def construction_price_index(m) -> Expr:
        """Tenge construction price index, middle of period."""
        return sqrt(prev(m.construction_price_level) * m.construction_price_level)

    # --- exchange rate
    usdkzt_spot = Input("KZT/USD", "Tenge per dollar at the base date")
    usdkzt_drift = Input("1/year", "Drift of the logarithm of tenge per dollar")
    usdkzt_volatility = Input("1/year**0.5", "Volatility of tenge per dollar")
    usdkzt_shock = Series("1", "Shock to tenge per dollar, standard normal")
    usdkzt_jump = Series("1", "Devaluation jump in the logarithm of tenge per dollar")

    @line("KZT/USD", opening="usdkzt_spot")
    def usdkzt(m) -> Expr:
        """Tenge per dollar, end of period.

        previous * exp(drift * dt + volatility * sqrt(dt) * shock + jump); the drift is that of the logarithm, jumps
        come on top.
        """
        change = (
            m.usdkzt_drift * m.year_fraction
            + m.usdkzt_volatility * sqrt(m.year_fraction) * m.usdkzt_shock
            + m.usdkzt_jump
        )
        return prev(m.usdkzt) * exp(change)

    @line("1", opening=1)
    def exchange_rate_index(m) -> Expr:
        """Tenge per dollar relative to the base date, end of period."""
        return m.usdkzt / m.usdkzt_spot

    @line("1", opening=1)
    def foreign_price_level(m) -> Expr:
        """Dollar price level of imported equipment, end of period."""
        return prev(m.foreign_price_level) * (1 + m.foreign_inflation * m.one_year) ** (m.year_fraction / m.one_year)

    @line("1")
    def foreign_price_index(m) -> Expr:
        """Dollar price index of imported equipment, middle of period."""
        return sqrt(prev(m.foreign_price_level) * m.foreign_price_level)

    @line("KZT/KZT_real")
    def imported_price_index(m) -> Expr:
        """Tenge price index of imported equipment, middle of period.

        Exchange rate (geometric mean of the period's two ends, relative to the base date) times the dollar price
        index.
        """
        exchange_rate = sqrt(prev(m.exchange_rate_index) * m.exchange_rate_index)
        return m.base_price_level * exchange_rate * m.foreign_price_index

    # --- interest rates
    policy_rate_expected = Series("1/year", "Expected base rate of the National Bank")
    policy_rate_shock = Series("1", "Shock to the base rate, standard normal")
    policy_rate_reversion = Input("1/year", "Speed at which the base rate returns to its expected path")
    policy_rate_volatility = Input("1/year**1.5", "Volatility of the base rate")
    interest_rate_floor = Input("1/year", "Lowest interest rate of a path")
    sovereign_yield_expected = Series("1/year", "Expected yield of tenge government bonds")
    sovereign_yield_pass_through = Input("1", "Share of a base rate deviation that reaches government bond yields")
    sofr_expected = Series("1/year", "Expected dollar reference rate (SOFR)")
    sofr_shock = Series("1", "Shock to the dollar reference rate, standard normal")
    sofr_reversion = Input("1/year", "Speed at which the dollar reference rate returns to its expected path")
    sofr_volatility = Input("1/year**1.5", "Volatility of the dollar reference rate")

    @line("1/year")
    def policy_rate_deviation(m) -> Expr:
        """Deviation of the base rate from its expected path; same equation as for inflation."""
        variance_time = (1 - exp(-(m.policy_rate_reversion + m.policy_rate_reversion) * m.year_fraction)) / (
            m.policy_rate_reversion + m.policy_rate_reversion
        )
        return (
            prev(m.policy_rate_deviation) * exp(-m.policy_rate_reversion * m.year_fraction)
            + m.policy_rate_volatility * sqrt(variance_time) * m.policy_rate_shock
        )

    @line("1/year")
    def policy_rate(m) -> Expr:
        """Base rate of the National Bank, annual, not below the floor."""
        return larger_of(m.policy_rate_expected + m.policy_rate_deviation, m.interest_rate_floor)

    @line("1/year")
    def sovereign_yield(m) -> Expr:
        """Yield of tenge government bonds for the period, annual effective.

        Expected path plus the passed-through part of the base rate's deviation, not below the floor.
        """
        deviation = m.sovereign_yield_pass_through * m.policy_rate_deviation
        return larger_of(m.sovereign_yield_expected + deviation, m.interest_rate_floor)

    @line("1/year")
    def sofr_deviation(m) -> Expr:
        """Deviation of the dollar reference rate from its expected path; same equation as for inflation."""
        variance_time = (1 - exp(-(m.sofr_reversion + m.sofr_reversion) * m.year_fraction)) / (
            m.sofr_reversion + m.sofr_reversion
        )
        return (
            prev(m.sofr_deviation) * exp(-m.sofr_reversion * m.year_fraction)
            + m.sofr_volatility * sqrt(variance_time) * m.sofr_shock
        )

    @line("1/year")
    def sofr(m) -> Expr:
        """Dollar reference rate (SOFR), annual, not below the floor."""
        return larger_of(m.sofr_expected + m.sofr_deviation, m.interest_rate_floor)

    @line("1", opening=1)
    def discount_factor(m) -> Expr:
        """Present value at the base date of one tenge paid at the end of the period.

        previous / (1 + government bond yield of the period) ^ (period length in years)
        """
        return prev(m.discount_factor) / (1 + m.sovereign_yield * m.one_year) ** (m.year_fraction / m.one_year)

    # --- budgets and ceilings
    real_growth = Input("1/year", "Real growth of the economy")
    fiscal_plan_end = Input("year", "Date at which the published budget plan ends")
    republican_spending_plan = Series("bn KZT/year", "Planned spending of the republican budget")
    regional_revenue_plan = Series("bn KZT/year", "Planned revenue of all regional budgets")
    oblast_revenue_share = Input("1", "Share of Almaty oblast in the revenue of all regional budgets")
    city_budget_plan = Input("bn KZT/year", "Budget of the city of Alatau in the year before the base date")
    national_obligation_limit = Input(
        "bn KZT", "National limit of public-private partnership obligations at the base date"
    )
    national_obligations = Input("bn KZT", "National public-private partnership obligations already taken")
    obligation_limit_share = Input("1", "Share of the free national obligation limit that Alatau may use")

    @line("1")
    def budget_growth(m) -> Expr:
        """Growth factor of a budget from the year before to the year of the period.

        Inflation times real growth, so that budgets keep their share of a growing economy; at the rate of the
        year's first period.
        """
        growth = (1 + m.cpi * m.one_year) * (1 + m.real_growth * m.one_year)
        return where(m.first_period_of_year, growth, 1)

    @line("1", opening=1)
    def budget_growth_index(m) -> Expr:
        """Growth of budgets since the year before the first."""
        return prev(m.budget_growth_index) * m.budget_growth

    @line("1", opening=1)
    def plan_growth_index(m) -> Expr:
        """Growth of budgets since the last year of the published plan."""
        return prev(m.plan_growth_index) * where(m.period_start >= m.fiscal_plan_end, m.budget_growth, 1)

    @line("bn KZT/year")
    def republican_spending(m) -> Expr:
        """Spending of the republican budget, annual rate.

        The published plan; after it, the last planned year grows with inflation and real growth.
        """
        return m.republican_spending_plan * m.plan_growth_index

    @line("bn KZT/year")
    def regional_revenue(m) -> Expr:
        """Revenue of Almaty oblast, annual rate.

        Its share of the planned revenue of all regions; after the plan it grows with inflation and real growth.
        """
        return m.regional_revenue_plan * m.oblast_revenue_share * m.plan_growth_index

    @line("bn KZT/year")
    def city_budget(m) -> Expr:
        """Budget of the city of Alatau, annual rate.

        That of the year before the first, grown with inflation and real growth.
        """
        return m.city_budget_plan * m.budget_growth_index

    @line("bn KZT")
    def obligation_limit(m) -> Expr:
        """Highest obligations outstanding that the pool may reach.

        Alatau's share of the free national limit (limit less obligations taken); after the budget plan it grows with
        inflation and real growth.
        """
        return m.obligation_limit_share * (m.national_obligation_limit - m.national_obligations) * m.plan_growth_index
