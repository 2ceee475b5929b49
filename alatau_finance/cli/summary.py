"""What `simulate` says when it is done: what a finance-ministry analyst needs first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from alatau_finance.cli.check_counts import check_labels, show_checks
from alatau_finance.cli.sampling import sampler_note
from alatau_finance.cli.streams import show, show_table
from alatau_finance.i18n import Language, Translator, number, percent, translator, unit_name
from alatau_finance.simulation.result import MetricSummary, Result, YearSummary
from alatau_finance.simulation.undefined import undefined_headings

_PROBABILITY, _EXCESS = "breach_", "largest_shortfall_"
#: Measures that the screen leaves to the workbook, by how their names begin: ceilings have a table of their own,
#: and the rest tells in another way what stands above it.
_LEFT_OUT = (_PROBABILITY, _EXCESS, "share_", "net_present_cost_")
#: How many budget years are shown, besides that of the largest payments.
_YEARS = 12


def print_summary(result: Result, folder: Path, language: Language) -> None:
    """Print the pool and its totals, who pays, distributions, ceilings, years, checks, and where the run lies."""
    _ = translator(language)
    text = _("Scenario {name}: {paths} paths, seed {seed}, run date {date}")
    label = result.pool.assumptions.scenario.label.get(language, result.scenario)
    date = result.pool.assumptions.timeline.run_date.isoformat()
    show(text.format(name=label, paths=number(result.paths, language), seed=result.seed, date=date))
    if note := sampler_note(result.sampler, language):
        show(note)
    for titled in (_totals, _split, _distribution, _undefined, _ceilings, _by_year):
        table = titled(result, language)
        if not table.row_count:
            continue
        # A title of its own line: in a table that is narrower it would be folded.
        show(f"\n{table.title}")
        table.title = None
        show_table(table)
    text = _("All {count} measures with their standard errors: sheet Monte Carlo of the workbook, and manifest.json")
    show("\n" + text.format(count=len(result.metrics)))
    for reached in result.reached:
        target, figure = str(reached.target), number(reached.estimate.figure, language, 3)
        text = (
            _("{target}: reached, {figure} ± {error}") if reached.ok else _("{target}: NOT reached, {figure} ± {error}")
        )
        show(text.format(target=target, figure=figure, error=number(reached.estimate.standard_error, language, 3)))
    show_checks(result.checks, check_labels(result.pool), result.paths, folder, language)
    show(_("Run: {folder}").format(folder=folder))
    show(_("Digest: {digest}").format(digest=result.digest))


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(first, title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _totals(result: Result, language: Language) -> Table:
    _ = translator(language)
    columns = (_("Unit"), _("Published"), _("Computed"), _("Ties"))
    table = _table(_("Pool and published totals"), _("Total"), *columns)
    for tie in result.ties:
        verdict = _("yes") if tie.ok else _("NO")
        figures = (number(tie.published, language), number(tie.computed, language))
        style = None if tie.ok else "bold red"
        table.add_row(str(tie.label[language]), unit_name(tie.unit, _), *figures, verdict, style=style)
    return table


def _split(result: Result, language: Language) -> Table:
    """Who pays for the works in the base case: planned cost at base-date prices by contract type."""
    _ = translator(language)
    names = {
        "planned_budget": _("Budget"),
        "planned_epcf": _("EPC+F"),
        "planned_concession": _("Concession / PPP"),
        "planned_private": _("Private investment"),
    }
    planned = {name: _planned(result, name) for name in names}
    whole = sum(planned.values())
    columns = (unit_name("bn KZT", _), _("Share"))
    table = _table(_("Who pays for the works (base case, as published)"), _("Source"), *columns)
    for name, label in names.items():
        share = planned[name] / whole if whole else 0.0
        table.add_row(label, number(planned[name], language, 1), percent(share, language))
    table.add_row(_("Total"), number(whole, language, 1), percent(1.0, language), style="bold")
    return table


def _planned(result: Result, name: str) -> float:
    values = result.base_case.given["pool"].get(name, 0.0)
    return float(sum(values)) if isinstance(values, Sequence) else float(values)


def _distribution(result: Result, language: Language) -> Table:
    _ = translator(language)
    columns = (_("Unit"), _("Mean"), _("± s.e."), "P10", "P50", "P90", _("± s.e."), "CVaR95", _("± s.e."))
    table = _table(
        _("Over all paths (s.e.: standard error of the figure before it; CVaR95: mean of the largest 5 %)"),
        _("Measure"),
        *columns,
    )
    for metric in result.metrics.values():
        if not metric.name.startswith(_LEFT_OUT):
            row = metric.summary
            percentiles = [row.percentile(percent) for percent in (10, 50, 90)]
            errors, worst = metric.standard_errors, metric.shortfalls[95]
            values = (
                *(row.mean, row.standard_error, *percentiles, errors["p90"]),
                *(worst.figure, worst.standard_error),
            )
            table.add_row(_(metric.label), _unit(metric, _), *(_figure(value, metric, language) for value in values))
    return table


def _undefined(result: Result, language: Language) -> Table:
    """Rates of return that do not exist on some path: on how many, and why. No rows where all of them do."""
    _ = translator(language)
    columns = (_("Computed"), _("Without a rate"), *undefined_headings(_))
    table = _table(_("Rates of return, all contracts and paths"), _("Measure"), *columns)
    for metric in (each for each in result.undefined if each.undefined.total):
        counts = (metric.evaluated, metric.undefined.total, *metric.undefined.counts)
        label = f"{_(metric.title)}: {_(metric.label)}"
        table.add_row(label, *(number(count, language) for count in counts))
    return table


def _unit(metric: MetricSummary, translate: Translator) -> str:
    return "%" if metric.unit in ("1", "1/year") else unit_name(metric.unit, translate)


def _figure(value: float, metric: MetricSummary, language: Language) -> str:
    if value != value:
        return "-"
    if metric.unit in ("1", "1/year"):
        return number(100 * value, language, 2)
    return number(value, language, 0 if metric.unit == "person" else 1)


def _ceilings(result: Result, language: Language) -> Table:
    _ = translator(language)
    names = {
        "breach_affordability": _("State payments above their share of republican spending, in some budget year"),
        "breach_republican": _(
            "Payments by the republican budget above their share of its spending, in some budget year"
        ),
        "breach_national_fund": _("Payments by the National Fund above their share of targeted transfers"),
        "breach_obligation_limit": _("Obligations taken under EPC+F and concessions above their limit, at some time"),
        "breach_oblast": _("Payments by the oblast above their share of its revenue, in some budget year"),
        "breach_local_debt_service": _("Oblast and city payments on deferred contracts above their share of revenue"),
        "breach_city_budget": _("City payments above the city's budget, in some budget year"),
    }
    columns = (_("Probability"), _("± s.e."), _("95 % interval"), _("Excess, mean"), _("Excess, P90"))
    table = _table(_("Ceilings: probability of breach, and largest excess in bn KZT"), _("Event"), *columns)
    for metric in result.metrics.values():
        if metric.name.startswith(_PROBABILITY):
            label, row = names.get(metric.name) or _(metric.label), metric.summary
            chance = (percent(row.mean, language, 2), percent(row.standard_error, language, 2))
            ends = [percent(end, language, 2) for end in metric.interval or ()]
            interval = " ... ".join(ends) or "-"
            table.add_row(label, *chance, interval, *_excess(result, metric.name.removeprefix(_PROBABILITY), language))
    return table


def _excess(result: Result, ceiling: str, language: Language) -> tuple[str, str]:
    """By how much a ceiling is exceeded at most, 0 on paths that keep to it: mean and P90."""
    metric = result.metrics.get(f"{_EXCESS}{ceiling}")
    if metric is None:
        return "", ""
    return _figure(metric.summary.mean, metric, language), _figure(metric.summary.percentile(90), metric, language)


def _by_year(result: Result, language: Language) -> Table:
    """Mean and P90 of the main lines in the first budget years, and in the year of the largest payments."""
    _ = translator(language)
    titles = {
        "capex_total": _("Capex"),
        "state_payments": _("State payments"),
        "obligations_outstanding": _("Obligations"),
    }
    lines: dict[str, dict[int, YearSummary]] = {name: {} for name in titles}
    for item in result.years:
        if item.line in lines:
            lines[item.line][item.year] = item
    columns = [f"{title}, {kind}" for title in titles.values() for kind in (_("mean"), "P90")]
    table = _table(_("By budget year, bn KZT, nominal"), _("Year"), *columns)
    payments = lines["state_payments"]
    peak = max(payments, key=lambda year: payments[year].summary.mean)
    for year in sorted({*sorted(payments)[:_YEARS], peak}):
        summaries = [rows[year].summary for rows in lines.values()]
        cells = [value for summary in summaries for value in (summary.mean, summary.percentile(90))]
        label = f"{year} ({_('peak')})" if year == peak else str(year)
        table.add_row(label, *(number(value, language, 1) for value in cells))
    return table
