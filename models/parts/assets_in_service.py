"""Assets in service: what a project adds to the city, and the share of it that is there."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, line, where

from .construction import Construction


class AssetsInService(Construction):
    """Capacity as published where it is, else the published cost over the unit cost of the class; 0 where neither is.

    A project is in service from its taking-over, in full or not at all; the contract carries its own share of it.
    Assets stay in service: what operation and heavy maintenance keep up does not wear out within the calendar.
    """

    power_capacity = Input("MW", "Power that substations can supply, as published; 0 if it is not")
    power_unit_cost = Input("bn KZT/MW", "Published cost of substations per megawatt; 0 where none are built")
    water_capacity = Input("m3/day", "Capacity of water supply, as published; 0 if it is not")
    water_unit_cost = Input(
        "bn KZT*day/m3", "Published cost of water supply per daily cubic metre; 0 where none is built"
    )
    wastewater_capacity = Input("m3/day", "Capacity of wastewater treatment, as published; 0 if it is not")
    wastewater_unit_cost = Input(
        "bn KZT*day/m3", "Published cost of wastewater treatment per daily cubic metre; 0 where none is built"
    )
    road_length = Input("km", "Length of roads, as published; 0 if it is not")
    road_unit_cost = Input("bn KZT/km", "Published cost of roads per kilometre; 0 where none are built")

    # --- the whole project
    @line("MW")
    def power_planned(m) -> Expr:
        """Power that the whole project will supply."""
        return where(m.power_capacity > 0, m.power_capacity, m.cost / m.power_unit_cost)

    @line("m3/day")
    def water_planned(m) -> Expr:
        """Water supply that the whole project will add."""
        return where(m.water_capacity > 0, m.water_capacity, m.cost / m.water_unit_cost)

    @line("m3/day")
    def wastewater_planned(m) -> Expr:
        """Wastewater treatment that the whole project will add."""
        return where(m.wastewater_capacity > 0, m.wastewater_capacity, m.cost / m.wastewater_unit_cost)

    @line("km")
    def road_planned(m) -> Expr:
        """Roads that the whole project will add."""
        return where(m.road_length > 0, m.road_length, m.cost / m.road_unit_cost)

    # --- in service
    @line("1")
    def share_in_service(m) -> Expr:
        """Share of the project in service under this contract, end of period."""
        return m.financing_share * (m.period_end >= m.taking_over)

    @line("MW")
    def power_in_service(m) -> Expr:
        """Power of substations in service, end of period."""
        return m.share_in_service * m.power_planned

    @line("m3/day")
    def water_in_service(m) -> Expr:
        """Water supply in service, end of period."""
        return m.share_in_service * m.water_planned

    @line("m3/day")
    def wastewater_in_service(m) -> Expr:
        """Wastewater treatment in service, end of period."""
        return m.share_in_service * m.wastewater_planned

    @line("km")
    def road_in_service(m) -> Expr:
        """Roads in service, end of period."""
        return m.share_in_service * m.road_planned
