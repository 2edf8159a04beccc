"""Paired tests by hand, and against the definition: every assignment of signs."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, wilcoxon

from alps.analysis.bootstrap import bootstrap_interval, mean_over_groups
from alps.analysis.paired_tests import blocks_to_be_able, holm, rank_biserial, signed_rank_p, smallest_p
from alps.base.streams import Stream


@pytest.mark.parametrize("n", [1, 4, 5, 6, 9])
def test_the_smallest_p_is_what_differences_of_one_sign_give(n: int) -> None:
    assert signed_rank_p(np.arange(1, n + 1) / 100) == pytest.approx(smallest_p(n))


def test_five_seeds_alone_cannot_reach_five_per_cent_and_six_can() -> None:
    assert smallest_p(5) == 0.0625
    assert smallest_p(6) == 0.03125
    assert blocks_to_be_able() == 6


@given(st.lists(st.integers(-6, 6).filter(bool), min_size=1, max_size=9))
def test_the_signed_rank_test_counts_every_assignment_of_signs(differences: list[int]) -> None:
    """Ties included."""
    ranks = rankdata(np.abs(differences))
    sums = np.asarray([np.dot(ranks, some) for some in product((-1, 1), repeat=len(ranks))])
    expected = np.mean(np.abs(sums) >= abs(np.dot(ranks, np.sign(differences))))
    assert signed_rank_p(np.asarray(differences) / 100) == pytest.approx(expected)


def test_many_differences_are_tested_by_the_normal_approximation() -> None:
    differences = np.arange(1, 102) * np.where(np.arange(101) % 3, 1, -1)
    assert signed_rank_p(differences[:100]) == pytest.approx(wilcoxon(differences[:100], method="exact").pvalue)
    assert signed_rank_p(differences) == pytest.approx(wilcoxon(differences, method="asymptotic").pvalue)


def test_equal_blocks_say_nothing() -> None:
    assert signed_rank_p([0.0, 0.0, 0.0]) == 1.0
    assert signed_rank_p([0.0, 1.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx(0.0625)
    assert rank_biserial([0.0, 0.0]) == 0.0


def test_holm_by_hand() -> None:
    # 0.01 x 4, then 0.02 x 3, then 0.03 x 2 which may not be less, then 0.5.
    assert holm([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.06, 0.06])
    assert holm([]) == []


@given(st.lists(st.floats(0.0, 1.0), max_size=20))
def test_holm_keeps_the_order_and_lies_between_the_raw_value_and_bonferroni(p: list[float]) -> None:
    corrected = holm(p)
    for raw, value in zip(p, corrected, strict=True):
        assert raw <= value <= 1.0
    order = np.argsort(p, kind="stable")
    assert np.all(np.diff(np.asarray(corrected)[order]) >= 0)
    if p:
        assert min(corrected) == pytest.approx(min(1.0, len(p) * min(p)))


def test_rank_biserial_by_hand() -> None:
    # Ranks 1, 2, 3, 4 of which 1 is against: (9 - 1) / 10.
    assert rank_biserial([-1.0, 2.0, 3.0, 4.0]) == pytest.approx(0.8)
    assert rank_biserial([-1.0, -2.0]) == -1.0


def test_a_data_set_with_more_seeds_does_not_weigh_more() -> None:
    assert mean_over_groups({"a": np.zeros(9), "b": np.ones(1)}) == 0.5


def test_seeds_are_resampled_inside_data_sets_only() -> None:
    # Two data sets, far apart, without variance inside: nothing to resample but the seeds, so no width.
    interval = bootstrap_interval({"a": np.zeros(5), "b": np.ones(5)}, Stream(3))
    assert interval == (0.5, 0.5)


def test_one_seed_has_no_interval() -> None:
    assert bootstrap_interval({"a": np.asarray([0.1, 0.2]), "b": np.asarray([0.3])}, Stream(3)) is None


def test_the_interval_covers_as_its_docstring_says() -> None:
    drawn = np.random.default_rng(0).normal(size=(300, 5))
    covered = 0
    for i, values in enumerate(drawn):
        low, high = bootstrap_interval({"a": values}, Stream(i)) or (0.0, 0.0)
        covered += low <= 0.0 <= high
    assert 0.77 < covered / 300 < 0.91


def test_what_rounding_left_is_no_difference() -> None:
    noise = 0.1 + 0.2 - 0.3
    assert noise != 0.0
    assert signed_rank_p([noise] * 8) == 1.0
    assert rank_biserial([noise] * 8) == 0.0
    assert rank_biserial([0.3, -0.3 - noise]) == 0.0  # a tie, so neither is the larger
