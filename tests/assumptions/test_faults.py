"""Every mistake is told in plain words, where it stands, with what is allowed and what may be meant."""

from __future__ import annotations

import re
from datetime import date

import pytest

# file, what stands there, what is written instead, the whole fault as the user reads it
BREAKAGES = {
    "unknown key": (
        "tax.yaml",
        "vat_rate: {value: 16}",
        "vat_rate: {value: 16, basys: sourced}",
        "assumptions/tax.yaml:3:25: tax.vat_rate.basys: unknown key 'basys'; allowed: unit, as_of, source, basis,"
        " value, values, low, high, note, label, vintages; did you mean basis?",
    ),
    "unknown section": (
        "tax.yaml",
        "tax:\n",
        "taxes:\n",
        "assumptions/tax.yaml:2:1: taxes: unknown key 'taxes'; allowed: defaults, tax; did you mean tax?",
    ),
    "unknown section in place of one": (
        "tax.yaml",
        "tax:\n",
        "taxx:\n",
        "assumptions/tax.yaml:1:1: tax: the key 'tax' is missing; did you mean tax where taxx is written?",
    ),
    "text for a number": (
        "tax.yaml",
        "value: 16",
        "value: 16%",
        "assumptions/tax.yaml:3:21: tax.vat_rate.value: a number belongs here, this is the text '16%';"
        ' allowed: write value: 16, unit: "%"',
    ),
    "decimal comma": (
        "tax.yaml",
        "{value: 16}",
        "{value: '1 016,5'}",
        "assumptions/tax.yaml:3:21: tax.vat_rate.value: a number belongs here, this is the text '1 016,5';"
        " allowed: write 1016.5, without quotes, spaces or commas",
    ),
    "true for a number": (
        "tax.yaml",
        "value: 16",
        "value: true",
        "assumptions/tax.yaml:3:21: tax.vat_rate.value: a number belongs here, this is true or false",
    ),
    "not a number": (
        "tax.yaml",
        "value: 16",
        "value: .nan",
        "assumptions/tax.yaml:3:21: tax.vat_rate.value: a number must be finite, this is nan",
    ),
    "infinite": (
        "tax.yaml",
        "value: 16",
        "value: 1e999",
        "assumptions/tax.yaml:3:21: tax.vat_rate.value: a number must be finite, this is inf",
    ),
    "nothing for a number": (
        "tax.yaml",
        "value: 16",
        "value: ",
        "assumptions/tax.yaml:3:20: tax.vat_rate.value: a number belongs here, this is empty",
    ),
    "number for an entry": (
        "tax.yaml",
        "{value: 16}",
        "16",
        "assumptions/tax.yaml:3:13: tax.vat_rate: a mapping of keys belongs here, this is a number;"
        " allowed: unit, as_of, source, basis, value, values, low, high, note, label, vintages",
    ),
    "no value": (
        "tax.yaml",
        "{value: 16}",
        "{note: soon}",
        "assumptions/tax.yaml:3:3: tax.vat_rate: has no value; allowed: value, values, vintages",
    ),
    "value and values": (
        "tax.yaml",
        "{value: 16}",
        "{value: 16, values: {2026: 12}}",
        "assumptions/tax.yaml:3:3: tax.vat_rate: has both value and values; one of them goes",
    ),
    "value and vintages": (
        "fiscal.yaml",
        "unit: bn KZT",
        "unit: bn KZT\n    value: 3",
        "assumptions/fiscal.yaml:2:3: fiscal.city_budget: has both vintages and value; move value into a vintage",
    ),
    "no steps": (
        "macro.yaml",
        "values: {2026: 10.5, 2027: 7.5, 2028-07-01: 5}",
        "values: {}",
        "assumptions/macro.yaml:12:3: macro.cpi_expected: has no dated values;"
        " allowed: values: {2026: 10.5, 2027: 7.5}",
    ),
    "bad step": (
        "macro.yaml",
        "2028-07-01: 5",
        "2028-13-01: 5",
        "assumptions/macro.yaml:13:37: macro.cpi_expected.values.2028-13-01: '2028-13-01' is not a year or a date;"
        " allowed: a year such as 2027, or a day such as 2027-07-01",
    ),
    "one day twice": (
        "macro.yaml",
        "2028-07-01: 5",
        "2027-01-01: 5",
        "assumptions/macro.yaml:13:5: macro.cpi_expected.values: 2027 and 2027-01-01 are the same day",
    ),
    "bad date": (
        "macro.yaml",
        "as_of: 2026-01-30",
        "as_of: 2026-02-30",
        "assumptions/macro.yaml:8:12: macro.usdkzt.as_of: '2026-02-30' is not a date;"
        " allowed: a day of the calendar written 2026-01-31, without quotes",
    ),
    "Russian date": (
        "macro.yaml",
        "as_of: 2026-01-30",
        "as_of: 30.01.2026",
        "assumptions/macro.yaml:8:12: macro.usdkzt.as_of: '30.01.2026' is not a date;"
        " allowed: a day of the calendar written 2026-01-31, without quotes; did you mean 2026-01-30?",
    ),
    "no provenance": (
        "macro.yaml",
        "    as_of: 2026-01-30\n",
        "",
        "assumptions/macro.yaml:2:3: macro.usdkzt: the key 'as_of' is missing, here and in the defaults of the file",
    ),
    "no provenance of a fact": (
        "reference/city.yaml",
        ", basis: sourced",
        "",
        "assumptions/reference/city.yaml:4:3: facts.city_status: the key 'basis' is missing,"
        " here and in the defaults of the file",
    ),
    "unknown basis": (
        "macro.yaml",
        "basis: sourced\n    note",
        "basis: guessed\n    note",
        "assumptions/macro.yaml:10:12: macro.usdkzt.basis: 'guessed' is not one of the choices;"
        " allowed: sourced, derived, assumed, allocated",
    ),
    "unknown source": (
        "macro.yaml",
        "[code, judgement]",
        "[code, judgment]",
        "assumptions/macro.yaml:9:20: macro.usdkzt.source.2: 'judgment' is not in sources; allowed: code, judgement;"
        " did you mean judgement?",
    ),
    "unknown source of a fact": (
        "pool/projects.yaml",
        "source: [code]",
        "source: [cod]",
        "assumptions/pool/projects.yaml:14:42: projects.arna.facts.1.source.1: 'cod' is not in sources;"
        " allowed: code, judgement; did you mean code?",
    ),
    "unknown unit": (
        "pool/projects.yaml",
        "value: 10.1, unit: bn KZT",
        "value: 10.1, unit: bln KZT",
        "assumptions/pool/projects.yaml:10:31: projects.arna.cost.unit: unknown unit 'bln KZT'; allowed: KZT, KZT_real,"
        " USD, USD_real, year, month, day, person, project, metre, km, m2, m3, ha, tonne, MW, MVA, percent, pp, k, mn,"
        " bn, tn; did you mean bn KZT?",
    ),
    "cost that is not money": (
        "pool/projects.yaml",
        "value: 10.1, unit: bn KZT",
        "value: 10.1, unit: km",
        "assumptions/pool/projects.yaml:10:31: projects.arna.cost.unit: the unit 'km' does not fit here;"
        " allowed: KZT, USD",
    ),
    "start that is no year": (
        "pool/projects.yaml",
        "value: 2031, unit: year",
        "value: 2031, unit: month",
        "assumptions/pool/projects.yaml:22:32: projects.ring_road.start.unit: the unit 'month' does not fit here;"
        " allowed: year",
    ),
    "duration that is no time": (
        "pool/projects.yaml",
        "value: 18, unit: month",
        "value: 18, unit: km",
        "assumptions/pool/projects.yaml:12:33: projects.arna.duration.unit: the unit 'km' does not fit here;"
        " allowed: year, month, day",
    ),
    "share that is none": (
        "contracts/epcf.yaml",
        'advance_share: {value: 20, unit: "%"}',
        "advance_share: {value: 20, unit: year}",
        "assumptions/contracts/epcf.yaml:3:36: contracts.epcf.advance_share.unit: the unit 'year' does not fit here;"
        " allowed: 1, %",
    ),
    "date with a unit": (
        "macro.yaml",
        "value: 505.5",
        "value: 2026-01-01",
        "assumptions/macro.yaml:5:11: macro.usdkzt.unit: a date stands here, so the unit 'KZT/USD' does not fit;"
        " allowed: year",
    ),
    "share in the wrong unit": (
        "asset_classes.yaml",
        "value: 0.1",
        "value: 10",
        "assumptions/asset_classes.yaml:12:28: asset_classes.roads.foreign_share: 10 1 is out of range;"
        ' allowed: 0 to 1 1; did you mean unit: "%"?',
    ),
    "share above 100 %": (
        "contracts/epcf.yaml",
        "value: 20",
        "value: 120",
        "assumptions/contracts/epcf.yaml:3:26: contracts.epcf.advance_share: 120 % is out of range;"
        " allowed: 0 to 100 %",
    ),
    "start long ago": (
        "pool/projects.yaml",
        "value: 2031",
        "value: 31",
        "assumptions/pool/projects.yaml:22:20: projects.ring_road.start: 31 year is out of range;"
        " allowed: 1990 to 2200 year",
    ),
    "low above high": (
        "macro.yaml",
        "low: 450",
        "low: 650",
        "assumptions/macro.yaml:4:12: macro.usdkzt: low 650 is above high 600",
    ),
    "below low": (
        "macro.yaml",
        "value: 505.5",
        "value: 405.5",
        "assumptions/macro.yaml:4:12: macro.usdkzt: 405.5 is below its low, 450",
    ),
    "above high": (
        "macro.yaml",
        "value: 505.5",
        "value: 605.5",
        "assumptions/macro.yaml:4:12: macro.usdkzt: 605.5 is above its high, 600",
    ),
    "financing short of 100 %": (
        "pool/financing.yaml",
        "value: 25",
        "value: 15",
        "assumptions/pool/financing.yaml:3:3: financing.mixed: the shares sum to 90 %, not to 100 %",
    ),
    "financing off by a rounding": (
        "pool/financing.yaml",
        "value: 25",
        "value: 25.000001",
        "assumptions/pool/financing.yaml:3:3: financing.mixed: the shares sum to 100.000001 %, not to 100 %",
    ),
    "budget levels over 100 %": (
        "pool/budget_levels.yaml",
        "value: 0.5",
        "value: 1",
        "assumptions/pool/budget_levels.yaml:3:3: budget_levels.local: the shares sum to 100.5 %, not to 100 %",
    ),
    "dated shares": (
        "pool/financing.yaml",
        "budget: {value: 100}",
        "budget: {values: {2026: 100, 2030: 90}}",
        "assumptions/pool/financing.yaml:6:3: financing.public: from 2030-01-01 on,"
        " the shares sum to 90 %, not to 100 %",
    ),
    "empty split": (
        "pool/financing.yaml",
        "public:\n    budget: {value: 100}",
        "public: {}",
        "assumptions/pool/financing.yaml:6:3: financing.public: has no shares",
    ),
    "unknown contract type": (
        "pool/financing.yaml",
        "epcf:",
        "epfc:",
        "assumptions/pool/financing.yaml:5:5: financing.mixed.epfc: 'epfc' is not a contract type;"
        " allowed: budget, concession, epcf, private; did you mean epcf?",
    ),
    "missing budget level": (
        "pool/budget_levels.yaml",
        "oblast_share: {value: 34.5}",
        "oblst_share: {value: 34.5}",
        "assumptions/pool/budget_levels.yaml:3:3: budget_levels.local: the key 'oblast_share' is missing;"
        " did you mean oblast_share where oblst_share is written?",
    ),
    "unknown asset class": (
        "pool/projects.yaml",
        "asset_class: roads",
        "asset_class: road",
        "assumptions/pool/projects.yaml:18:18: projects.ring_road.asset_class: 'road' is not in asset_classes;"
        " allowed: power, roads; did you mean roads?",
    ),
    "unknown split": (
        "pool/projects.yaml",
        "financing: mixed",
        "financing: mxied",
        "assumptions/pool/projects.yaml:8:16: projects.arna.financing: 'mxied' is not in financing;"
        " allowed: mixed, public; did you mean mixed?",
    ),
    "unknown budget levels": (
        "pool/projects.yaml",
        "financing: public\n    budget_levels: local",
        "financing: public\n    budget_levels: locale",
        "assumptions/pool/projects.yaml:20:20: projects.ring_road.budget_levels: 'locale' is not in budget_levels;"
        " allowed: local; did you mean local?",
    ),
    "unknown stage": (
        "pool/projects.yaml",
        "stage: roadmap_2026_2027",
        "stage: roadmap_2026_2028",
        "assumptions/pool/projects.yaml:5:12: projects.arna.stage: 'roadmap_2026_2028' is not one of the choices;"
        " allowed: roadmap_2026_2027, roadmap_2028_2030, unidentified_to_2030, programme_2031_2050;"
        " did you mean roadmap_2026_2027?",
    ),
    "bad id": (
        "pool/projects.yaml",
        "id: ring_road",
        "id: Ring-road",
        "assumptions/pool/projects.yaml:15:9: projects.Ring-road.id: 'Ring-road' cannot be a name;"
        " allowed: small Latin letters, digits and _, a letter first; did you mean ring_road?",
    ),
    "id of another project": (
        "investment_projects.yaml",
        "id: pepsico",
        "id: arna",
        "assumptions/pool/projects.yaml:3:5: projects.arna.id: a second 'arna';"
        " the first is in assumptions/investment_projects.yaml, line 3",
    ),
    "misspelt entry of a project": (
        "pool/projects.yaml",
        "start: {value: 2031, unit: year}",
        "strat: {value: 2031, unit: year}",
        "assumptions/pool/projects.yaml:15:5: projects.ring_road: the key 'start' is missing;"
        " did you mean start where strat is written?",
    ),
    "misspelt key of a project": (
        "pool/projects.yaml",
        "tags: [named, substation]",
        "tag: [named, substation]",
        "assumptions/pool/projects.yaml:7:5: projects.arna.tag: a mapping of keys belongs here, this is a list;"
        " allowed: unit, as_of, source, basis, value, values, low, high, note, label, vintages; did you mean tags?",
    ),
    "unknown distribution": (
        "risks.yaml",
        "distribution: lognormal",
        "distribution: log_normal",
        "assumptions/risks.yaml:16:19: risks.cost_overrun.distribution: 'log_normal' is not one of the choices;"
        " allowed: standard_normal, normal, lognormal, triangular, uniform, pert, beta, discrete, empirical,"
        " bernoulli, body_and_tail, jump;"
        " did you mean lognormal?",
    ),
    "yes for true": (
        "risks.yaml",
        "per_period: true",
        "per_period: yes",
        "assumptions/risks.yaml:7:17: risks.usdkzt_jump.per_period: true or false belongs here, this is a text",
    ),
    "unknown risk": (
        "risks.yaml",
        "[usdkzt_jump, cost_overrun]",
        "[usdkzt_jmp, cost_overrun]",
        "assumptions/risks.yaml:21:26: correlations.1.risks.1: 'usdkzt_jmp' is not in risks;"
        " allowed: cost_overrun, usdkzt_jump; did you mean usdkzt_jump?",
    ),
    "pair of one": (
        "risks.yaml",
        "[usdkzt_jump, cost_overrun]",
        "[usdkzt_jump]",
        "assumptions/risks.yaml:21:18: correlations.1.risks: a pair is two risks, not 1",
    ),
    "risk twice": (
        "risks.yaml",
        "[usdkzt_jump, cost_overrun]",
        "[usdkzt_jump, usdkzt_jump]",
        "assumptions/risks.yaml:21:18: correlations.1.risks: 'usdkzt_jump' stands here twice",
    ),
    "correlation of something else": (
        "risks.yaml",
        "correlation: {value: 0.2}",
        "correlation: {value: 0.2}, of: values",
        "assumptions/risks.yaml:21:85: correlations.1.of: 'values' is not one of the choices; allowed: normals, ranks",
    ),
    "copula of an unknown risk": (
        "risks.yaml",
        "correlations:",
        "t_copulas: {works: {risks: [cost_overun], degrees_of_freedom: {value: 4}}}\ncorrelations:",
        "assumptions/risks.yaml:20:29: t_copulas.works.risks.1: 'cost_overun' is not in risks;"
        " allowed: cost_overrun, usdkzt_jump; did you mean cost_overrun?",
    ),
    "half a degree of freedom": (
        "risks.yaml",
        "correlations:",
        "t_copulas: {works: {risks: [cost_overrun], degrees_of_freedom: {value: 0.5}}}\ncorrelations:",
        "assumptions/risks.yaml:20:72: t_copulas.works.degrees_of_freedom: 0.5 1 is out of range; allowed: 1 to 200 1",
    ),
    "correlation above 1": (
        "risks.yaml",
        "correlation: {value: 0.2}",
        "correlation: {value: 1.2}",
        "assumptions/risks.yaml:21:75: correlations.1.correlation: 1.2 1 is out of range; allowed: -1 to 1 1;"
        ' did you mean unit: "%"?',
    ),
    "unknown tag": (
        "pool/totals.yaml",
        "tag: named",
        "tag: nmaed",
        "assumptions/pool/totals.yaml:12:66: totals.roadmap_count.filter.tag: 'nmaed' is not in"
        " the tags of the projects; allowed: named, substation; did you mean named?",
    ),
    "unknown stage in a filter": (
        "pool/totals.yaml",
        "stage: [roadmap_2026_2027,",
        "stage: [roadmap_2026_207,",
        "assumptions/pool/totals.yaml:12:22: totals.roadmap_count.filter.stage.1: 'roadmap_2026_207' is not in"
        " the stages; allowed: programme_2031_2050, roadmap_2026_2027, roadmap_2028_2030, unidentified_to_2030;"
        " did you mean roadmap_2026_2027?",
    ),
    "total in dollars": (
        "pool/totals.yaml",
        "unit: tn KZT",
        "unit: tn USD",
        "assumptions/pool/projects.yaml:10:19: projects.arna.cost: is in bn KZT, the total all in tn USD;"
        " they cannot be added up",
    ),
    "count in kilometres": (
        "pool/totals.yaml",
        "unit: project",
        "unit: km",
        "assumptions/pool/totals.yaml:10:24: totals.roadmap_count.published: projects are counted,"
        " the unit 'km' does not fit; allowed: 1, project",
    ),
    "negative tolerance": (
        "pool/totals.yaml",
        "measure: count",
        "measure: count\n    tolerance: -1",
        "assumptions/pool/totals.yaml:12:16: totals.roadmap_count.tolerance: -1 is below 0; allowed: 0 or more",
    ),
    "label in two languages": (
        "asset_classes.yaml",
        ", kk: Жолдар",
        "",
        "assumptions/asset_classes.yaml:9:5: asset_classes.roads.label: the key 'kk' is missing",
    ),
    "comma in a label": (
        "asset_classes.yaml",
        "en: Roads",
        "en: Roads, bridges",
        "assumptions/asset_classes.yaml:9:24: asset_classes.roads.label.bridges: 'bridges' is not a key;"
        " a text with a comma in it needs quotes; allowed: en, ru, kk",
    ),
    "number for a text": (
        "macro.yaml",
        "note: official rate",
        "note: 2026",
        "assumptions/macro.yaml:11:11: macro.usdkzt.note: a text belongs here, this is a number; put it in quotes",
    ),
    "name that is reserved": (
        "tax.yaml",
        "property_rate: ",
        "values: ",
        "assumptions/tax.yaml:4:3: tax.values: 'values' cannot be a name, it is a key of every entry",
    ),
    "one vintage twice": (
        "fiscal.yaml",
        "as_of: 2024-12-31",
        "as_of: 2025-11-24",
        "assumptions/fiscal.yaml:2:3: fiscal.city_budget: two vintages have the same as_of",
    ),
    "periods": (
        "timeline.yaml",
        'value: 2, unit: "1"',
        'value: 3, unit: "1"',
        "assumptions/timeline.yaml:8:29: timeline.periods_per_year: 3 periods a year are not possible;"
        " allowed: 1 (years), 2 (half-years) or 4 (quarters)",
    ),
    "calendar that runs backward": (
        "timeline.yaml",
        "value: 2050",
        "value: 2020",
        "assumptions/timeline.yaml:6:22: timeline.last_year: the last year is before the first",
    ),
    "run date written as a number": (
        "timeline.yaml",
        "run_date: {value: 2026-02-03}",
        "run_date: {value: 20260203}",
        "assumptions/timeline.yaml:4:21: timeline.run_date: 20260203 year is out of range; allowed: 1990 to 2200 year",
    ),
    "value in the defaults": (
        "tax.yaml",
        'unit: "%"}\ntax',
        'unit: "%", value: 3}\ntax',
        "assumptions/tax.yaml:1:74: defaults.value: unknown key 'value'; allowed: unit, as_of, source, basis",
    ),
    "half a year": (
        "timeline.yaml",
        "value: 2050",
        "value: 2050.5",
        "assumptions/timeline.yaml:6:22: timeline.last_year: a whole number is needed, this is 2050.5",
    ),
    "unknown path": (
        "scenarios/stress.yaml",
        "macro.usdkzt:",
        "macro.usdktz:",
        "assumptions/scenarios/stress.yaml:5:3: overrides.macro.usdktz: no value has this path;"
        " did you mean macro.usdkzt?",
    ),
}


