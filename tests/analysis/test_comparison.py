"""Strategies compared on hand-made curves."""

from __future__ import annotations

import pytest

from alps.analysis.comparison import Comparison, compare
from alps.base.errors import AlpsError
from alps.simulation.results import FULL, Cell, Curve, Round


def curve(dataset: str, strategy: str, seed: int, *scores: float) -> Curve:
    rounds = tuple(Round(i + 1, 100 * (i + 1), [], [], {"test": {"micro_f1": s}}) for i, s in enumerate(scores))
    return Curve(Cell(dataset, strategy, "probe", seed), {}, rounds)


def grid(datasets: str, seeds: int, **gains: float) -> list[Curve]:
    """Every strategy is better than a base by its gain, and a little more with each seed and data set."""
    return [
        curve(dataset, name, seed, 0.5 + gain * (1 + 0.1 * seed + 0.03 * i), 0.7)
        for name, gain in gains.items()
        for i, dataset in enumerate(datasets)
        for seed in range(seeds)
    ]


def test_the_best_comes_first_with_its_rank_and_area() -> None:
    found = compare([curve("a", "random", 3, 0.4, 0.6), curve("a", "alps", 3, 0.6, 0.8)])
    assert [(s.strategy, s.n_blocks, s.average_rank) for s in found.strategies] == [
        ("alps", 1, 1.0),
        ("random", 1, 2.0),
    ]
    assert [s.mean_area for s in found.strategies] == pytest.approx([0.7, 0.5])
    assert found.strategies[0].interval is None
    assert found.pairs[0].difference == pytest.approx(0.2)
    assert found.pairs[0].effect_size == 1.0


def test_five_seeds_alone_are_told_to_show_nothing() -> None:
    found = compare(grid("a", 5, alps=0.1, random=0.0))
    assert found.pairs[0].p == pytest.approx(0.0625)
    assert "cannot show a difference at the 5 % level" in found.design_sentence
    assert "0.0625" in found.design_sentence
    assert "at least 6 blocks" in found.design_sentence
    assert "so few blocks cannot tell this from chance" in found.pairs[0].sentence


def test_two_data_sets_with_five_seeds_can_speak() -> None:
    found = compare(grid("ab", 5, alps=0.1, random=0.0))
    assert found.pairs[0].p == pytest.approx(2 / 2**10)
    assert "can reach the 5 % level" in found.design_sentence
    assert "unlikely to be chance" in found.pairs[0].sentence
    assert "better on 10 of 10 blocks" in found.pairs[0].sentence


def test_many_seeds_of_one_data_set_speak_of_that_data_set_only() -> None:
    assert "this data set only" in compare(grid("a", 8, alps=0.1, random=0.0)).design_sentence


def test_the_number_of_comparisons_counts() -> None:
    curves = grid("a", 6, alps=0.1, badge=0.05, random=0.0)
    every_pair, with_random = compare(curves), compare(curves, baseline="random")
    assert len(every_pair.pairs) == 3
    assert "cannot show" in every_pair.design_sentence  # 3 x 0.03125
    assert [(p.first, p.second) for p in with_random.pairs] == [("alps", "random"), ("badge", "random")]
    assert every_pair.pairs[0].holm_p == pytest.approx(3 * 0.03125)
    assert every_pair.friedman_p is not None
    assert every_pair.friedman_p < 0.01


def test_few_blocks_can_tell_beside_a_pair_that_is_sure() -> None:
    """Holm multiplies the second p by one less than the first, and that one by two."""
    curves = [*grid("a", 20, alps=0.1, random=0.0), *grid("a", 5, badge=0.05), curve("a", "badge", 5, 0.1, 0.1)]
    sure, doubtful = compare(curves, baseline="random").pairs
    assert sure.holm_p < 1e-5 and doubtful.n_blocks == 6 and doubtful.wins == 5
    assert "may well be chance" in doubtful.sentence
    assert "so few blocks" not in doubtful.sentence


def test_pairs_are_compared_on_the_blocks_that_both_finished() -> None:
    found = compare([*grid("a", 6, alps=0.1, random=0.0)[:-1], curve("a", "random", 5, 0.5)])
    assert found.left_out == 1
    assert found.n_common_blocks == 5
    assert found.pairs[0].n_blocks == 5
    assert {s.strategy: s.n_blocks for s in found.strategies} == {"alps": 6, "random": 5}


def test_the_design_is_that_of_the_pair_with_the_most_blocks() -> None:
    curves = [*grid("a", 8, alps=0.1, random=0.0), *grid("a", 2, badge=0.0)]
    found = compare(curves)
    assert "can reach the 5 % level" in found.design_sentence
    assert any(pair.n_blocks == 8 and pair.holm_p < 0.05 for pair in found.pairs)


def test_a_strategy_that_lacks_a_data_set_has_no_rank_and_takes_none_from_the_others() -> None:
    found = compare([*grid("ab", 3, alps=0.1, random=0.0), *grid("a", 3, badge=0.3)])
    assert found.n_common_blocks == 6
    assert {s.strategy: s.average_rank for s in found.strategies} == {"alps": 1.0, "random": 2.0, "badge": None}
    assert {(pair.first, pair.second): pair.n_blocks for pair in found.pairs}["badge", "random"] == 3


def test_the_full_training_set_is_no_strategy() -> None:
    found = compare([*grid("a", 2, alps=0.1, random=0.0), curve("a", FULL, 0, 0.9)])
    assert {s.strategy for s in found.strategies} == {"alps", "random"}
    assert found.left_out == 0


def test_equal_strategies_are_not_said_to_differ() -> None:
    found = compare(grid("ab", 5, alps=0.0, badge=0.0, random=0.0))
    assert {pair.holm_p for pair in found.pairs} == {1.0}
    assert found.friedman_p == 1.0
    assert {s.average_rank for s in found.strategies} == {2.0}


def test_the_order_of_the_curves_does_not_matter() -> None:
    curves = grid("ab", 3, alps=0.1, badge=0.05, random=0.0)

    def of(some: list[Curve]) -> Comparison:
        return compare(some, seed=3)

    assert of(curves) == of(curves[::-1])


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(AlpsError, match="No strategy has a finished curve"):
        compare([])
    with pytest.raises(AlpsError, match="baseline 'badge' has no finished curve"):
        compare(grid("a", 2, alps=0.1), baseline="badge")
    with pytest.raises(AlpsError, match="comes twice"):
        compare(grid("a", 2, alps=0.1) * 2)


def test_an_interval_that_says_more_than_the_test_is_called_out() -> None:
    (pair,) = compare(grid("a", 5, alps=0.1, random=0.0)).pairs
    assert pair.interval is not None
    assert pair.interval[0] > 0
    assert "The interval leaves out 0 all the same" in pair.sentence
    (pair,) = compare(grid("ab", 5, alps=0.1, random=0.0)).pairs
    assert "all the same" not in pair.sentence


def test_a_test_that_says_more_than_the_interval_is_called_out() -> None:
    """Eleven small gains outweigh one large loss in ranks, and not in the mean."""
    gains = [0.02 + 0.001 * seed for seed in range(11)] + [-0.5]
    curves = [curve("a", "random", seed, 0.5) for seed in range(12)]
    (pair,) = compare([*curves, *(curve("a", "alps", seed, 0.5 + gain) for seed, gain in enumerate(gains))]).pairs
    assert pair.interval is not None
    assert pair.interval[0] < 0 < pair.interval[1]
    assert pair.p < 0.05
    assert "The interval includes 0 all the same" in pair.sentence
