"""ALPS by the share of tokens that it evaluates, and with masked input, on validation (Table 4)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence

from alps.reports.run_tables import spread
from alps.reports.score_curves import Panel
from alps.reports.table import Table
from alps.strategies import find_strategy

FRACTION_STRATEGIES = ("alps", "alps-tokens", "alps-masked")


def token_fractions(panels: Sequence[Panel]) -> Table:
    """Every variant beside the others that ran in the same setting but for the share of tokens."""
    groups: dict[str, list[tuple[Panel, str, str]]] = defaultdict(list)
    for panel in panels:
        common = {name: value for name, value in panel.settings.items() if name != "evaluated_fraction"}
        key = json.dumps([panel.dataset, panel.classifier, common], sort_keys=True)
        groups[key] += [(panel, line.strategy, variant_of(line.strategy, panel)) for line in panel.strategies
                        if line.strategy in FRACTION_STRATEGIES]  # fmt: skip
    rows = []
    for group in groups.values():
        if len({variant for _, _, variant in group}) < 2:
            continue
        for panel, strategy, variant in group:
            points = panel.only([strategy]).lines[0].points("dev")
            rows += [(panel.title, variant, f"{each.n_labelled:,}", spread(each), str(each.n)) for each in points]
    return Table(
        "table_4_token_fractions",
        "Table 4: shares of tokens, and masked input (validation)",
        "Micro-F1 on dev; mean ± sample standard deviation over n seeds.",
        ("panel", "evaluated tokens", "labels", "micro-F1", "n seeds"),
        tuple(rows),
    )


def variant_of(strategy: str, panel: Panel) -> str:
    """What a variant of ALPS evaluates, in words."""
    row, said = find_strategy(strategy), panel.settings.get("evaluated_fraction", 0.15)
    options = {"evaluated_fraction": said, **row.representation_options}
    if said == 0.15:  # nobody said otherwise
        options |= row.representation_defaults
    return f"{float(options['evaluated_fraction']):.0%}" + (", masked" if options.get("masked") else "")
