"""A plan as a graph in the DOT language of Graphviz: what each line needs, phase by phase."""

from __future__ import annotations

from alatau_finance.modelling.expression import Next, Previous, Reference, WholeLife
from alatau_finance.modelling.model import Declaration
from alatau_finance.modelling.plan import Plan


def graph_source(plan: Plan) -> str:
    """Boxes for lines by phase, ovals for what is given; dashed arrows look back, bold ones take a whole life."""
    text = [f'digraph "{plan.key}" {{', "  rankdir=LR;", "  node [shape=oval];"]
    text += [f'  "{name}" [label="{name}\\n{item.unit}"];' for name, item in _given(plan)]
    for number in range(len(plan.phases)):
        text += [f"  subgraph cluster_{number} {{", f'    label="phase {number}"; node [shape=box];']
        lines = (line for line in plan.lines.values() if line.phase == number)
        text += [f'    "{line.name}" [label="{line.name}\\n{line.unit}"];' for line in lines]
        text.append("  }")
    text += [edge for name in plan.lines for edge in _edges(plan, name)]
    return "\n".join([*text, "}"])


def _given(plan: Plan) -> list[tuple[str, Declaration]]:
    return [*plan.inputs.items(), *plan.series.items(), *plan.gathers.items()]


def _edges(plan: Plan, name: str) -> list[str]:
    edges = dict[str, None]()
    for node in plan.lines[name].formula.walk():
        if isinstance(node, Reference):
            edges[f'  "{node.name}" -> "{name}";'] = None
        elif isinstance(node, (Previous, Next)):
            edges[f'  "{node.name}" -> "{name}" [style=dashed];'] = None
        elif isinstance(node, WholeLife):
            edges.update(
                {f'  "{source}" -> "{name}" [style=bold, label="{node.reducer}"];': None for source in node.names}
            )
    return list(edges)
