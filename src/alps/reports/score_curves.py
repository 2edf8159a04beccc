"""The curves of runs, gathered: those that differ only in the seed are one line of a figure."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from alps.analysis.learning_curve import area_under_curve
from alps.base.errors import AlpsError
from alps.simulation.plan import depends_on_rounds
from alps.simulation.results import FULL, Curve

# What may differ between curves that are averaged or stand side by side.
_FREE = {
    "rounds", "threads", "versions", "seconds_shared", "first_strategy", "device", "source", "shared_texts",
    "label_digests",
}  # fmt: skip
OF_DATA = {"sizes", "classes", "fingerprints"}  # settings that are of the data set


@dataclass(frozen=True)
class Line:
    """A strategy in one setting, over its seeds: ``curves``, one for each seed, in the order of the seeds."""

    strategy: str
    curves: tuple[Curve, ...]

    def points(self, part: str = "test", score: str = "micro_f1") -> list[Point]:
        """Mean and spread after every round that has the score; n can fall where cells are not finished."""
        values: dict[int, list[float]] = defaultdict(list)
        for curve in self.curves:
            for finished in curve.rounds:
                if score in finished.scores.get(part, {}):
                    values[finished.n_labelled].append(finished.scores[part][score])
        return [Point(n_labelled, *summary(values[n_labelled])) for n_labelled in sorted(values)]

    @property
    def is_full(self) -> bool:
        """Whether it was trained on the whole pool."""
        return self.strategy == FULL


@dataclass(frozen=True)
class Point:
    """Mean, sample standard deviation (not a number with one seed) and number of seeds after `n_labelled` labels."""

    n_labelled: int
    mean: float
    deviation: float
    n: int


@dataclass(frozen=True)
class Panel:
    """
    What may be compared: one data set, classifier and setting.

    Attributes
    ----------
    dataset, classifier, settings
        What all of its curves have in common.
    lines
        Its strategies, by name.
    distinction
        What tells it from the others of the same data set, classifier, model and k; nothing where there are none.

    """

    dataset: str
    classifier: str
    settings: dict[str, object]
    lines: tuple[Line, ...]
    distinction: str = ""

    @property
    def title(self) -> str:
        """Data set, classifier, model and k; the share of evaluated tokens where it is not the usual one; what else."""
        names = [self.dataset, self.classifier]
        names += [f"model {self.settings['model']}"] if "model" in self.settings else []
        names += [f"k = {self.settings.get('k', 'not recorded')}"]
        fraction = self.settings.get("evaluated_fraction", 0.15)
        names += [] if fraction == 0.15 else [f"{fraction} of the tokens"]
        return ", ".join([*names, self.distinction] if self.distinction else names)

    @property
    def source(self) -> str:
        """Where the data set was when the runs were made; nothing where they do not say it."""
        found = (curve.settings.get("source") for line in self.lines for curve in line.curves)
        return str(next((source for source in found if source), ""))

    def only(self, strategies: Sequence[str]) -> Panel:
        """The same panel with those of its lines that are of some strategies, in the order of these."""
        lines = {line.strategy: line for line in self.lines}
        return replace(self, lines=tuple(lines[name] for name in strategies if name in lines))

    @property
    def strategies(self) -> tuple[Line, ...]:
        """Its lines but for the one that was trained on the whole pool."""
        return tuple(line for line in self.lines if not line.is_full)


def summary(values: Sequence[float]) -> tuple[float, float, int]:
    """
    Mean, sample standard deviation and number of values.

    >>> summary([1.0, 3.0])
    (2.0, 1.4142135623730951, 2)
    """
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else math.nan, len(values)


def gather_panels(curves: Iterable[Curve]) -> list[Panel]:
    """
    Put side by side what may be compared.

    Raises
    ------
    AlpsError
        When there is no finished round, two runs hold the same cell in the same setting, or a strategy whose picks
        depend on the number of rounds ran with different ones.

    """
    groups: dict[tuple[str, str, str], dict[str, dict[int, Curve]]] = defaultdict(lambda: defaultdict(dict))
    for curve in curves:
        if not curve.rounds:
            continue
        cell = curve.cell
        seeds = groups[cell.dataset, cell.classifier, json.dumps(_setting(curve), sort_keys=True)][cell.strategy]
        if cell.seed in seeds:
            raise AlpsError(
                f"The runs hold {cell.dataset}, {cell.strategy}, {cell.classifier}, seed {cell.seed} twice in the "
                "same setting; leave one of the runs out."
            )
        if seeds and _depends_on_rounds(cell.strategy) and {curve.settings.get("rounds")} != _rounds(seeds):
            raise AlpsError(
                f"The runs hold {cell.dataset}, {cell.strategy}, {cell.classifier} with {curve.settings.get('rounds')} "
                f"and with {_rounds(seeds).pop()} rounds, on which its picks depend; leave one of the runs out."
            )
        seeds[cell.seed] = curve
    if not groups:
        raise AlpsError("The runs have no finished round yet; let alps simulate go on, then report.")
    return _told_apart([
        Panel(dataset, classifier, json.loads(setting), tuple(_line(name, lines[name]) for name in sorted(lines)))
        for (dataset, classifier, setting), lines in sorted(groups.items())
    ])  # fmt: skip


def without_repetitions(panels: Sequence[Panel]) -> list[Panel]:
    """
    The panels with those of runs that shared nothing, to be timed, put to those of the same setting but for that.

    Scores are the same either way: of a cell that is in both, the curve with more rounds is kept.
    """
    groups: dict[str, list[Panel]] = defaultdict(list)
    for panel in panels:
        settings = {name: value for name, value in panel.settings.items() if name != "share"}
        groups[json.dumps([panel.dataset, panel.classifier, settings], sort_keys=True)].append(panel)
    return _told_apart([_joined(sorted(group, key=_shares, reverse=True)) for group in groups.values()])


def _shares(panel: Panel) -> bool:
    return panel.settings.get("share") is not False


def _joined(panels: Sequence[Panel]) -> Panel:
    """One panel of several: of each cell the longest curve, the first of those as long."""
    lines: dict[str, dict[int, Curve]] = defaultdict(dict)
    for panel in panels:
        for line in panel.lines:
            for curve in line.curves:
                kept = lines[line.strategy].setdefault(curve.cell.seed, curve)
                if len(curve.rounds) > len(kept.rounds):
                    lines[line.strategy][curve.cell.seed] = curve
    return replace(panels[0], lines=tuple(_line(name, lines[name]) for name in sorted(lines)))


def _told_apart(panels: Sequence[Panel]) -> list[Panel]:
    """The panels, each with the settings in which it differs from others of its title."""
    plain = [replace(panel, distinction="") for panel in panels]
    groups: dict[str, list[Panel]] = defaultdict(list)
    for panel in plain:
        groups[panel.title].append(panel)
    return [replace(panel, distinction=_distinction(panel, groups[panel.title])) for panel in plain]


def _distinction(panel: Panel, alike: Sequence[Panel]) -> str:
    """
    The settings in which a panel is not as all of some others.

    Data sets of one name are told apart by the beginning of a digest of their pools.
    """
    differ = [
        name
        for name in sorted({name for each in alike for name in each.settings})
        if len({json.dumps(each.settings.get(name), sort_keys=True) for each in alike}) > 1
    ]
    said = [f"{name.replace('_', ' ')} {panel.settings.get(name)}" for name in differ if name not in OF_DATA]
    if any(name in OF_DATA for name in differ):
        digests = panel.settings.get("fingerprints")
        said.append(f"data {str(digests.get('train'))[:8] if isinstance(digests, dict) else 'not recorded'}")
    return ", ".join(said)


def _depends_on_rounds(strategy: str) -> bool:
    """Whether its picks do, as far as is known here: a strategy of a package that is not installed is not."""
    try:
        return strategy != FULL and depends_on_rounds(strategy)
    except AlpsError:
        return False


def _rounds(seeds: dict[int, Curve]) -> set[object]:
    return {curve.settings.get("rounds") for curve in seeds.values()}


def area_of(curve: Curve, rounds: int, part: str = "test", score: str = "micro_f1") -> float | None:
    """
    The area under a curve's first `rounds` rounds; None where one of them has no score.

    See `alps.analysis.learning_curve.area_under_curve`.
    """
    scored = [each for each in curve.rounds[:rounds] if score in each.scores.get(part, {})]
    if len(scored) < rounds:
        return None
    return area_under_curve([each.n_labelled for each in scored], [each.scores[part][score] for each in scored])


def _line(strategy: str, seeds: dict[int, Curve]) -> Line:
    return Line(strategy, tuple(seeds[seed] for seed in sorted(seeds)))


def _setting(curve: Curve) -> dict[str, object]:
    return {name: value for name, value in curve.settings.items() if name not in _FREE}
