"""From declared correlations to loadings: every factor is a sum of loadings times independent named normals.

A risk a with common correlation c and same-class correlation s splits into three levels,

    z[a, p] = sqrt(c) common:a + sqrt(s - c) class:a:<class of p> + sqrt(1 - s) a/p,

so two projects correlate by c, two of one class by s. (No common correlation declared: c = 0; no same-class: s = c.)

Risks joined by `within_project` mix level by level with the same weights: the normal of b at each level is
theta times that of a plus sqrt(1 - theta**2) times its own, with

    theta = rho / K,   K = sqrt(c_a c_b) + sqrt((s_a - c_a) (s_b - c_b)) + sqrt((1 - s_a) (1 - s_b)) <= 1,

which gives corr(a_p, b_p) = rho exactly. Across projects of different classes it is then theta sqrt(c_a c_b), of one
class theta (sqrt(c_a c_b) + sqrt((s_a - c_a) (s_b - c_b))): what hits all costs hits all schedules too. With equal
c and s for both risks K = 1, and this is rho c and rho s.

Risks joined by `pair` belong to the pool and have one level. Three and more joined risks form a matrix of theta, its
Cholesky factor in the order in which the correlations first name them. So a risk or a project that is added leaves the
draws of all others as they were, and a risk that is joined to others by a later line changes only itself. Correlations
that cannot hold together (|theta| > 1, a matrix that is not positive semidefinite) are repaired and reported.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from alatau_finance.errors import nearest
from alatau_finance.risk.factors import CorrelationKind, CorrelationRule, Repair, RiskError, RiskFactor, Scope
from alatau_finance.risk.matrix import Matrix, cholesky, identity, nearest_correlation, product_with_transpose

Loadings = tuple[tuple[str, float], ...]
"""(name of an independent normal, loading), ...: the squares sum to one."""

_CHANGED = 1e-9
_LINKS = ("within_project", "pair")


@dataclass(frozen=True, slots=True)
class _Risk:
    """What correlation needs to know of a risk: where it strikes, and its variance at each level."""

    scope: Scope
    per_period: bool
    levels: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """Risks joined by within_project or pair, in order, with the loadings of each on the normals of all."""

    risks: tuple[str, ...]
    lower: Matrix
    repair: Repair | None = None


def build_loadings(
    factors: Sequence[RiskFactor], rules: Sequence[CorrelationRule], classes_of_project: Mapping[str, str]
) -> tuple[dict[str, Loadings], tuple[Repair, ...]]:
    """The loadings of every factor by its name, and the repairs. Raises :class:`RiskError` with all mistakes."""
    problems: list[str] = []
    first = {factor.risk: factor for factor in reversed(factors)}
    common = _by_risk("common", rules, first, problems)
    same_class = _by_risk("same_class", rules, first, problems)
    risks = {risk: _levels(factor, common, same_class, problems) for risk, factor in first.items()}
    links = _links(rules, risks, problems)
    if problems:
        raise RiskError(problems)
    groups = {risk: group for group in _groups(links, risks) for risk in group.risks}
    loadings = {
        factor.name: _of_factor(factor, groups.get(factor.risk) or _alone(factor.risk), risks, classes_of_project)
        for factor in factors
    }
    repairs = {group.risks: group.repair for group in groups.values() if group.repair}
    return loadings, tuple(repairs.values())


def _by_risk(
    kind: CorrelationKind, rules: Iterable[CorrelationRule], risks: Mapping[str, RiskFactor], problems: list[str]
) -> dict[str, float]:
    """risk -> its correlation of this kind."""
    found: dict[str, float] = {}
    for rule in rules:
        if rule.kind != kind:
            continue
        for risk in rule.risks:
            if risk in found:
                problems.append(f"{kind} correlation of {risk} is declared twice")
            found[risk] = rule.correlation
            factor = risks.get(risk)
            if factor is None:
                problems.append(_unknown(rule, risk, risks))
            elif factor.scope == "pool" or (kind == "same_class" and factor.scope != "project"):
                problems.append(
                    f"{kind} correlation of {risk}: its scope is {factor.scope}, there is no other instance"
                )
            if not 0.0 <= rule.correlation <= 1.0:
                problems.append(f"{kind} correlation of {risk} = {rule.correlation:g} must lie between 0 and 1")
    return found


def _levels(
    factor: RiskFactor, common: Mapping[str, float], same_class: Mapping[str, float], problems: list[str]
) -> _Risk:
    if factor.scope == "pool":
        return _Risk(factor.scope, factor.per_period, (1.0,))
    c = common.get(factor.risk, 0.0)
    s = same_class.get(factor.risk, c)
    if s < c:
        problems.append(f"same_class correlation of {factor.risk} = {s:g} must not be below the common one, {c:g}")
    return _Risk(factor.scope, factor.per_period, (c, max(s - c, 0.0), 1.0 - max(s, c)))


def _links(
    rules: Iterable[CorrelationRule], risks: Mapping[str, _Risk], problems: list[str]
) -> dict[tuple[str, str], CorrelationRule]:
    """(risk, other) -> the rule that joins them."""
    links: dict[tuple[str, str], CorrelationRule] = {}
    for rule in rules:
        if rule.kind not in _LINKS:
            continue
        fault = _link_fault(rule, risks)
        if not fault and (rule.risks in links or rule.risks[::-1] in links):
            fault = f"{rule.kind} correlation of {' and '.join(rule.risks)} is declared twice"
        if fault:
            problems.append(fault)
        else:
            links[rule.risks[0], rule.risks[1]] = rule
    return links


def _link_fault(rule: CorrelationRule, risks: Mapping[str, _Risk]) -> str:
    what = f"{rule.kind} correlation of {' and '.join(rule.risks)}"
    if len(rule.risks) != 2 or rule.risks[0] == rule.risks[-1]:
        return f"{what}: name two different risks"
    for risk in rule.risks:
        if risk not in risks:
            return _unknown(rule, risk, risks)
    if not -1.0 <= rule.correlation <= 1.0:
        return f"{what} = {rule.correlation:g} must lie between -1 and 1"
    a, b = risks[rule.risks[0]], risks[rule.risks[1]]
    if rule.kind == "pair" and {a.scope, b.scope} != {"pool"}:
        return f"{what}: both must have the scope pool; they have {a.scope} and {b.scope}"
    if rule.kind == "within_project" and (a.scope != b.scope or a.scope == "pool"):
        return f"{what}: both must have the scope project, or both asset_class; they have {a.scope} and {b.scope}"
    if a.per_period != b.per_period:
        return f"{what}: one is drawn once a path, the other every period"
    return ""


def _unknown(rule: CorrelationRule, risk: str, risks: Iterable[str]) -> str:
    hint = nearest(risk, risks)
    return f"{rule.kind} correlation: there is no risk {risk}" + (f"; did you mean {hint}?" if hint else "")


def _groups(links: Mapping[tuple[str, str], CorrelationRule], risks: Mapping[str, _Risk]) -> list[_Group]:
    """The connected risks, each group and its members in the order of first mention."""
    order = list(dict.fromkeys(risk for pair in links for risk in pair))
    group_of = {risk: {risk} for risk in order}
    for a, b in links:
        joined = group_of[a] | group_of[b]
        for risk in joined:
            group_of[risk] = joined
    members = dict.fromkeys(tuple(risk for risk in order if risk in group_of[start]) for start in order)
    return [_group(group, links, risks) for group in members]


def _alone(risk: str) -> _Group:
    return _Group((risk,), identity(1))


def _group(
    members: tuple[str, ...], links: Mapping[tuple[str, str], CorrelationRule], risks: Mapping[str, _Risk]
) -> _Group:
    size = len(members)
    place = {risk: i for i, risk in enumerate(members)}
    theta, shared, declared = identity(size), identity(size), identity(size)
    kind: CorrelationKind = "pair"
    for (a, b), rule in links.items():
        if a in place and b in place:
            i, j = place[a], place[b]
            kind = rule.kind
            declared[i][j] = declared[j][i] = rule.correlation
            theta[i][j] = theta[j][i] = _theta(rule.correlation, _shared(risks[a], risks[b]))
    for i, a in enumerate(members):
        for j, b in enumerate(members):
            shared[i][j] = _shared(risks[a], risks[b])
    lower = cholesky(nearest_correlation(theta))
    used = product_with_transpose(lower)
    changes = tuple(
        (members[j], members[i], declared[i][j], used[i][j] * shared[i][j])
        for i in range(size)
        for j in range(i)
        if abs(used[i][j] * shared[i][j] - declared[i][j]) > _CHANGED
    )
    largest = max((abs(now - before) for _, _, before, now in changes), default=0.0)
    return _Group(members, lower, Repair(kind, members, largest, changes) if changes else None)


def _shared(a: _Risk, b: _Risk) -> float:
    """K of the module's text: how far two risks can correlate within one project."""
    if a.levels == b.levels:
        return 1.0
    return sum(math.sqrt(x * y) for x, y in zip(a.levels, b.levels, strict=True))


