"""Repayment: when instalments fall due and what share of the debt each repays."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, check, final, larger_of, line, prev, total, where

from .construction import Construction


class Repayment(Construction):
    """Instalments at the ends of consecutive calendar periods, from the first period that starts after grace has ended.

    They are counted by a corkscrew of elapsed repayment time, so a delay moves all of them. Interest of a period is
    the annual rate times the length of the period (nominal annual rate, compounded every period). With a level
    annuity the profile of principal is fixed at the rate of the first instalment; interest follows the rate of each
    period. A balloon is a share of the debt left to the last instalment: with a level annuity the instalments before
    it are level, with a balloon of 1 they are interest alone.
    """

    repayment_term = Input("year", "Time over which the debt is repaid")
    level_annuity = Input("1", "Level annuity (1) or equal principal (0)")
    balloon_share = Input("1", "Share of the debt repaid with the last instalment on top of its part of the rest")

    @line("1")
    def period_interest(m) -> Expr:
        """Interest rate of the period: none, unless the contract says so."""
        return 0 * m.year_fraction

    @line("1")
    def in_repayment(m) -> Expr:
        """Flag: an instalment falls due at the end of the period."""
        return (m.period_start >= m.grace_end) * (prev(m.repayment_time) < m.repayment_term)

    @line("1")
    def before_repayment(m) -> Expr:
        """Flag: no instalment has fallen due yet."""
        return m.period_start < m.grace_end

    @line("year")
    def repayment_time(m) -> Expr:
        """Time repaid over so far, end of period."""
        return prev(m.repayment_time) + m.in_repayment * m.year_fraction

    @line("1")
    def first_instalment(m) -> Expr:
        """Flag: the first instalment falls due."""
        return m.in_repayment * (prev(m.repayment_time) <= 0)

    @line("1")
    def first_instalment_interest(m) -> Expr:
        """Interest rate of the period of the first instalment, in that period."""
        return m.first_instalment * m.period_interest

    @line("1")
    def instalment_count(m) -> Expr:
        """Number of instalments."""
        return total(m.in_repayment)

    @line("1")
    def annuity_interest(m) -> Expr:
        """Period interest rate at which the annuity is levelled: that of the first instalment."""
        return total(m.first_instalment_interest)

    @line("1")
    def principal_weight(m) -> Expr:
        """Principal of each instalment relative to the first.

        1 for equal principal; for a level annuity it grows by the annuity interest, as interest on the rest falls.
        """
        following = prev(m.principal_weight) * (1 + m.level_annuity * m.annuity_interest)
        return m.in_repayment * where(m.first_instalment, 1, following)

    @line("1")
    def principal_share(m) -> Expr:
        """Share of the debt repaid by the instalment of the period.

        Its part of what the balloon leaves, by weight; and the balloon with the last instalment.
        """
        last = m.in_repayment * (m.repayment_time >= m.repayment_term)
        return (1 - m.balloon_share) * m.principal_weight / total(m.principal_weight) + m.balloon_share * last

    @check
    def repaid_within_calendar(m) -> Expr:
        """All instalments fall due within the calendar."""
        return larger_of(m.repayment_term - final(m.repayment_time), 0) / m.repayment_term
