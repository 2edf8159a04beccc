r"""
Tables and the figure of `cold_start.py`: gains over Random, worst cells, and what is not inferior.

    python experiments/cold_start_tables.py runs/cold-start --output docs/results

A gain is the accuracy in one sub-pool minus the mean of Random's ten draws there, in points. `lower` is the lower end
of the 95 % bootstrap interval over sub-pools: the bound of a one-sided test at 97.5 %. A strategy is not inferior to
Random where it is above -1.0 in every cell (data set and budget) and above -0.3 on the average of all up to 128
labels, which every sub-pool has; a cell with one sub-pool has no bound and does not pass. `p10_gain` compares bad luck
with bad luck: the 10th percentile over sub-pools minus Random's. `class_error` is the squared error of the class
counts in units of Random's expected one: below 1 a strategy has the pool's mix of classes better than Random.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from alps.analysis.bootstrap import bootstrap_interval, mean_over_groups
from alps.base.streams import Stream

CELL_MARGIN, AVERAGE_MARGIN = -1.0, -0.3
MOST_AVERAGED = 128  # labels; the larger budget has fewer sub-pools
CELL_COLUMNS = (
    "data_set", "budget", "arm", "n", "accuracy", "macro_f1", "gain", "gain_sd", "lower", "p10_gain", "macro_f1_gain",
    "classes_seen", "class_error", "tokens",
)  # fmt: skip
ARM_COLUMNS = (
    "arm", "n_cells", "fewest_sub_pools", "gain", "lower", "upper", "gain_16", "gain_32", "gain_64", "gain_128",
    "gain_256", "worst_gain", "worst_cell", "worst_lower", "cells_inferior", "p10_gain", "macro_f1_gain",
    "classes_missed", "class_error", "not_inferior",
)  # fmt: skip
SET_COLUMNS = ("data_set", "arm", "n", "gain", "lower", "upper")
DRAWN = {
    "alps": "surprisal free nearest none",
    "bert-km": "encoder free nearest none",
    "stratified": "encoder equal random none",
    "stratified, core": "encoder equal core none",
    "typiclust": "typiclust",
    "oracle": "oracle",
}

Line = dict[str, float]
Cells = dict[tuple[str, int], dict[str, dict[int, list[Line]]]]  # data set, budget -> arm -> sub-pool -> draws


def read(folder: Path) -> Cells:
    """Every line of every finished sub-pool."""
    cells: Cells = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            for line in csv.DictReader(file):
                values = {name: float(line[name]) for name in list(line)[5:]}
                cells[line["data_set"], int(line["budget"])][line["arm"]][int(line["sub_pool"])].append(values)
    return cells


def cell_lines(cells: Cells) -> tuple[list[dict[str, Any]], dict[tuple[str, str, int], dict[int, float]]]:
    """One line for each data set, budget and arm; and the gains of each (arm, data set, budget) by sub-pool."""
    lines, gains = [], {}
    for (data_set, budget), arms in sorted(cells.items()):
        baseline = {seed: mean(draws) for seed, draws in arms["random"].items()}
        luck = np.quantile([draw["accuracy"] for draws in arms["random"].values() for draw in draws], 0.1)
        for arm, pools in sorted(arms.items()):
            values = {seed: mean(draws) for seed, draws in pools.items()}
            gain = {seed: 100 * (value["accuracy"] - baseline[seed]["accuracy"]) for seed, value in values.items()}
            gains[arm, data_set, budget] = gain
            diff = np.array(list(gain.values()))
            interval = bootstrap_interval({"cell": diff}, Stream(0, f"{data_set} {budget} {arm}"))
            own = np.quantile([draw["accuracy"] for draws in pools.values() for draw in draws], 0.1)
            average = mean(list(values.values()))
            f1_gain = np.mean([values[seed]["macro_f1"] - baseline[seed]["macro_f1"] for seed in values])
            lines.append(
                {
                    "data_set": data_set, "budget": budget, "arm": arm, "n": len(diff),
                    "accuracy": 100 * average["accuracy"], "macro_f1": 100 * average["macro_f1"], "gain": diff.mean(),
                    "gain_sd": diff.std(ddof=1) if len(diff) > 1 else 0.0,
                    "lower": np.nan if interval is None else interval[0], "p10_gain": 100 * (own - luck),
                    "macro_f1_gain": 100 * f1_gain,
                    **{name: average[name] for name in ("classes_seen", "class_error", "tokens")},
                }
            )  # fmt: skip
    return lines, gains


def mean(lines: list[Line]) -> Line:
    """The mean of every column."""
    return {name: float(np.mean([line[name] for line in lines])) for name in lines[0]}


def arm_lines(lines: list[dict[str, Any]], gains: dict[tuple[str, str, int], dict[int, float]]) -> list[dict[str, Any]]:
    """One line for each arm: the average over data sets and budgets, and its worst cell."""
    found = []
    n_classes: dict[str, float] = defaultdict(float)
    for line in lines:
        n_classes[line["data_set"]] = max(n_classes[line["data_set"]], float(line["classes_seen"]))
    for arm in sorted({line["arm"] for line in lines}):
        own = [line for line in lines if line["arm"] == arm]
        averaged = [line for line in own if line["budget"] <= MOST_AVERAGED]
        by_set: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
        for (name, data_set, budget), gain in gains.items():
            if name == arm and budget <= MOST_AVERAGED:
                for seed, value in gain.items():
                    by_set[data_set][seed].append(value)
        groups = {name: np.array([np.mean(values) for values in seeds.values()]) for name, seeds in by_set.items()}
        interval = bootstrap_interval(groups, Stream(0, arm))
        low, high = interval or (np.nan, np.nan)
        worst = min(own, key=lambda line: line["gain"])
        bound = min(own, key=lambda line: line["lower"])
        n_inferior = sum(not line["lower"] > CELL_MARGIN for line in own)
        found.append(
            {
                "arm": arm, "n_cells": len(own), "fewest_sub_pools": min(line["n"] for line in own),
                "gain": mean_over_groups(groups), "lower": low, "upper": high,
                **{
                    f"gain_{budget}": np.mean([line["gain"] for line in own if line["budget"] == budget] or [np.nan])
                    for budget in (16, 32, 64, 128, 256)
                },
                "worst_gain": worst["gain"], "worst_cell": f"{worst['data_set']} {worst['budget']}",
                "worst_lower": bound["lower"], "cells_inferior": n_inferior,
                **{
                    name: np.mean([line[name] for line in averaged])
                    for name in ("p10_gain", "macro_f1_gain", "class_error")
                },
                "classes_missed": np.mean([n_classes[line["data_set"]] - line["classes_seen"] for line in averaged]),
                "not_inferior": "yes" if n_inferior == 0 and low > AVERAGE_MARGIN else "no",
            }
        )  # fmt: skip
    return sorted(found, key=lambda line: -line["gain"])


def set_lines(gains: dict[tuple[str, str, int], dict[int, float]]) -> list[dict[str, Any]]:
    """One line for each data set and arm: the average over the budgets up to `MOST_AVERAGED`."""
    by_set: dict[tuple[str, str], dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for (arm, data_set, budget), gain in gains.items():
        if budget <= MOST_AVERAGED:
            for seed, value in gain.items():
                by_set[data_set, arm][seed].append(value)
    found = []
    for (data_set, arm), seeds in sorted(by_set.items()):
        values = np.array([np.mean(some) for some in seeds.values()])
        low, high = bootstrap_interval({data_set: values}, Stream(0, f"{data_set} {arm}")) or (np.nan, np.nan)
        average = float(values.mean())
        found.append({"data_set": data_set, "arm": arm, "n": len(values), "gain": average, "lower": low, "upper": high})
    return found


def write(path: Path, columns: tuple[str, ...], lines: list[dict[str, Any]]) -> None:
    """A CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for line in lines:
            values = [line[name] for name in columns]
            writer.writerow([_cell(value) for value in values])


