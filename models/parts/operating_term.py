"""Operating term of a private partner: when it operates, what operation and heavy maintenance are planned to cost."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    Input,
    absolute,
    check,
    final,
    larger_of,
    line,
    prev,
    smaller_of,
    total,
    where,
)

from .tax import Tax


class OperatingTerm(Tax):
    """Whole periods of operation, from the first that starts at or after taking-over.

    Heavy maintenance falls due at stated intervals. A provision for it grows in proportion to time, at prices of the
    period, so that it holds the whole cost when the works are done; nothing is set aside for works that would fall
    due after the term. Both operation and maintenance cost move with the operation overrun.
    """

    concession_term = Input("year", "Operating term of the concession, from taking-over")
    opex_rate = Input("1/year", "Operation and maintenance per year as a share of the cost of the works")
    opex_overrun = Input("1", "Overrun of operation and maintenance over plan")
    lifecycle_share = Input("1", "Heavy maintenance, each time, as a share of the cost of the works")
    lifecycle_interval = Input("year", "Time between heavy maintenance works; 0 if there are none")
    asset_life = Input("year", "Useful life of the asset")
    depreciation_lag = Input("year", "Start of depreciation after that of operation")

    @line("year")
    def contract_end(m) -> Expr:
        """End of the operating term."""
        return m.grace_end + m.concession_term

    # --- time
    @line("1")
    def in_operation(m) -> Expr:
        """Flag: the partner operates, and is paid for, the period."""
        return (m.period_start >= m.taking_over) * (prev(m.operated) < m.concession_term)

    @line("year")
    def operating_time(m) -> Expr:
        """Time in the period that is paid for."""
        return m.in_operation * m.year_fraction

    @line("year")
    def operated(m) -> Expr:
        """Time operated so far, end of period."""
        return prev(m.operated) + m.operating_time

    # --- operation and maintenance
    @line("bn KZT")
    def planned_opex(m) -> Expr:
        """Planned operation and maintenance.

        Rate times price of the works, with consumer prices.
        """
        return m.works_price * m.opex_rate * m.cost_index * m.operating_time

    @line("bn KZT")
    def opex(m) -> Expr:
        """Operation and maintenance."""
        return m.planned_opex * (1 + m.opex_overrun)

    @line("year")
    def lifecycle_clock(m) -> Expr:
        """Time operated since the last heavy maintenance, end of period.

        Before the works of that period.
        """
        return prev(m.lifecycle_clock) * (prev(m.lifecycle_clock) < m.lifecycle_interval) + m.operating_time

    @line("1")
    def lifecycle_accrued(m) -> Expr:
        """Share of the next heavy maintenance set aside by the end of the period.

        Before its works.
        Time since the last works / interval; 0 if the works fall due after the term.
        """
        within_term = m.lifecycle_interval - m.lifecycle_clock <= m.concession_term - m.operated
        return smaller_of(m.lifecycle_clock / m.lifecycle_interval, 1) * m.in_operation * within_term

    @line("1")
    def lifecycle_done(m) -> Expr:
        """Share of heavy maintenance done in the period: all of it when due."""
        return m.lifecycle_accrued * (m.lifecycle_clock >= m.lifecycle_interval)

    @line("bn KZT")
    def planned_lifecycle_cost(m) -> Expr:
        """Planned heavy maintenance, at prices of the period."""
        return m.lifecycle_price * m.lifecycle_done

    @line("bn KZT")
    def lifecycle_price(m) -> Expr:
        """Price of one heavy maintenance.

        Share of the price of the works, with consumer prices.
        """
        return m.works_price * m.lifecycle_share * m.cost_index

    @line("bn KZT")
    def maintenance_reserve(m) -> Expr:
        """Maintenance reserve account, end of period.

        The planned cost set aside, less works done.
        """
        return m.lifecycle_price * (m.lifecycle_accrued - m.lifecycle_done)

    @line("bn KZT")
    def lifecycle_cost(m) -> Expr:
        """Heavy maintenance.

        An overrun over the reserve is paid from the cash flow of the period.
        """
        return m.planned_lifecycle_cost * (1 + m.opex_overrun)

    @line("bn KZT")
    def planned_operation(m) -> Expr:
        """Planned operation and contribution to the maintenance reserve.

        The reserve spreads heavy maintenance over time.
        """
        contribution = m.planned_lifecycle_cost + m.maintenance_reserve - prev(m.maintenance_reserve)
        return m.planned_opex + contribution

    @line("bn KZT")
    def operating_cost(m) -> Expr:
        """Operation and heavy maintenance."""
        return m.opex + m.lifecycle_cost

    # --- depreciation
    @line("year")
    def depreciation_term(m) -> Expr:
        """Depreciation term: life of the asset, at most what the operating term leaves."""
        return smaller_of(m.asset_life, m.concession_term - m.depreciation_lag)

    @line("1")
    def depreciated_share(m) -> Expr:
        """Share of the cost depreciated so far, end of period; straight line."""
        return smaller_of(larger_of(m.operated - m.depreciation_lag, 0) / m.depreciation_term, 1)

    @line("bn KZT")
    def asset_cost(m) -> Expr:
        """Cost of the assets so far, before depreciation, end of period."""
        return prev(m.asset_cost) + m.capitalised_cost

    @line("bn KZT")
    def straight_line_depreciation(m) -> Expr:
        """Depreciation, straight line, of all that is capitalised."""
        return m.asset_cost * (m.depreciated_share - prev(m.depreciated_share))

    @line("bn KZT")
    def depreciation(m) -> Expr:
        """Depreciation, straight line; at the end of the depreciation term all that is left."""
        left = prev(m.book_value) + m.capitalised_cost
        return where(m.depreciated_share < 1, m.straight_line_depreciation, left)

    @check
    def depreciated_in_full(m) -> Expr:
        """Straight-line depreciation brings the book value to zero: the last period hides no write-off."""
        left = absolute(total(m.depreciation) - total(m.straight_line_depreciation)) + absolute(final(m.book_value))
        return left / total(m.capitalised_cost)
