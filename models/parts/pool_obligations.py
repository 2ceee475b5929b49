"""What the state owes for the pool: the ledger of deferred contracts, government bonds, contingent liabilities."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    Gather,
    Model,
    absolute,
    check,
    final,
    larger_of,
    line,
    maximum,
    metric,
    prev,
    total,
)

from .pool_scope import INFRASTRUCTURE


def _of(label: str, name: str, contract: str) -> Gather:
    return Gather("bn KZT", label, line=name, contracts=(contract,), group=INFRASTRUCTURE)


class PoolObligations(Model):
    """Ledger of obligations under EPC+F and concessions, by contract type and together.

    closing = opening + recognised as works are certified + accrued - settled

    What is signed and not yet certified is a commitment, not yet an obligation. Contingent liabilities would take the
    place of obligations outstanding, so the two are never added.
    """

    signed_epcf = _of("Obligations signed, EPC+F", "obligation_signed", "epcf")
    signed_concession = _of("Obligations signed, concessions", "obligation_signed", "concession")
    certified_epcf = _of("Works certified, EPC+F", "works_certified", "epcf")
    certified_concession = _of("Works certified, concessions", "works_certified", "concession")
    recognised_epcf = _of("Obligations recognised, EPC+F", "obligation_recognised", "epcf")
    recognised_concession = _of("Obligations recognised, concessions", "obligation_recognised", "concession")
    accrued_epcf = _of("Obligations accrued, EPC+F", "obligation_accrued", "epcf")
    accrued_concession = _of("Obligations accrued, concessions", "obligation_accrued", "concession")
    due_epcf = _of("Obligations due, EPC+F", "obligation_due", "epcf")
    due_concession = _of("Obligations due, concessions", "obligation_due", "concession")
    settled_epcf = _of("Obligations settled, EPC+F", "obligation_settled", "epcf")
    settled_concession = _of("Obligations settled, concessions", "obligation_settled", "concession")
    owed_epcf = _of("Obligations outstanding, EPC+F", "obligation_outstanding", "epcf")
    owed_concession = _of("Obligations outstanding, concessions", "obligation_outstanding", "concession")
    exposed_concession = _of("Contingent liabilities, concessions", "contingent_liability", "concession")
    guaranteed_concession = _of("Guarantees paid, concessions", "guarantee_payment", "concession")
    bonds_outstanding = _of("Government bonds outstanding, budget", "sovereign_debt_outstanding", "budget")

    # --- the ledger
    @line("bn KZT", yearly="sum")
    def obligations_signed(m) -> Expr:
        """Obligations committed by signing EPC+F contracts and concessions."""
        return m.signed_epcf + m.signed_concession

    @line("bn KZT", yearly="sum")
    def works_certified_deferred(m) -> Expr:
        """Works certified under EPC+F and concessions, excluding VAT."""
        return m.certified_epcf + m.certified_concession

    @line("bn KZT", yearly="sum")
    def obligations_recognised(m) -> Expr:
        """Obligations recognised as works are certified."""
        return m.recognised_epcf + m.recognised_concession

    @line("bn KZT", yearly="sum")
    def obligations_accrued(m) -> Expr:
        """Obligations accrued: interest, revaluation and penalties."""
        return m.accrued_epcf + m.accrued_concession

    @line("bn KZT", yearly="sum")
    def obligations_due(m) -> Expr:
        """Obligations falling due: instalments and capital parts of availability payments."""
        return m.due_epcf + m.due_concession

    @line("bn KZT", yearly="sum")
    def obligations_settled(m) -> Expr:
        """Obligations settled by payment."""
        return m.settled_epcf + m.settled_concession

    @line("bn KZT", yearly="end")
    def obligations_outstanding(m) -> Expr:
        """Obligations outstanding under EPC+F and concessions, end of period."""
        return m.owed_epcf + m.owed_concession

    @line("bn KZT", yearly="end")
    def obligations_outstanding_epcf(m) -> Expr:
        """Obligations outstanding under EPC+F, end of period."""
        return m.owed_epcf

    @line("bn KZT", yearly="end")
    def obligations_outstanding_concession(m) -> Expr:
        """Obligations outstanding under concessions, end of period."""
        return m.owed_concession

    @line("bn KZT", yearly="end")
    def obligations_committed(m) -> Expr:
        """Commitments signed and not yet certified, end of period."""
        return prev(m.obligations_committed) + m.obligations_signed - m.obligations_recognised

    @line("bn KZT")
    def obligations_taken(m) -> Expr:
        """Obligations taken and not yet settled, end of period: outstanding and committed."""
        return m.obligations_outstanding + m.obligations_committed

    @metric("bn KZT")
    def peak_obligations(m) -> Expr:
        """Largest obligations outstanding."""
        return maximum(m.obligations_outstanding)

    # --- beside the ledger
    @line("bn KZT", yearly="end")
    def contingent_liabilities(m) -> Expr:
        """Contingent liabilities under concessions: termination and revenue guaranteed."""
        return m.exposed_concession

    @line("bn KZT", yearly="sum")
    def guarantee_payments(m) -> Expr:
        """Minimum-revenue guarantees paid under concessions."""
        return m.guaranteed_concession

    @line("bn KZT", yearly="end")
    def sovereign_debt(m) -> Expr:
        """Government bonds outstanding for works under budget procurement, end of period."""
        return m.bonds_outstanding

    @metric("bn KZT")
    def peak_contingent_liabilities(m) -> Expr:
        """Largest contingent liabilities under concessions."""
        return maximum(m.contingent_liabilities)

    @metric("bn KZT")
    def peak_sovereign_debt(m) -> Expr:
        """Largest government bonds outstanding for works under budget procurement."""
        return maximum(m.sovereign_debt)

    # --- checks
    @line("bn KZT")
    def obligation_ledger_gap(m) -> Expr:
        """What the ledger of obligations misses in the period."""
        rolled = prev(m.obligations_outstanding) + m.obligations_recognised + m.obligations_accrued
        return absolute(rolled - m.obligations_settled - m.obligations_outstanding)

    @line("bn KZT")
    def obligation_ledger_size(m) -> Expr:
        """Size of the ledger of obligations: what was recognised, settled or owed at most."""
        flows = larger_of(total(m.obligations_recognised), total(m.obligations_settled))
        return larger_of(flows, maximum(m.obligations_outstanding))

    @check
    def obligation_ledger_closes(m) -> Expr:
        """The ledger of obligations closes in every period and ends at zero."""
        left = absolute(final(m.obligations_outstanding))
        return larger_of(maximum(m.obligation_ledger_gap), left) / m.obligation_ledger_size

    @check
    def commitments_certified(m) -> Expr:
        """What is committed by signing is certified in full: commitments end at zero."""
        committed = larger_of(total(m.obligations_signed), total(m.obligations_recognised))
        return absolute(final(m.obligations_committed)) / committed
