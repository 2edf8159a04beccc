r"""
Tables of a run of `alps simulate`: what each strategy gains over Random, round by round.

    python experiments/learning_curve_tables.py runs/learning-curves-probe --output docs/results

A gain is the score of a curve minus Random's of the same data set and seed, in points; the area is the mean height of
a learning curve. Only pairs of curves that are both finished count, and every line has its n. Intervals are 95 %
bootstrap intervals over seeds within data sets. The seeds of a data set share pool and test part, so that they speak of
other draws on the same texts, and with five seeds they are too narrow. The last table tests each strategy that ran
on every data set against Random.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from alps.analysis.bootstrap import bootstrap_interval, mean_over_groups
from alps.analysis.comparison import compare
from alps.analysis.learning_curve import area_under_curve, points
from alps.base.streams import Stream
from alps.simulation.results import Curve, read_run
from cold_start_tables import write

BASELINE = "random"
ROUND_COLUMNS = (
    "data_set", "strategy", "n_labelled", "n", "micro_f1", "micro_f1_sd", "macro_f1", "gain", "gain_sd",
    "macro_f1_gain", "seconds_to_select",
)  # fmt: skip
CURVE_COLUMNS = ("data_set", "strategy", "seed", "n_labelled", "micro_f1", "micro_f1_dev")
COMPARISON_COLUMNS = ("strategy", "n", "area_gain", "p", "holm_p", "effect_size", "wins")
SET_COLUMNS = ("data_set", "strategy", "n", "area", "area_gain", "lower", "upper")

Curves = dict[tuple[str, str], dict[int, Curve]]  # data set, strategy -> seed -> curve


def read(folder: Path) -> Curves:
    """The finished curves."""
    found: Curves = defaultdict(dict)
    for curve in read_run(folder):
        of_pool = -(-curve.settings["sizes"]["train"] // curve.settings["k"])  # after so many rounds it runs out
        if len(curve.rounds) >= min(curve.settings["rounds"], of_pool):  # as it was begun; it may have been extended
            found[curve.cell.dataset, curve.cell.strategy][curve.cell.seed] = curve
    return found


def pairs(curves: Curves, data_set: str, strategy: str) -> list[tuple[Curve, Curve]]:
    """The curves of a strategy and Random's of the same seed, each cut to the rounds that both have so far."""
    baseline = curves.get((data_set, BASELINE), {})
    both = [(own, baseline[seed]) for seed, own in sorted(curves[data_set, strategy].items()) if seed in baseline]
    common = [min(len(own.rounds), len(other.rounds)) for own, other in both]
    return [
        (replace(own, rounds=own.rounds[:n]), replace(other, rounds=other.rounds[:n]))
        for (own, other), n in zip(both, common, strict=True)
    ]


def heights(curve: Curve, score: str = "micro_f1") -> np.ndarray:
    """Points of 100, by round."""
    return 100 * points(curve, score=score).scores


def area(curve: Curve) -> float:
    """The mean height of a curve."""
    return area_under_curve(points(curve).n_labelled, heights(curve))


def curve_lines(curves: Curves) -> list[dict[str, Any]]:
    """One line for each round of each curve, with the scores on test and, where there is such a part, on dev."""
    return [
        {
            "data_set": data_set, "strategy": strategy, "seed": seed, "n_labelled": each.n_labelled,
            "micro_f1": 100 * each.scores["test"]["micro_f1"],
            "micro_f1_dev": 100 * each.scores["dev"]["micro_f1"] if "dev" in each.scores else np.nan,
        }
        for (data_set, strategy), seeds in sorted(curves.items())
        for seed, curve in sorted(seeds.items())
        for each in curve.rounds
    ]  # fmt: skip


def round_lines(curves: Curves) -> list[dict[str, Any]]:
    """One line for each data set, strategy and number of labels."""
    lines = []
    for data_set, strategy in sorted(curves):
        both = pairs(curves, data_set, strategy)
        if not both:
            continue
        micro, macro = (
            [(heights(own, score), heights(other, score)) for own, other in both] for score in ("micro_f1", "macro_f1")
        )
        longest = max((own for own, _ in both), key=lambda own: len(own.rounds))
        for i, n_labelled in enumerate(points(longest).n_labelled):  # a seed may have had fewer rounds so far
            scores = np.array([(own[i], other[i]) for own, other in micro if i < len(own)])
            macro_scores = np.array([(own[i], other[i]) for own, other in macro if i < len(own)])
            seconds = [own.rounds[i].seconds["select"] for own, _ in both if i < len(own.rounds)]
            gains = scores[:, 0] - scores[:, 1]
            spread = {"ddof": 1} if len(gains) > 1 else {}
            lines.append(
                {
                    "data_set": data_set, "strategy": strategy, "n_labelled": int(n_labelled), "n": len(gains),
                    "micro_f1": scores[:, 0].mean(), "micro_f1_sd": scores[:, 0].std(**spread),
                    "macro_f1": macro_scores[:, 0].mean(), "gain": gains.mean(), "gain_sd": gains.std(**spread),
                    "macro_f1_gain": (macro_scores[:, 0] - macro_scores[:, 1]).mean(),
                    "seconds_to_select": float(np.mean(seconds)),
                }
            )  # fmt: skip
    return lines