def _cell(value: Any) -> Any:
    """Two decimals; nothing where there is no number."""
    if not isinstance(value, float):
        return value
    return "" if np.isnan(value) else f"{value:.2f}"


def draw(path: Path, lines: list[dict[str, Any]]) -> None:
    """Gain against budget, a panel for each data set."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    data_sets = sorted({line["data_set"] for line in lines})
    figure, panels = pyplot.subplots(2, 4, figsize=(13, 6), sharex=True, layout="constrained")
    for data_set, panel in zip(data_sets, panels.ravel(), strict=False):
        for name, arm in DRAWN.items():
            own = [line for line in lines if line["data_set"] == data_set and line["arm"] == arm]
            budgets, gain = [line["budget"] for line in own], [line["gain"] for line in own]
            panel.plot(budgets, gain, ":" if name == "oracle" else "-", marker="o", markersize=3, label=name)
        panel.axhline(0, color="black", linewidth=0.8)
        panel.set(title=data_set, xscale="log", xticks=[16, 32, 64, 128, 256], xticklabels=[16, 32, 64, 128, 256])
        panel.minorticks_off()
    for panel in panels.ravel()[len(data_sets) :]:
        panel.axis("off")
    panels.ravel()[-1].legend(*panels.ravel()[0].get_legend_handles_labels(), loc="center", frameon=False)
    figure.supxlabel("labelled texts")
    figure.supylabel("accuracy minus Random's, points")
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Write the tables and the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--prefix", default="cold-start")
    arguments = parser.parse_args()
    lines, gains = cell_lines(read(arguments.folder))
    arguments.output.mkdir(parents=True, exist_ok=True)
    write(arguments.output / f"{arguments.prefix}-cells.csv", CELL_COLUMNS, lines)
    write(arguments.output / f"{arguments.prefix}-arms.csv", ARM_COLUMNS, arm_lines(lines, gains))
    write(arguments.output / f"{arguments.prefix}-sets.csv", SET_COLUMNS, set_lines(gains))
    if {line["arm"] for line in lines} >= set(DRAWN.values()):
        draw(arguments.output / f"{arguments.prefix}.svg", lines)


if __name__ == "__main__":
    main()
