"""Assets of the pool that are in service, by kind."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Gather, Model, line

from .pool_scope import INFRASTRUCTURE

BUILDERS = ("budget", "epcf", "concession", "investment")


def _of(unit: str, label: str, name: str) -> Gather:
    return Gather(unit, label, line=name, contracts=BUILDERS, group=INFRASTRUCTURE)


class PoolAssets(Model):
    """What all contract types together have taken over; works that nobody pays for are never in service."""

    power_built = _of("MW", "Power in service, all contracts", "power_in_service")
    water_built = _of("m3/day", "Water supply in service, all contracts", "water_in_service")
    wastewater_built = _of("m3/day", "Wastewater treatment in service, all contracts", "wastewater_in_service")
    road_built = _of("km", "Roads in service, all contracts", "road_in_service")

    @line("MW", yearly="end")
    def power_in_service(m) -> Expr:
        """Power of substations in service, end of period."""
        return m.power_built

    @line("m3/day", yearly="end")
    def water_in_service(m) -> Expr:
        """Water supply in service, end of period."""
        return m.water_built

    @line("m3/day", yearly="end")
    def wastewater_in_service(m) -> Expr:
        """Wastewater treatment in service, end of period."""
        return m.wastewater_built

    @line("km", yearly="end")
    def road_in_service(m) -> Expr:
        """Roads in service, end of period."""
        return m.road_built