def set_lines(curves: Curves) -> list[dict[str, Any]]:
    """One line for each data set and strategy: the area under the curve."""
    lines = []
    for data_set, strategy in sorted(curves):
        both = pairs(curves, data_set, strategy)
        if both:
            gains = area_gains(both)
            low, high = bootstrap_interval({data_set: gains}, Stream(0, f"{data_set} {strategy}")) or (np.nan, np.nan)
            lines.append(
                {
                    "data_set": data_set, "strategy": strategy, "n": len(both), "lower": low, "upper": high,
                    "area": float(np.mean([area(own) for own, _ in both])), "area_gain": float(gains.mean()),
                }
            )  # fmt: skip
    return lines


def area_gains(both: list[tuple[Curve, Curve]]) -> np.ndarray:
    """The area under a curve minus that under Random's, by seed."""
    return np.array([area(own) - area(other) for own, other in both])


def strategy_lines(curves: Curves, lines: list[dict[str, Any]]) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """The columns, and one line for each strategy: the average over data sets, and the worst of its cells."""
    labels = sorted({line["n_labelled"] for line in lines})
    columns = (
        "strategy", "n_data_sets", "n_curves", "area_gain", "lower", "upper", *(f"gain_{n}" for n in labels),
        "macro_f1_gain", "worst_gain", "worst_cell",
    )  # fmt: skip
    found = []
    for strategy in sorted({line["strategy"] for line in lines}):
        own = [line for line in lines if line["strategy"] == strategy]
        groups = {
            name: area_gains(both) for name, other in sorted(curves) if other == strategy
            if (both := pairs(curves, name, strategy))
        }  # fmt: skip
        low, high = bootstrap_interval(groups, Stream(0, strategy)) or (np.nan, np.nan)
        worst = min(own, key=lambda line: line["gain"])
        found.append(
            {
                "strategy": strategy, "n_data_sets": len(groups), "n_curves": sum(map(len, groups.values())),
                "area_gain": mean_over_groups(groups), "lower": low, "upper": high,
                **{f"gain_{n}": average_gain(own, n) for n in labels},
                "macro_f1_gain": float(np.mean([line["macro_f1_gain"] for line in own])),
                "worst_gain": worst["gain"], "worst_cell": f"{worst['data_set']} {worst['n_labelled']}",
            }
        )  # fmt: skip
    return columns, sorted(found, key=lambda line: -line["area_gain"])


def average_gain(lines: list[dict[str, Any]], n_labelled: int) -> float:
    """The mean over data sets; NaN where none has so many labels."""
    gains = [line["gain"] for line in lines if line["n_labelled"] == n_labelled]
    return float(np.mean(gains)) if gains else np.nan


def comparison_lines(curves: Curves) -> list[dict[str, Any]]:
    """One line for each strategy that ran wherever Random did: the signed-rank test of its areas against Random's."""
    data_sets = {name for name, strategy in curves if strategy == BASELINE}
    everywhere = [
        strategy for strategy in {strategy for _, strategy in curves}
        if all(pairs(curves, name, strategy) for name in data_sets)
    ]  # fmt: skip
    counted = [
        curve for (_, strategy), own in curves.items() for curve in own.values() if strategy in everywhere
    ]  # fmt: skip
    found = compare(counted, baseline=BASELINE).pairs
    return [
        {
            "strategy": pair.first, "n": pair.n_blocks, "area_gain": 100 * pair.difference, "p": f"{pair.p:.2g}",
            "holm_p": f"{pair.holm_p:.2g}", "effect_size": pair.effect_size, "wins": pair.wins,
        } for pair in found
    ]  # fmt: skip


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--prefix", default="learning-curves")
    arguments = parser.parse_args()
    curves = read(arguments.folder)
    lines = round_lines(curves)
    arguments.output.mkdir(parents=True, exist_ok=True)
    write(arguments.output / f"{arguments.prefix}-curves.csv", CURVE_COLUMNS, curve_lines(curves))
    write(arguments.output / f"{arguments.prefix}-rounds.csv", ROUND_COLUMNS, lines)
    write(arguments.output / f"{arguments.prefix}-sets.csv", SET_COLUMNS, set_lines(curves))
    write(arguments.output / f"{arguments.prefix}-strategies.csv", *strategy_lines(curves, lines))
    write(arguments.output / f"{arguments.prefix}-against-random.csv", COMPARISON_COLUMNS, comparison_lines(curves))


if __name__ == "__main__":
    main()
