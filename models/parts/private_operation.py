"""Private operation: what a private project builds, in one phase or two, earns and employs."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, Series, larger_of, line, smaller_of, where

from .assets_in_service import AssetsInService
from .s_curve import s_curve


class PrivateOperation(AssetsInService):
    """A private project from its first works to the end of the operation counted.

    Phases are equal in construction time; the second starts a stated time after the first and carries a stated share
    of works, revenue and jobs. Each ramps up from its own taking-over. Operation is counted from the taking-over of
    the last phase for the stated years, that of the first phase before it included.
    """

    private_mobilisation = Input("1", "Private money mobilised relative to plan")
    second_phase_share = Input("1", "Share of the project built in a second phase")
    second_phase_delay = Input("year", "Start of the second phase after the first")
    revenue_to_capex = Input("1/year", "Revenue per year as a share of the cost of the works")
    operating_margin = Input("1", "Operating profit before depreciation as a share of revenue")
    demand_factor = Input("1", "Demand relative to plan")
    ramp_up_years = Input("year", "Time from taking-over to full capacity")
    operation_term = Input("year", "Years of operation counted")
    jobs = Input("person", "Permanent jobs at full capacity")
    wage_per_job = Input("bn KZT_real/person/year", "Wage per job and year, base-date prices")
    works_per_builder = Input("bn KZT_real/person/year", "Works built by one worker in a year, base-date prices")
    usdkzt = Series("KZT/USD", "Tenge per dollar, end of period")

    # --- phases of the project
    @line("year")
    def works_end(m) -> Expr:
        """Taking-over of the last phase."""
        return m.taking_over + where(m.second_phase_share > 0, m.second_phase_delay, 0)

    @line("year")
    def contract_end(m) -> Expr:
        """End of the operation counted."""
        return m.works_end + m.operation_term

    @line("1")
    def first_phase_elapsed(m) -> Expr:
        """Share of the construction time of the first phase that has elapsed, end of period."""
        return smaller_of(larger_of((m.period_end - m.construction_start) / m.construction_duration, 0), 1)

    @line("1")
    def second_phase_elapsed(m) -> Expr:
        """Share of the construction time of the second phase that has elapsed, end of period."""
        start = m.construction_start + m.second_phase_delay
        return smaller_of(larger_of((m.period_end - start) / m.construction_duration, 0), 1)

    @line("1")
    def progress(m) -> Expr:
        """Share of the works of both phases complete, end of period; each follows the S-curve."""
        first = (1 - m.second_phase_share) * s_curve(m, m.first_phase_elapsed)
        return first + m.second_phase_share * s_curve(m, m.second_phase_elapsed)

    # --- works
    @line("1")
    def mobilised(m) -> Expr:
        """Part of the planned private money that comes; at most all of it."""
        return smaller_of(m.private_mobilisation, 1)

    @line("1")
    def share_in_service(m) -> Expr:
        """Share of the project in service, end of period: each phase from its own taking-over, as far as mobilised."""
        first = (1 - m.second_phase_share) * (m.period_end >= m.taking_over)
        built = first + m.second_phase_share * (m.period_end >= m.works_end)
        return m.financing_share * m.mobilised * built

    @line("bn KZT_real")
    def works_price(m) -> Expr:
        """Works paid with private money at base-date prices, excluding VAT, before overruns."""
        return m.base_cost * m.financing_share * m.mobilised

    @line("bn USD")
    def capex_dollars(m) -> Expr:
        """Capital expenditure in dollars at the rate of the period's end, excluding VAT."""
        return m.capex / m.usdkzt

    @line("person")
    def construction_employment(m) -> Expr:
        """Jobs in construction, on average over the period."""
        built = m.works_price * (1 + m.cost_overrun) * m.progress_increment
        return built / m.year_fraction / m.works_per_builder

    # --- operation
    @line("year")
    def operating_time(m) -> Expr:
        """Time operated in the period."""
        return m.phase_operation * m.year_fraction

    @line("year")
    def second_operating_time(m) -> Expr:
        """Time the second phase is operated in the period."""
        end = smaller_of(m.period_end, m.contract_end)
        return larger_of(end - larger_of(m.period_start, m.works_end), 0)

    @line("1")
    def ramp_up(m) -> Expr:
        """Share of full capacity that the first phase has reached, end of period."""
        return ramp_up_after(m, m.taking_over)

    @line("1")
    def second_ramp_up(m) -> Expr:
        """Share of full capacity that the second phase has reached, end of period."""
        return ramp_up_after(m, m.works_end)

    @line("year")
    def capacity_operated(m) -> Expr:
        """Time operated in the period, in terms of the full capacity of both phases."""
        first = (1 - m.second_phase_share) * m.ramp_up * m.operating_time
        return first + m.second_phase_share * m.second_ramp_up * m.second_operating_time

    @line("bn KZT")
    def revenue(m) -> Expr:
        """Revenue, excluding VAT."""
        return m.works_price * m.revenue_to_capex * m.capacity_operated * m.demand_factor * m.cost_index

    @line("person")
    def employment(m) -> Expr:
        """Permanent jobs."""
        return m.jobs * m.mobilised * m.capacity_operated / m.year_fraction

    @line("bn KZT")
    def wages(m) -> Expr:
        """Wages, before tax."""
        return m.employment * m.year_fraction * m.wage_per_job * m.price_index

    @line("bn KZT")
    def operating_profit(m) -> Expr:
        """Operating profit before depreciation, property and land tax."""
        return m.revenue * m.operating_margin


def ramp_up_after(m: PrivateOperation, completion: Expr) -> Expr:
    """Share of full capacity reached at the end of the period, linear from ``completion``."""
    reached = where(m.ramp_up_years > 0, (m.period_end - completion) / m.ramp_up_years, 1)
    return smaller_of(larger_of(reached, 0), 1)
