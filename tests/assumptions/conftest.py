"""A small valid tree of assumptions that a test breaks in one place or another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import pytest

from alatau_finance.assumptions import Assumptions, load_assumptions
from alatau_finance.errors import AssumptionErrors, Fault

FILES = {
    "sources.yaml": """\
        sources:
          code: {title: Tax Code, publisher: Republic of Kazakhstan, date: 2025-07-18, language: ru, kind: web}
          judgement: {title: "[Judgement]", publisher: alatau-finance, language: en, kind: judgement}
        """,
    "timeline.yaml": """\
        defaults: {as_of: 2026-02-03, source: [judgement], basis: assumed, unit: year}
        timeline:
          base_date: {value: 2026-01-01}
          run_date: {value: 2026-02-03}
          first_year: {value: 2026}
          last_year: {value: 2050}
          tail_years: {value: 10}
          periods_per_year: {value: 2, unit: "1"}
        """,
    "macro.yaml": """\
        macro:
          usdkzt:
            label: {en: Exchange rate, ru: Курс, kk: Бағам}
            value: 505.5
            unit: KZT/USD
            low: 450
            high: 600
            as_of: 2026-01-30
            source: [code, judgement]
            basis: sourced
            note: official rate
          cpi_expected:
            values: {2026: 10.5, 2027: 7.5, 2028-07-01: 5}
            unit: "%/year"
            as_of: 2026-01-23
            source: code
            basis: sourced
        """,
    "tax.yaml": """\
        defaults: {as_of: 2026-01-01, source: [code], basis: sourced, unit: "%"}
        tax:
          vat_rate: {value: 16}
          property_rate: {value: 1.5, unit: "%/year"}
        """,
    "fiscal.yaml": """\
        fiscal:
          city_budget:
            unit: bn KZT
            source: [code]
            basis: sourced
            vintages:
              - {value: 2.9, as_of: 2024-12-31}
              - {value: 8.8, as_of: 2025-11-24, note: tripled}
              - {value: 9.9, as_of: 2026-03-01}
        """,
    "asset_classes.yaml": """\
        defaults: {as_of: 2026-02-03, source: [judgement], basis: assumed}
        asset_classes:
          power:
            label: {en: Power, ru: Энергетика, kk: Энергетика}
            sector: energy
            opex_rate: {value: 2, unit: "%/year"}
            foreign_share: {value: 50, unit: "%"}
          roads:
            label: {en: Roads, ru: Дороги, kk: Жолдар}
            sector: transport
            opex_rate: {value: 1, unit: "%/year"}
            foreign_share: {value: 0.1, unit: "1"}
        """,
    "contracts/epcf.yaml": """\
        defaults: {as_of: 2026-02-03, source: [judgement], basis: assumed}
        contract:
          advance_share: {value: 20, unit: "%"}
          instalments: {value: 10, unit: "1"}
        """,
    "risks.yaml": """\
        defaults: {as_of: 2026-02-03, source: [judgement], basis: assumed, unit: "1"}
        risks:
          usdkzt_jump:
            label: {en: Devaluation, ru: Девальвация, kk: Девальвация}
            target: usdkzt_jump
            scope: pool
            per_period: true
            distribution: jump
            parameters:
              probability: {value: 8, unit: "%"}
              size: usdkzt
          cost_overrun:
            label: {en: Cost overrun, ru: Удорожание, kk: Қымбаттау}
            target: cost_overrun
            scope: project
            distribution: lognormal
            combine: multiply
            parameters:
              sigma: {value: 0.3}
        correlations:
          - {kind: pair, risks: [usdkzt_jump, cost_overrun], correlation: {value: 0.2}}
          - {kind: same_class, risks: cost_overrun, correlation: {value: 30, unit: "%"}}
        """,
    "investment_projects.yaml": """\
        defaults: {as_of: 2026-02-03, source: [judgement], basis: assumed}
        projects:
          - id: pepsico
            name: {en: PepsiCo, ru: PepsiCo, kk: PepsiCo}
            asset_class: roads
            cost: {value: 360, unit: mn USD}
        portfolio:
          count:
            unit: project
            vintages:
              - {value: 41, as_of: 2025-11-24}
              - {value: 44, as_of: 2026-02-03}
        """,
    "pool/totals.yaml": """\
        defaults: {as_of: 2026-01-15, source: [code], basis: sourced, unit: bn KZT}
        totals:
          all:
            label: {en: Pool, ru: Пул, kk: Пул}
            published: {value: 0.0301, unit: tn KZT}
            measure: cost
            filter: {any: true}
          roadmap_count:
            label: {en: Roadmap, ru: Дорожная карта, kk: Жол картасы}
            published: {value: 1, unit: project}
            measure: count
            filter: {stage: [roadmap_2026_2027, roadmap_2028_2030], tag: named}
        """,
    "pool/financing.yaml": """\
        defaults: {as_of: 2026-02-03, source: [judgement], basis: assumed, unit: "%"}
        financing:
          mixed:
            budget: {value: 75}
            epcf: {value: 25}
          public:
            budget: {value: 100}
        """,
    "pool/budget_levels.yaml": """\
        defaults: {as_of: 2026-02-03, source: [judgement], basis: assumed, unit: "%"}
        budget_levels:
          local:
            republican_share: {value: 45}
            oblast_share: {value: 34.5}
            city_share: {value: 0.5}
            national_fund_share: {value: 20}
        """,
    "pool/projects.yaml": """\
        defaults: {as_of: 2026-02-03, source: [judgement], basis: assumed}
        projects:
          - id: arna
            name: {en: Arna substation, ru: Подстанция Арна, kk: Арна қосалқы станциясы}
            stage: roadmap_2026_2027
            asset_class: power
            tags: [named, substation]
            financing: mixed
            budget_levels: local
            cost: {value: 10.1, unit: bn KZT}
            start: {value: 2026-07-01}
            duration: {value: 18, unit: month}
            facts:
              - {text: {ru: Строится.}, source: [code], as_of: 2026-02-03}
          - id: ring_road
            name: {en: Ring road, ru: Кольцевая дорога, kk: Айналма жол}
            stage: programme_2031_2050
            asset_class: roads
            financing: public
            budget_levels: local
            cost: {value: 20, unit: bn KZT}
            start: {value: 2031, unit: year}
            duration: {value: 3, unit: year}
        """,
    "reference/city.yaml": """\
        defaults: {as_of: 2025-11-24, source: [code], basis: sourced}
        facts:
          city_area: {label: {en: Area, ru: Площадь, kk: Аумақ}, value: 88000, unit: ha}
          city_status: {label: {en: Status, ru: Статус, kk: Мәртебе}, text: {en: "A city of special status"}}
        """,
    "scenarios/stress.yaml": """\
        scenario:
          label: {en: Stress, ru: Стресс, kk: Стресс}
          description: {en: Weak tenge, ru: Слабый тенге, kk: Әлсіз теңге}
        overrides:
          macro.usdkzt: 700
          macro.cpi_expected.2027: 9
          asset_classes.*.opex_rate: 3
          financing.mixed.budget: 60
          financing.mixed.epcf: 40
        """,
}


@dataclass
class Tree:
    """Files of a root, written when it is loaded."""

    root: Path
    files: dict[str, str | bytes] = field(default_factory=lambda: {name: dedent(text) for name, text in FILES.items()})

    def edit(self, file: str, old: str, new: str) -> Tree:
        """Replace ``old``, which stands exactly once in ``file``, by ``new``."""
        text = self.files[file]
        assert isinstance(text, str)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        self.files[file] = text.replace(old, new)
        return self

    def write(self) -> Tree:
        """Put the files on disk."""
        for name, text in self.files.items():
            path = self.root / "assumptions" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def load(self, *arguments: object, **options: object) -> Assumptions:
        """Write and load."""
        self.write()
        return load_assumptions(self.root, *arguments, **options)  # type: ignore[arg-type]

    def faults(self, *arguments: object, **options: object) -> tuple[Fault, ...]:
        """What is wrong with the files; a test that expects faults fails where there are none."""
        with pytest.raises(AssumptionErrors) as caught:
            self.load(*arguments, **options)
        return caught.value.faults


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A valid tree."""
    return Tree(tmp_path)


@pytest.fixture
def messages(tree: Tree) -> Callable[..., list[str]]:
    """The faults of the tree as a user reads them."""

    def read(*arguments: object, **options: object) -> list[str]:
        return [str(fault) for fault in tree.faults(*arguments, **options)]

    return read
