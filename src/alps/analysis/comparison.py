"""
Strategies compared over blocks: one block is a data set, a classifier and a seed, on which all of them ran.

Primary number: the area under the learning curve. Pairs are tested with Wilcoxon's signed-rank test over blocks,
corrected by Holm. Blocks of one data set are not independent samples of all data, as data sets would be (Demšar, JMLR
2006): what is found holds of the data sets that ran.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import friedmanchisquare, rankdata

from alps.analysis.bootstrap import Bootstrap, mean_over_groups
from alps.analysis.learning_curve import PART, SCORE, Points, area_under_curve, points
from alps.analysis.paired_tests import (
    LEVEL,
    blocks_to_be_able,
    holm,
    rank_biserial,
    signed_rank_p,
    smallest_p,
    without_noise,
)
from alps.base.counts import counted
from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.simulation.results import FULL, Curve

Block = tuple[str, str, int]  # data set, classifier, seed
Areas = dict[str, dict[Block, float]]  # strategy -> block -> area


@dataclass(frozen=True)
class StrategyResult:
    """
    One strategy.

    Attributes
    ----------
    strategy, n_blocks
        Its name, and the blocks it finished.
    mean_area
        Mean over data sets of the mean area over seeds, between 0 and 1.
    interval
        The 95 % bootstrap interval of it; None where a data set has one seed.
    average_rank
        1 is the best; over the blocks that all strategies finished, ties shared; None where there are none.

    """

    strategy: str
    n_blocks: int
    mean_area: float
    interval: tuple[float, float] | None
    average_rank: float | None


@dataclass(frozen=True)
class PairResult:
    """
    Two strategies over the blocks that both finished.

    Attributes
    ----------
    first, second, n_blocks
        Their names, and the common blocks.
    difference, interval
        Mean area of the first minus that of the second, and its 95 % bootstrap interval.
    p, holm_p
        Of the two-sided signed-rank test, as it is and corrected for all pairs.
    effect_size
        Matched-pairs rank-biserial correlation: 1 where the first is better on all blocks, -1 where on none.
    wins
        Blocks on which the first is better.
    sentence
        All this in words.

    """

    first: str
    second: str
    n_blocks: int
    difference: float
    interval: tuple[float, float] | None
    p: float
    holm_p: float
    effect_size: float
    wins: int
    sentence: str


@dataclass(frozen=True)
class Comparison:
    """
    What a run says about its strategies.

    Attributes
    ----------
    part, score
        What the areas are of.
    strategies
        Best mean area first.
    pairs
        Every pair, or every strategy against the baseline.
    n_common_blocks, friedman_p
        Blocks that all strategies finished, and the p of Friedman's test over them that they all are alike; None with
        fewer than three strategies or two blocks. A strategy that has no curve on some data set is left out of both
        and has no rank.
    left_out
        Curves that are not finished, or over other labels than the rest of their data set, and so are not counted.
    design_sentence
        Whether so many blocks can show anything at all.

    """

    part: str
    score: str
    strategies: tuple[StrategyResult, ...]
    pairs: tuple[PairResult, ...]
    n_common_blocks: int
    friedman_p: float | None
    left_out: int
    design_sentence: str


def compare(
    curves: Sequence[Curve], *, part: str = PART, score: str = SCORE, baseline: str | None = None, seed: int = 0
) -> Comparison:
    """
    Compare the strategies of one or several runs.

    Parameters
    ----------
    curves
        Of `alps.simulation.results.read_run`. Those of the full training set are ignored.
    part, score
        Which score the curves are of.
    baseline
        Compare every strategy with this one only, which leaves Holm's correction fewer tests; None for every pair.
    seed
        Of the bootstrap.

    Raises
    ------
    AlpsError
        When no curve is finished, the baseline is not among them, or a cell comes twice.

    """
    areas, left_out = _areas(curves, part, score)
    if not areas:
        raise AlpsError("No strategy has a finished curve to compare; run the simulation to its end.")
    if baseline is not None and baseline not in areas:
        raise AlpsError(f"The baseline {baseline!r} has no finished curve; choose one of {', '.join(sorted(areas))}.")
    bootstrap = Bootstrap(Stream(seed).child("bootstrap"))
    ranked = _on_all_data_sets(areas)
    common = sorted(set.intersection(*(set(areas[name]) for name in ranked)))
    table = without_noise([[areas[name][block] for name in ranked] for block in common]).reshape(
        len(common), len(ranked)
    )
    ranks = dict(zip(ranked, rankdata(-table, axis=1).mean(axis=0).tolist(), strict=True)) if len(common) else {}
    strategies = [_strategy_result(name, areas[name], ranks.get(name), bootstrap) for name in areas]
    strategies.sort(key=lambda result: (-result.mean_area, result.strategy))
    order = [result.strategy for result in strategies]
    pairs = list(combinations(order, 2)) if baseline is None else [(s, baseline) for s in order if s != baseline]
    return Comparison(
        part=part,
        score=score,
        strategies=tuple(strategies),
        pairs=tuple(_pair_results(pairs, areas, bootstrap)),
        n_common_blocks=len(common),
        friedman_p=_friedman_p(table),
        left_out=left_out,
        design_sentence=design_sentence(_most_common(pairs, areas), len(pairs)),
    )


def design_sentence(blocks: Sequence[Block], n_tests: int) -> str:
    """Say whether a test over these blocks can reach the 5 % level, and what would let it."""
    if n_tests == 0:
        return "There is one strategy, so there is nothing to test."
    n_sets, n_blocks = len({block[0] for block in blocks}), len(blocks)
    design = f"{counted(n_blocks, 'block')} ({counted(n_sets, 'data set')})"
    tests = "" if n_tests == 1 else f" after the correction for {n_tests} comparisons"
    if smallest_p(n_blocks, n_tests) >= LEVEL:
        return (
            f"This design cannot show a difference at the 5 % level, however large it is: with {design} the smallest "
            f"possible p is {smallest_p(n_blocks, n_tests):.3g}{tests}; at least "
            f"{blocks_to_be_able(n_tests)} blocks are needed."
        )
    sets = "this data set" if n_sets == 1 else f"these {n_sets} data sets"
    scope = f" It speaks of {sets} only: other seeds are not other data."
    return f"With {design} a difference that is the same way everywhere can reach the 5 % level{tests}.{scope}"


def _most_common(pairs: Sequence[tuple[str, str]], areas: Areas) -> list[Block]:
    """The blocks of the pair that has the most in common."""
    return max((sorted(areas[a].keys() & areas[b].keys()) for a, b in pairs), key=len, default=[])


def _on_all_data_sets(areas: Areas) -> list[str]:
    """The strategies that finished a curve on every data set, else all: one that lacks a set has no block there."""
    on = {name: {block[0] for block in blocks} for name, blocks in areas.items()}
    return [name for name in areas if on[name] == set.union(*on.values())] or [*areas]


def _areas(curves: Sequence[Curve], part: str, score: str) -> tuple[Areas, int]:
    """Areas over the same labels, and how many curves had others: the longest of a data set and classifier count."""
    grids: dict[tuple[str, str], list[tuple[Curve, Points]]] = defaultdict(list)
    left_out = 0
    for curve in curves:
        if curve.cell.strategy == FULL:
            continue
        if curve.rounds:
            grids[curve.cell.dataset, curve.cell.classifier].append((curve, points(curve, part=part, score=score)))
        else:
            left_out += 1
    areas: Areas = defaultdict(dict)
    for some in grids.values():
        wanted = max((tuple(found.n_labelled.tolist()) for _, found in some), key=lambda labels: (len(labels), labels))
        for curve, found in some:
            if tuple(found.n_labelled.tolist()) != wanted:
                left_out += 1
                continue
            cell = curve.cell
            block = (cell.dataset, cell.classifier, cell.seed)
            if block in areas[cell.strategy]:
                raise AlpsError(f"{cell} comes twice; compare runs that do not share a cell.")
            areas[cell.strategy][block] = area_under_curve(*found)
    return {name: areas[name] for name in sorted(areas) if areas[name]}, left_out


def _by_data_set(values: Mapping[Block, float]) -> dict[str, np.ndarray]:
    groups: dict[str, list[float]] = defaultdict(list)
    for (dataset, classifier, _), value in sorted(values.items()):
        groups[f"{dataset} {classifier}"].append(value)
    return {name: np.asarray(some) for name, some in groups.items()}


def _strategy_result(
    name: str, areas: Mapping[Block, float], rank: float | None, bootstrap: Bootstrap
) -> StrategyResult:
    groups = _by_data_set(areas)
    return StrategyResult(name, len(areas), mean_over_groups(groups), bootstrap.interval(groups), rank)


def _pair_results(pairs: Sequence[tuple[str, str]], areas: Areas, bootstrap: Bootstrap) -> list[PairResult]:
    differences = [
        {block: areas[a][block] - areas[b][block] for block in sorted(areas[a].keys() & areas[b].keys())}
        for a, b in pairs
    ]
    tested = [(pair, some) for pair, some in zip(pairs, differences, strict=True) if some]
    p_values = [signed_rank_p(list(some.values())) for _, some in tested]
    results = []
    corrected = holm(p_values)
    for position, ((first, second), some) in enumerate(tested):
        groups, values = _by_data_set(some), list(some.values())
        difference, interval = mean_over_groups(groups), bootstrap.interval(groups)
        wins = int(np.sum(without_noise(values) > 0.0))
        can = _can_show(len(values), position, p_values)
        p, holm_p = p_values[position], corrected[position]
        sentence = _sentence(first, second, difference, interval, wins, len(values), holm_p, can)
        results.append(
            PairResult(
                first, second, len(values), difference, interval, p, holm_p, rank_biserial(values), wins, sentence
            )
        )
    return results


def _can_show(n_blocks: int, position: int, p_values: Sequence[float]) -> bool:
    """Whether a pair could go below the level with differences of one sign, all other pairs being as they are."""
    at_best = [*p_values[:position], smallest_p(n_blocks), *p_values[position + 1 :]]
    return holm(at_best)[position] < LEVEL


def _sentence(
    first: str, second: str, difference: float, interval: tuple[float, float] | None, wins: int, n: int, p: float,
    can: bool,
) -> str:  # fmt: skip
    better, worse = (first, second) if difference >= 0 else (second, first)
    ends = "" if interval is None else f" (95 % interval of {first} minus {second}: {100 * interval[0]:+.2f} to "
    ends += "" if interval is None else f"{100 * interval[1]:+.2f})"
    lead = f"{better} scored {100 * abs(difference):.2f} points more than {worse} on average{ends}"
    lead += f"; {first} was better on {wins} of {n} blocks; "
    doubt = _disagreement(interval, p, can)
    if p < LEVEL:
        return lead + f"a difference like this is unlikely to be chance (p = {p:.2g}).{doubt}"
    if not can:
        return lead + f"so few blocks cannot tell this from chance, however large it is.{doubt}"
    return lead + f"this may well be chance (p = {p:.2g}), which does not show that they are equal.{doubt}"


def _disagreement(interval: tuple[float, float] | None, p: float, can: bool) -> str:
    """A sentence where the interval and the test do not say the same; nothing where they do."""
    if interval is None or (interval[0] <= 0.0 <= interval[1]) != (p < LEVEL):
        return ""
    if p < LEVEL:
        return (
            " The interval includes 0 all the same: the test looks at ranks, so many small differences of one sign "
            "outweigh a few large ones of the other."
        )
    why = "the test, which is corrected for the other pairs," if can else "a test over so few blocks"
    return (
        f" The interval leaves out 0 all the same: {why} asks for more than it does, and with few seeds the interval "
        "is too narrow; believe the test."
    )


def _friedman_p(table: np.ndarray) -> float | None:
    n_blocks, n_strategies = table.shape
    if n_blocks < 2 or n_strategies < 3:
        return None
    if np.all(table == table[:, :1]):
        return 1.0
    return float(friedmanchisquare(*table.T).pvalue)