def _theta(rho: float, shared: float) -> float:
    return max(-1.0, min(1.0, rho / shared)) if shared > 0.0 else 0.0


def _of_factor(
    factor: RiskFactor, group: _Group, risks: Mapping[str, _Risk], classes_of_project: Mapping[str, str]
) -> Loadings:
    """Each level of the factor's risk, spread over the normals of the risks it is joined with."""
    row = group.lower[group.risks.index(factor.risk)]
    loadings: list[tuple[str, float]] = []
    for level, variance in enumerate(risks[factor.risk].levels):
        for risk, weight in zip(group.risks, row, strict=True):
            if variance > 0.0 and weight != 0.0:
                name = _normal_name(level, risk, factor, classes_of_project)
                loadings.append((name, math.sqrt(variance) * weight))
    return tuple(loadings)


def _normal_name(level: int, risk: str, factor: RiskFactor, classes_of_project: Mapping[str, str]) -> str:
    if factor.scope == "pool":
        return risk
    if level == 0:
        return f"common:{risk}"
    if level == 1:
        return f"class:{risk}:{_class_of(factor, classes_of_project)}"
    return f"{risk}/{factor.scope_id}"


def _class_of(factor: RiskFactor, classes_of_project: Mapping[str, str]) -> str:
    asset_class = classes_of_project.get(factor.scope_id)
    if asset_class is None:
        raise RiskError([f"same_class correlation of {factor.risk}: project {factor.scope_id} has no asset class"])
    return asset_class
