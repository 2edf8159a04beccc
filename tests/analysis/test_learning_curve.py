"""The area under a learning curve and the labels needed, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alps.analysis.learning_curve import (
    LabelsNeeded,
    area_under_curve,
    labels_needed,
    points,
    summarise_labels_needed,
)
from alps.base.errors import AlpsError
from alps.simulation.results import Cell, Curve, Round

scores = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12)


def test_the_area_of_a_straight_line_is_its_middle() -> None:
    assert area_under_curve([100, 200, 300], [0.2, 0.4, 0.6]) == pytest.approx(0.4)


def test_rounds_of_different_sizes_weigh_by_their_labels() -> None:
    # (0.5 + 0.7) / 2 * 100 + (0.7 + 0.8) / 2 * 200 = 60 + 150, over 300 labels.
    assert area_under_curve([100, 200, 400], [0.5, 0.7, 0.8]) == pytest.approx(0.7)


def test_the_area_of_one_round_is_its_score() -> None:
    assert area_under_curve([100], [0.3]) == 0.3


@given(scores)
def test_the_area_lies_between_the_lowest_and_the_highest_score(values: list[float]) -> None:
    area = area_under_curve(range(100, 100 + len(values)), values)
    assert min(values) - 1e-12 <= area <= max(values) + 1e-12


@pytest.mark.parametrize("labels", [[], [100, 100], [200, 100]])
def test_what_is_no_curve_is_refused(labels: list[int]) -> None:
    with pytest.raises(AlpsError):
        area_under_curve(labels, [0.5] * len(labels))


@given(scores, st.floats(0.0, 1.0))
def test_a_run_reaches_a_score_exactly_if_its_best_round_does(values: list[float], target: float) -> None:
    labels = [100 * (i + 1) for i in range(len(values))]
    needed = labels_needed(labels, values, target)
    assert needed.reached == (max(values) >= target)
    assert needed.n_labelled in labels


def test_runs_that_never_reach_the_score_are_counted() -> None:
    runs = [LabelsNeeded(100, True), LabelsNeeded(300, True), LabelsNeeded(1000, False)]
    summary = summarise_labels_needed(runs)
    assert (summary.n, summary.n_reached, summary.median) == (3, 2, 300.0)
    assert summary.mean_at_least == pytest.approx(1400 / 3)


def test_without_half_of_the_runs_there_is_no_median() -> None:
    runs = [LabelsNeeded(100, True), LabelsNeeded(1000, False)]
    assert summarise_labels_needed(runs).median is None  # between 100 and beyond 1,000
    assert summarise_labels_needed(runs).more_than == 100
    assert summarise_labels_needed([*runs, LabelsNeeded(400, False)]).more_than == 1000


def test_a_run_counts_as_long_as_it_went_on() -> None:
    # Kaplan and Meier by hand: of 4 runs none ends at 100; at 200 one of the 3 that go on reaches, at 300 one of 2.
    runs = [LabelsNeeded(100, False), LabelsNeeded(200, True), LabelsNeeded(300, True), LabelsNeeded(500, False)]
    summary = summarise_labels_needed(runs)  # 1, 2/3, then 1/3
    assert (summary.median, summary.ended, summary.n_reached) == (300.0, (100, 500), 2)


def test_the_median_of_runs_that_all_reached_the_score_is_the_usual_one() -> None:
    for times in ([100], [100, 200], [100, 200, 200], [100, 100, 300, 700], [100, 100, 100, 300]):
        found = summarise_labels_needed([LabelsNeeded(time, True) for time in times])
        assert found.median == np.median(times)


def test_points_are_those_of_the_part_and_the_score() -> None:
    rounds = (Round(1, 100, [], [], {"test": {"micro_f1": 0.5, "macro_f1": 0.4}}),)
    curve = Curve(Cell("news", "alps", "probe", 3), {}, rounds)
    assert points(curve, score="macro_f1").scores.tolist() == [0.4]
    with pytest.raises(AlpsError, match="no micro_f1 of the dev part"):
        points(curve, part="dev")