# A misspelt key is an unknown and a missing one; the others are about two entries each.
TWOFOLD = {
    "unknown section",
    "unknown section in place of one",
    "missing budget level",
    "misspelt entry of a project",
    "misspelt key of a project",
    "unknown contract type",
    "no provenance of a fact",
    "total in dollars",
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_mistake(name: str, tree, messages) -> None:
    file, old, new, expected = BREAKAGES[name]
    tree.edit(file, old, new)
    assert expected in messages()


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_mistake_does_not_make_others(name: str, tree, messages) -> None:
    file, old, new, _ = BREAKAGES[name]
    tree.edit(file, old, new)
    assert len(messages()) <= (2 if name in TWOFOLD else 1)


def test_every_fault_of_every_file_is_told_at_once(tree) -> None:
    chosen = ["text for a number", "unknown source", "unknown unit", "unknown split", "financing short of 100 %"]
    chosen += ["unknown distribution", "share above 100 %", "unknown tag", "unknown path", "no provenance of a fact"]
    for name in chosen:
        tree.edit(*BREAKAGES[name][:3])
    tree.files["asset_classes.yaml"] += "\t"
    faults = tree.faults()
    assert {BREAKAGES[name][3] for name in chosen} < {str(fault) for fault in faults}
    assert len(faults) == len(chosen) + 2  # the tab, and the other fact without a basis
    assert list(faults) == sorted(faults, key=lambda fault: (fault.file, fault.line, fault.column))


def test_one_entry_may_have_several_faults(tree, messages) -> None:
    tree.edit("macro.yaml", "value: 505.5", "value: many")
    tree.edit("macro.yaml", "[code, judgement]", "[kode]")
    tree.edit("macro.yaml", "unit: KZT/USD", "unit: KZT/UDS")
    assert [re.sub(";.*", "", text) for text in messages()] == [
        "assumptions/macro.yaml:4:12: macro.usdkzt.value: a number belongs here, this is the text 'many'",
        "assumptions/macro.yaml:5:11: macro.usdkzt.unit: unknown unit 'KZT/UDS'",
        "assumptions/macro.yaml:9:14: macro.usdkzt.source.1: 'kode' is not in sources",
    ]


def test_what_follows_from_an_unreadable_file_is_not_told(tree, messages) -> None:
    tree.files["sources.yaml"] = "sources: ["
    tree.files["pool/financing.yaml"] = "financing: 'open\n"
    tree.files["macro.yaml"] = "macro: {usdkzt}: 3\n"
    assert [text.split(":")[0] for text in messages()] == [
        "assumptions/macro.yaml",
        "assumptions/pool/financing.yaml",
        "assumptions/sources.yaml",
    ]


def test_an_entry_that_a_run_needs_must_be_known(tree, messages) -> None:
    tree.edit("pool/projects.yaml", "10.1, unit: bn KZT", "10.1, unit: bn KZT, as_of: 2026-02-20")
    assert messages() == [
        "assumptions/pool/projects.yaml:10:5: projects.arna.cost: not known on the run date 2026-02-03;"
        " its earliest as_of is 2026-02-20; allowed: a later run date, or a vintage of that time"
    ]
    assert tree.load(run_date=date(2026, 2, 20)).value("projects.arna.cost").value == 10.1


def test_words_are_plain(tree, messages) -> None:
    for name, (file, old, new, _) in BREAKAGES.items():
        text = tree.files[file]
        tree.edit(file, old, new)
        for told in messages():
            assert not re.search(r"pydantic|Input should|\b(dict|str|int|float|Field|model)\b", told), name
        tree.files[file] = text
