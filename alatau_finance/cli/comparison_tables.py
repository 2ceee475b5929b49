"""What `compare` says: what each financing choice costs the budget, with what risk, year by year."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from rich.table import Table

from alatau_finance.analysis.comparison import AS_PLANNED, BUDGET_AS_PLANNED, Comparison, Estimate, ModeCost
from alatau_finance.analysis.mode_run import Measure
from alatau_finance.cli.sampling import sampler_note
from alatau_finance.cli.streams import show, show_table, table_width
from alatau_finance.i18n import Language, Translator, chosen, number, percent, translator
from alatau_finance.simulation.findings import RowSummary

#: Characters that the three figures of a choice take in the table by budget year, and the year itself.
_WIDTH_OF_A_CHOICE, _WIDTH_OF_THE_YEAR = 50, 16

Row = tuple[str, Callable[[ModeCost], str]]


def print_comparison(comparison: Comparison, language: Language) -> None:
    """Print costs, value for money, the comparator, payments by year, rates, ceilings, definitions and checks."""
    _ = translator(language)
    _show_heading(comparison, language)
    for table in _tables(comparison, language):
        # A title of its own line: in a table that is narrower it would be folded.
        show(f"\n{table.title}")
        table.title = None
        show_table(table)
    show("")
    for note in _notes(comparison, language):
        show(note)
    _show_checks(comparison, language)


def _show_heading(comparison: Comparison, language: Language) -> None:
    _ = translator(language)
    scenario, project = comparison.assumptions.scenario, comparison.project
    if project is None:
        show(_("All infrastructure projects"))
    else:
        show(_("Project {name} ({id})").format(name=chosen(project.name, language), id=project.id))
    text = _("Scenario {name}: {paths} paths, seed {seed}, run date {date}")
    label = chosen(scenario.label, language) or scenario.name
    date = comparison.assumptions.timeline.run_date.isoformat()
    show(text.format(name=label, paths=number(comparison.paths, language), seed=comparison.seed, date=date))
    if note := sampler_note(comparison.sampling.sampler, language):
        show(note)


def _tables(comparison: Comparison, language: Language) -> Iterator[Table]:
    costs = tuple(comparison.modes.values())
    yield _cost(costs, language)
    yield _value(costs, language)
    if comparison.comparator:
        yield _comparator(comparison.comparator, language)
    yield from _by_year(costs, language)
    if any(cost.rates for cost in costs):
        yield _rates(costs, language)
    if any(cost.ceilings for cost in costs):
        yield _ceilings(costs, language)


def _mode(name: str, _: Translator) -> str:
    names = {
        "budget": _("Budget"),
        "epcf": _("EPC+F"),
        "concession": _("Concession / PPP"),
        AS_PLANNED: _("As planned"),
        BUDGET_AS_PLANNED: _("As planned, all by budget"),
    }
    return names.get(name, name)


def _table(title: str, first: str, columns: Sequence[str]) -> Table:
    table = Table(first, title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _by_choice(title: str, first: str, costs: Sequence[ModeCost], rows: Sequence[Row], _: Translator) -> Table:
    """A line for each of ``rows``, a column for each choice."""
    table = _table(title, first, [_mode(cost.name, _) for cost in costs])
    for label, cell in rows:
        table.add_row(label, *(cell(cost) for cost in costs))
    return table


def _money(value: float, language: Language) -> str:
    return "-" if value != value else number(value, language, 1)


def _cost(costs: Sequence[ModeCost], language: Language) -> Table:
    _ = translator(language)

    def money(figure: Callable[[ModeCost], float]) -> Callable[[ModeCost], str]:
        return lambda cost: _money(figure(cost), language)

    def percentile(rank: int) -> Callable[[ModeCost], str]:
        return money(lambda cost: cost.net_present_cost.summary.percentile(rank))

    rows: list[Row] = [
        (_("Net present cost, mean"), money(lambda cost: cost.net_present_cost.summary.mean)),
        (_("± s.e."), money(lambda cost: cost.net_present_cost.summary.standard_error)),
        ("P10", percentile(10)),
        ("P50", percentile(50)),
        ("P90", percentile(90)),
        (_("Base case"), money(lambda cost: cost.net_present_cost.base_case)),
        (_("Present value of payments with taxes, mean"), money(lambda cost: cost.pv_state_payments.summary.mean)),
        (_("Payments over life, nominal, mean"), money(lambda cost: cost.total_payments.summary.mean)),
        (_("Largest payments in a budget year, mean"), money(lambda cost: cost.peak_payment.summary.mean)),
        (_("Largest payments in a budget year, P90"), money(lambda cost: cost.peak_payment.summary.percentile(90))),
        (_("Budget year with the largest mean payments"), lambda cost: str(cost.peak_year)),
    ]
    if all(cost.peak_obligations for cost in costs):
        rows += [
            (_("Largest obligations, mean"), lambda cost: _peak(cost, language, lambda each: each.summary.mean)),
            (
                _("Largest obligations, P90"),
                lambda cost: _peak(cost, language, lambda each: each.summary.percentile(90)),
            ),
        ]
    if any(cost.state_share < 1 for cost in costs):
        rows.append(
            (_("Share of the works that the state contracts"), lambda cost: percent(cost.state_share, language))
        )
    return _by_choice(_("What each financing choice costs the state, bn KZT"), _("Measure"), costs, rows, _)


def _peak(cost: ModeCost, language: Language, figure: Callable[[Measure], float]) -> str:
    return _money(figure(cost.peak_obligations), language) if cost.peak_obligations else "-"


def _value(costs: Sequence[ModeCost], language: Language) -> Table:
    _ = translator(language)

    def neutral(cost: ModeCost) -> str:
        return _money(cost.value_with_neutrality.summary.mean, language) if cost.value_with_neutrality else "-"

    def probability(cost: ModeCost, figure: Callable[[Estimate], float]) -> str:
        return percent(figure(cost.probability_cheapest), language, 2) if cost.probability_cheapest else "-"

    rows: list[Row] = [
        (_("Value for money, base case"), lambda cost: _money(cost.value_for_money.base_case, language)),
        (_("+ risk transferred to the partner"), lambda cost: _money(cost.risk_transferred.value, language)),
        (_("= value for money, mean"), lambda cost: _money(cost.value_for_money.summary.mean, language)),
        (_("± s.e. of the last two"), lambda cost: _money(cost.value_for_money.summary.standard_error, language)),
        (_("Financing premium, mean"), lambda cost: _money(cost.financing_premium.summary.mean, language)),
        (_("± s.e."), lambda cost: _money(cost.financing_premium.summary.standard_error, language)),
    ]
    if any(cost.value_with_neutrality for cost in costs):
        rows.insert(4, (_("Value for money with competitive neutrality, mean"), neutral))
    if sum(cost.probability_cheapest is not None for cost in costs) > 1:
        rows += [
            (_("Probability of being the cheapest"), lambda cost: probability(cost, lambda each: each.value)),
            (_("± s.e."), lambda cost: probability(cost, lambda each: each.standard_error)),
        ]
    return _by_choice(_("Against budget procurement of the same works, bn KZT"), _("Measure"), costs, rows, _)


def _comparator(parts: Mapping[str, Measure], language: Language) -> Table:
    _ = translator(language)
    columns = (_("Base case"), _("Mean"), "P10", "P50", "P90")
    table = _table(_("Public-sector comparator, bn KZT at the base date"), _("Measure"), columns)
    for part in parts.values():
        percentiles = (part.summary.percentile(rank) for rank in (10, 50, 90))
        figures = (part.base_case, part.summary.mean, *percentiles)
        table.add_row(_(part.label), *(_money(figure, language) for figure in figures))
    return table


def _by_year(costs: Sequence[ModeCost], language: Language) -> Iterator[Table]:
    """Payments of every year in which any are made: one table, or one a choice where the screen is too narrow."""
    _ = translator(language)
    years = [year for year in costs[0].payments if any(cost.payments[year].summary.maximum for cost in costs)]
    fits = table_width() >= _WIDTH_OF_THE_YEAR + _WIDTH_OF_A_CHOICE * len(costs)
    for group in [costs] if fits else [(cost,) for cost in costs]:
        names = [_mode(cost.name, _) for cost in group]
        columns = [f"{name}, {kind}" for name in names for kind in (f"{_('mean')} {_('± s.e.')}", "P10", "P90")]
        table = _table(_("State payments by budget year, bn KZT, nominal, with VAT"), _("Year"), columns)
        for year in years:
            summaries = [cost.payments[year].summary for cost in group]
            table.add_row(str(year), *(cell for each in summaries for cell in _mean_and_range(each, language)))
        yield table


def _mean_and_range(summary: RowSummary, language: Language) -> tuple[str, str, str]:
    mean, error, low, high = (
        _money(figure, language)
        for figure in (summary.mean, summary.standard_error, summary.percentile(10), summary.percentile(90))
    )
    return f"{mean} ± {error}", low, high


def _rates(costs: Sequence[ModeCost], language: Language) -> Table:
    _ = translator(language)
    columns = (_("Base case"), _("Mean"), "P10", "P50", "P90", _("Paths without one"))
    table = _table(_("Annual rates, %"), _("Measure"), columns)
    for cost in costs:
        for rate in cost.rates.values():
            percentiles = (rate.summary.percentile(rank) for rank in (10, 50, 90))
            figures = (rate.base_case, rate.summary.mean, *percentiles)
            cells = ("-" if each != each else number(100 * each, language, 2) for each in figures)
            label = f"{_mode(cost.name, _)}: {_(rate.label)}"
            table.add_row(label, *cells, number(rate.summary.undefined, language))
    return table


def _ceilings(costs: Sequence[ModeCost], language: Language) -> Table:
    _ = translator(language)

    def of(name: str, figure: Callable[[Measure], float]) -> Callable[[ModeCost], str]:
        return lambda cost: percent(figure(cost.ceilings[name]), language, 2)

    rows: list[Row] = []
    for name, breach in costs[0].ceilings.items():
        rows.append((_(breach.label), of(name, lambda each: each.summary.mean)))
        rows.append((_("± s.e."), of(name, lambda each: each.summary.standard_error)))
    return _by_choice(_("Probability of breaching a ceiling"), _("Event"), costs, rows, _)


def _notes(comparison: Comparison, language: Language) -> Iterator[str]:
    """What the words of the tables mean."""
    _ = translator(language)
    costs = comparison.modes.values()
    yield _("Net present cost: present value of payments less the taxes in them that return to the budgets.")
    yield _("Value for money: net present cost of budget procurement less that of the choice; above 0 it is cheaper.")
    definitions = {
        "contract": _("Financing premium ({choices}): present value of payments for the works less that of the works."),
        "comparator": _(
            "Financing premium ({choices}): present value of payments with taxes less that of budget procurement."
        ),
    }
    for kind, text in definitions.items():
        choices = [_mode(cost.name, _) for cost in costs if cost.premium_of == kind and cost.name != "budget"]
        if choices:
            yield text.format(choices=", ".join(choices))
    if comparison.comparator:
        yield _(
            "Competitive neutrality: taxes of a private owner, added to the budget's cost; not part of the measure."
        )
    if AS_PLANNED in comparison.modes:
        yield _("As planned leaves works to private money; it is held against budget procurement of the rest.")


def _show_checks(comparison: Comparison, language: Language) -> None:
    _ = translator(language)
    total = len(comparison.checks)
    if not comparison.failed:
        evaluated = number(sum(check.evaluated for _run, check in comparison.checks), language)
        text = _("Checks: all {total} hold on each of {paths} paths, {evaluated} evaluations")
        show(text.format(total=total, paths=number(comparison.paths, language), evaluated=evaluated))
        return
    show(_("Checks: {failed} of {total} FAIL on some path").format(failed=len(comparison.failed), total=total))
    columns = (_("Paths that fail"), _("First failing path"), _("First there"))
    table = Table(_("Choice"), _("Key"), *columns, style="bold red")
    for run, check in comparison.failed:
        failed, first = number(check.paths_failed, language), str(check.first_failing_path)
        table.add_row(_mode(run, _), check.name, failed, first, check.first_failing_instance)
    show_table(table)
