"""Construction: when the works are built, what they cost, and the phases of a contract."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    Input,
    Model,
    Series,
    absolute,
    check,
    larger_of,
    line,
    maximum,
    minimum,
    prev,
    smaller_of,
    total,
)


class Construction(Model):
    """Published cost -> S-curve over the slipped schedule -> overrun -> prices -> capital expenditure, excluding VAT.

    Works of a period are delivered and certified at its end, at the prices of its middle. ``works_price``, ``capex``,
    ``grace_end`` and ``contract_end`` are the ordinary case; a contract that differs says so in a line of the same
    name.
    """

    cost = Input("bn KZT", "Cost of the project as published")
    financing_share = Input("1", "Share of the project under this contract type")
    published_costs_include_vat = Input("1", "Published costs include VAT (1) or not (0)")
    vat_rate = Input("1", "Value-added tax rate")
    prices_are_real = Input("1", "Published costs are in base-date prices (1) or already nominal (0)")
    foreign_share = Input("1", "Share of the cost that is imported")
    cost_overrun = Input("1", "Cost overrun relative to the published cost")
    start = Input("year", "Planned start of construction")
    start_delay = Input("year", "Delay of the start of construction")
    duration = Input("year", "Planned duration of construction")
    schedule_slip = Input("1", "Schedule slip relative to the planned duration")
    s_curve_quadratic = Input("1", "S-curve: coefficient of the square of elapsed time")
    s_curve_cubic = Input("1", "S-curve: coefficient of the cube of elapsed time")
    s_curve_quartic = Input("1", "S-curve: coefficient of the fourth power of elapsed time")

    construction_price_index = Series("KZT/KZT_real", "Tenge construction price index, middle of period")
    imported_price_index = Series("KZT/KZT_real", "Tenge price index of imported equipment, middle of period")
    price_index = Series("KZT/KZT_real", "Consumer price index, middle of period")
    base_price_level = Input("KZT/KZT_real", "Price level at the base date")

    # --- dates
    @line("year")
    def construction_start(m) -> Expr:
        """Start of construction: signing becomes effective and the advance is paid."""
        return m.start + m.start_delay

    @line("year")
    def construction_duration(m) -> Expr:
        """Duration of construction: the planned one stretched by the schedule slip."""
        return m.duration * (1 + m.schedule_slip)

    @line("year")
    def taking_over(m) -> Expr:
        """Taking-over: the works are complete."""
        return m.construction_start + m.construction_duration

    @line("year")
    def grace_end(m) -> Expr:
        """End of the grace period; none, so it is taking-over."""
        return m.taking_over

    @line("year")
    def contract_end(m) -> Expr:
        """End of the contract; it ends with taking-over."""
        return m.grace_end

    @line("1")
    def signing(m) -> Expr:
        """Flag: the period in which construction starts."""
        return (m.period_start <= m.construction_start) * (m.construction_start < m.period_end)

    @line("1")
    def completion(m) -> Expr:
        """Flag: the period in which the works are taken over."""
        return (m.period_start < m.taking_over) * (m.taking_over <= m.period_end)

    # --- phases
    @line("1")
    def phase_before(m) -> Expr:
        """Phase: share of the period before construction starts."""
        return larger_of(smaller_of(m.period_end, m.construction_start) - m.period_start, 0) / m.year_fraction

    @line("1")
    def phase_construction(m) -> Expr:
        """Phase: share of the period under construction."""
        end = smaller_of(m.period_end, m.taking_over)
        return larger_of(end - larger_of(m.period_start, m.construction_start), 0) / m.year_fraction

    @line("1")
    def phase_grace(m) -> Expr:
        """Phase: share of the period between taking-over and the end of grace."""
        end = smaller_of(m.period_end, m.grace_end)
        return larger_of(end - larger_of(m.period_start, m.taking_over), 0) / m.year_fraction

    @line("1")
    def phase_operation(m) -> Expr:
        """Phase: share of the period in operation or repayment."""
        end = smaller_of(m.period_end, m.contract_end)
        return larger_of(end - larger_of(m.period_start, m.grace_end), 0) / m.year_fraction

    @line("1")
    def phase_after(m) -> Expr:
        """Phase: share of the period after the contract has ended."""
        return larger_of(m.period_end - larger_of(m.period_start, m.contract_end), 0) / m.year_fraction

    @line("1")
    def phase_sum(m) -> Expr:
        """Sum of the phase shares of the period; 1 in every period."""
        return m.phase_before + m.phase_construction + m.phase_grace + m.phase_operation + m.phase_after

    @check
    def phases_sum_to_one(m) -> Expr:
        """The phases of every period sum to 1."""
        return larger_of(absolute(maximum(m.phase_sum) - 1), absolute(minimum(m.phase_sum) - 1))

    # --- progress
    @line("1")
    def progress(m) -> Expr:
        """Share of the works complete, end of period.

        S(x) = x^2 * (c2 + x * (c3 + x * c4)) with x the elapsed share of the construction time; c2 + c3 + c4 = 1.
        """
        elapsed = smaller_of(larger_of((m.period_end - m.construction_start) / m.construction_duration, 0), 1)
        inner = m.s_curve_cubic + elapsed * m.s_curve_quartic
        return elapsed * elapsed * (m.s_curve_quadratic + elapsed * inner)

    @line("1")
    def progress_increment(m) -> Expr:
        """Share of the works completed in the period."""
        return m.progress - prev(m.progress)

    @check
    def works_complete(m) -> Expr:
        """The S-curve sums to 1: all works are built within the calendar."""
        return absolute(total(m.progress_increment) - 1)

    @check
    def signed_once(m) -> Expr:
        """Construction starts within the calendar, once."""
        return absolute(total(m.signing) - 1)

    # --- prices and capital expenditure
    @line("KZT/KZT_real")
    def escalation(m) -> Expr:
        """Price index of the works, middle of period.

        Tenge share with construction prices, imported share with the exchange rate and dollar prices; constant
        where the published cost is already nominal.
        """
        domestic = (1 - m.foreign_share) * m.construction_price_index
        index = domestic + m.foreign_share * m.imported_price_index
        return m.base_price_level + m.prices_are_real * (index - m.base_price_level)

    @line("KZT/KZT_real")
    def signing_price_index(m) -> Expr:
        """Consumer price index in the period of signing; 0 in every other."""
        return m.signing * m.price_index

    @line("KZT/KZT_real")
    def cost_index(m) -> Expr:
        """Consumer price index since the date whose prices the published cost is in, middle of period.

        Moves what is a share of the cost (operation, revenue): since the base date, or since signing where the cost
        is already nominal.
        """
        start = m.prices_are_real * m.base_price_level + (1 - m.prices_are_real) * total(m.signing_price_index)
        return m.price_index * m.base_price_level / start

    @line("bn KZT_real")
    def base_cost(m) -> Expr:
        """Cost of the whole project at base-date prices, excluding VAT."""
        return m.cost / m.base_price_level / (1 + m.published_costs_include_vat * m.vat_rate)

    @line("bn KZT")
    def planned_works(m) -> Expr:
        """Published cost under this contract type, spread over the construction period.

        As published (its prices, with or without VAT), no overrun: what ties to the published pool.
        """
        return m.cost * m.financing_share * m.progress_increment

    @line("bn KZT_real")
    def works_price(m) -> Expr:
        """Price of the works at base-date prices, excluding VAT, before overruns."""
        return m.base_cost * m.financing_share

    @line("bn KZT")
    def capex(m) -> Expr:
        """Capital expenditure, excluding VAT: works delivered in the period at their price."""
        return m.works_price * (1 + m.cost_overrun) * m.progress_increment * m.escalation
