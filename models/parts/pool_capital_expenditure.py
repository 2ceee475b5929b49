"""Capital expenditure of the pool by contract type."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Gather, Model, line, metric, total

from .pool_scope import INFRASTRUCTURE


class PoolCapitalExpenditure(Model):
    """Works delivered, nominal and without VAT; under EPC+F at the contract price."""

    works_budget = Gather(
        "bn KZT", "Works under budget procurement", line="capex", contracts=("budget",), group=INFRASTRUCTURE
    )
    works_epcf = Gather("bn KZT", "Works under EPC+F", line="capex", contracts=("epcf",), group=INFRASTRUCTURE)
    works_concession = Gather(
        "bn KZT", "Works under concessions", line="capex", contracts=("concession",), group=INFRASTRUCTURE
    )
    works_private = Gather(
        "bn KZT", "Works of private investment", line="capex", contracts=("investment",), group=INFRASTRUCTURE
    )

    @line("bn KZT", yearly="sum")
    def capex_budget(m) -> Expr:
        """Capital expenditure under budget procurement, nominal, excluding VAT."""
        return m.works_budget

    @line("bn KZT", yearly="sum")
    def capex_epcf(m) -> Expr:
        """Capital expenditure under EPC+F, nominal, excluding VAT, at the contract price."""
        return m.works_epcf

    @line("bn KZT", yearly="sum")
    def capex_concession(m) -> Expr:
        """Capital expenditure under concessions, nominal, excluding VAT."""
        return m.works_concession

    @line("bn KZT", yearly="sum")
    def capex_private(m) -> Expr:
        """Capital expenditure of private investment in infrastructure, nominal, excluding VAT."""
        return m.works_private

    @line("bn KZT", yearly="sum")
    def capex_total(m) -> Expr:
        """Capital expenditure of the pool, nominal, excluding VAT."""
        return m.capex_budget + m.capex_epcf + m.capex_concession + m.capex_private

    @metric("bn KZT")
    def total_capex(m) -> Expr:
        """Capital expenditure of the pool over life, nominal, excluding VAT."""
        return total(m.capex_total)
