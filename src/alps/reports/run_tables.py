"""The tables of runs; no number without its n."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from scipy.stats import t as student

from alps.reports.score_curves import Line, Panel, Point, area_of, summary
from alps.reports.table import Table
from alps.simulation.plan import chose_itself
from alps.simulation.results import Curve, Round
from alps.strategies import strategies

_PARTS_OF_A_ROUND = ("represent", "select", "train", "evaluate")
SINGLE_PAIR = ("alps", "alps-single")  # of Table 3 in the paper


def run_tables(panels: Sequence[Panel]) -> list[Table]:
    """Every table that the runs have something for, and runtime always, as it says why where it is empty."""
    tables = [data_sets(panels), area_table(panels), scores(panels, "test"), scores(panels, "dev")]
    return [table for table in (*tables, single_against_iterative(panels)) if table.rows] + [runtime(panels)]


def data_sets(panels: Sequence[Panel]) -> Table:
    """The sizes of the parts and the number of classes (Table 1)."""
    rows = []
    for panel in panels:
        sizes, classes = panel.settings.get("sizes"), panel.settings.get("classes")
        if isinstance(sizes, dict) and isinstance(classes, list):
            rows.append((panel.dataset, *(f"{sizes.get(part, 0):,}" for part in ("train", "dev", "test")),
                         str(len(classes))))  # fmt: skip
    columns = ("data set", "train (the pool)", "dev", "test", "classes")
    return Table("table_1_data_sets", "Table 1: data sets", "Texts in each part.", columns, tuple(dict.fromkeys(rows)))


def area_table(panels: Sequence[Panel]) -> Table:
    """The area under every curve, over the rounds that all curves of its panel have finished."""
    rows = []
    for panel in panels:
        rounds = min((len(curve.rounds) for line in panel.strategies for curve in line.curves), default=0)
        for line in panel.strategies:
            areas = [area_of(curve, rounds) for curve in line.curves]
            known = [area for area in areas if area is not None]
            if known:
                mean, deviation, n = summary(known)
                labels = f"{line.curves[0].rounds[rounds - 1].n_labelled:,}"
                rows.append((panel.title, line.strategy, labels, f"{mean:.4f}", _interval(mean, deviation, n), str(n)))
    return Table(
        "area_under_curve",
        "Area under the learning curve",
        "Micro-F1 on test, averaged over the number of labels (trapezoids) in the rounds that every cell of the panel "
        "has finished; the mean over n seeds and its 95 % interval by Student's t. The interval speaks of the seeds on "
        "this data set, not of other data sets.",
        ("panel", "strategy", "up to labels", "mean", "95 % interval", "n seeds"),
        tuple(rows),
    )


def scores(panels: Sequence[Panel], part: str) -> Table:
    """Both scores after every round."""
    rows = []
    for panel in panels:
        for line in panel.lines:
            macro = {point.n_labelled: point for point in line.points(part, "macro_f1")}
            for point in line.points(part):
                other = macro.get(point.n_labelled)
                rows.append((panel.title, line.strategy, f"{point.n_labelled:,}", spread(point),
                             "" if other is None else spread(other), str(point.n)))  # fmt: skip
    return Table(
        f"scores_{part}",
        f"Scores on {part} after every round",
        f"Split {part}; mean ± sample standard deviation over n seeds, no deviation where n is 1.",
        ("panel", "strategy", "labels", "micro-F1", "macro-F1", "n seeds"),
        tuple(rows),
    )


def single_against_iterative(panels: Sequence[Panel]) -> Table:
    """The strategies that choose all batches at once beside those that choose batch by batch (Table 3)."""
    rows = []
    for panel in panels:
        lines = {line.strategy: line for line in panel.strategies}
        for name, single in lines.items():
            iterative = lines.get(_batch_by_batch(name))
            if iterative is not None:
                rows += [(panel.title, iterative.strategy, *row) for row in _beside(single, iterative)]
    return Table(
        "table_3_single_against_iterative",
        "Table 3: all batches at once against batch by batch",
        "Micro-F1 on test; mean ± sample standard deviation, with n seeds. At once, one batch of all the labels is "
        "chosen and given out in an order whose beginnings are good batches; the paper chose a batch anew for each "
        "number of labels, which is the same in the last row only.",
        ("panel", "strategy", "labels", "at once", "n seeds", "batch by batch", "n seeds "),
        tuple(rows),
    )


def runtime(panels: Sequence[Panel]) -> Table:
    """Seconds of rounds that the strategy chose itself, and that shared nothing and had the machine alone (Table 2)."""
    rows = []
    for panel in panels:
        for line in panel.lines:
            alone: dict[int, list[Mapping[str, float]]] = defaultdict(list)
            for curve in line.curves:
                for finished in curve.rounds:
                    if is_serial_and_cold(curve, finished) and chose_itself(line.strategy, finished):
                        alone[finished.threads or 0].append(finished.seconds)
            for threads, seconds in sorted(alone.items()):
                means = [summary([each.get(part, 0.0) for each in seconds])[0] for part in _PARTS_OF_A_ROUND]
                numbers = (f"{mean:.2f}" for mean in (*means, sum(means)))
                rows.append((panel.title, line.strategy, str(threads), *numbers, str(len(seconds))))
    caption = (
        "Mean seconds per round, of the n rounds that the strategy chose itself (a first batch that another chose for "
        "it is not counted), that shared nothing with others and ran while no other process of the simulation did."
        if rows
        else "Empty: no strategy of these runs chose a round itself that was computed alone, and times of rounds that "
        "share, or run side by side, are of no single strategy; run alps simulate with --no-share --jobs 1, and 2 or "
        "more --rounds."
    )
    columns = ("panel", "strategy", "threads", *_PARTS_OF_A_ROUND, "sum", "n rounds")
    return Table("table_2_runtime", "Table 2: seconds per round", caption, columns, tuple(rows))


def is_serial_and_cold(curve: Curve, finished: Round) -> bool:
    """Whether a round computed everything itself, one process alone; results that do not say so do not count."""
    return curve.settings.get("share") is False and not finished.shared and finished.jobs == 1


def _batch_by_batch(name: str) -> str:
    """The strategy that differs from one that chooses all batches at once in just that; nothing for any other."""
    found = strategies().get(name)
    if found is None or found.schedule != "all at once":
        return ""
    same = replace(found, schedule="every round")
    others = (
        other.name
        for other in strategies().values()
        if other == replace(same, name=other.name, summary=other.summary, cost=other.cost, source=other.source)
    )
    return next(others, "")


def _beside(single: Line, iterative: Line) -> list[tuple[str, ...]]:
    other = {point.n_labelled: point for point in iterative.points()}
    return [
        (f"{point.n_labelled:,}", spread(point), str(point.n), spread(found), str(found.n))
        for point in single.points()
        if (found := other.get(point.n_labelled)) is not None
    ]


def spread(point: Point) -> str:
    """A mean with its deviation."""
    return f"{point.mean:.3f}" + ("" if math.isnan(point.deviation) else f" ± {point.deviation:.3f}")


def _interval(mean: float, deviation: float, n: int) -> str:
    """Of the mean, by Student's t."""
    if n < 2:
        return "none, n is 1"
    quantile: Callable[[float, int], float] = student.ppf
    half = float(quantile(0.975, n - 1)) * deviation / math.sqrt(n)
    return f"{max(mean - half, 0):.4f} to {min(mean + half, 1):.4f}"
