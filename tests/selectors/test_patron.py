"""PATRON's formulas, of the paper and of the released code, on hand-made points."""

from __future__ import annotations

import numpy as np
import pytest

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.models.entropy import predictive_entropy
from alps.representations.features import Features
from alps.representations.predicted import PredictedFeatures
from alps.selectors import patron
from alps.selectors.patron import calibrated, one_of_each, propagated, select


def on_a_line(points: list[float]) -> Features:
    return Features(np.array(points, np.float32)[:, None], np.ones(len(points), np.int64))


def test_calibration_divides_by_what_the_prompt_says_of_the_likeliest_texts() -> None:
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    # The likeliest of the first class is row 0 and of the second row 3: P = (0.75, 0.25).
    expected = np.array([[0.9 / 0.75, 0.1 / 0.25], [0.8 / 0.75, 0.2 / 0.25], [0.7 / 0.75, 0.3 / 0.25], [0.8, 1.6]])
    np.testing.assert_allclose(calibrated(p, support=1), expected / expected.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(calibrated(p, support=99)[:, 0], [0.75, 4 / 7, 7 / 16, 1 / 3])  # P = (0.75, 0.25) again


def test_a_prompt_that_prefers_a_class_is_unsure_where_it_prefers_it_as_usual() -> None:
    p = np.array([[0.9, 0.1], [0.75, 0.25], [0.6, 0.4]])
    assert int(np.argmax(predictive_entropy(p))) == 2
    assert int(np.argmax(predictive_entropy(calibrated(p)))) == 1
    np.testing.assert_allclose(calibrated(p)[1], [0.5, 0.5])


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("paper", [1 + np.exp(-0.5) * 2, 2 + np.exp(-0.5) * 1, 4 + np.exp(-4.5) * 2]),
        ("released", [(1 + np.exp(-0.5) * 2) / 2, (2 + np.exp(-0.5) * 1) / 2, (4 + np.exp(-4.5) * 2) / 2]),
    ],
)
def test_uncertainty_spreads_to_the_nearest_text(form: str, expected: list[float]) -> None:
    some, u = on_a_line([0.0, 1.0, 4.0]), np.array([1.0, 2.0, 4.0])
    np.testing.assert_allclose(propagated(some, u, Stream(0), form=form, neighbours=1, rho=0.5), expected)


def test_twins_are_neighbours_and_a_text_alone_has_none() -> None:
    some, u = on_a_line([0.0, 0.0, 0.0]), np.array([1.0, 2.0, 6.0])
    np.testing.assert_allclose(propagated(some, u, Stream(0), neighbours=1), [1 + 2, 2 + 1, 6 + 1])
    np.testing.assert_allclose(propagated(some, u, Stream(0)), [1 + 4, 2 + 3.5, 6 + 1.5])
    for form in patron.FORMS:
        np.testing.assert_allclose(propagated(on_a_line([3.0]), np.array([0.7]), Stream(0), form=form), [0.7])


def test_a_large_pool_compares_itself_with_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patron, "MAX_COMPARED", 500)
    points = np.random.default_rng(0).normal(size=2000).tolist()
    spread = propagated(on_a_line(points), np.abs(np.array(points)), Stream(0))
    exact = np.abs(points) * 2
    assert np.median(np.abs(spread - exact)) < 0.1


def test_the_paper_s_choices_keep_away_from_each_other() -> None:
    """
    Clusters {0, 1} about 0.3 and {2, 3} about 0.7; the inner texts are a little more uncertain.

    All are 0.1 from their centres, so first the inner ones are chosen, 0.2 apart. Then an outer one, 0.4 from the
    other's inner choice, saves 0.3 * (0.3 - 0.1) = 0.06, and 0.03 when the other has moved too: more than 0.02.
    """
    some, spread = on_a_line([0.2, 0.4, 0.6, 0.8]), np.array([0.48, 0.5, 0.5, 0.48])
    centres, cluster = np.array([[0.3], [0.7]], np.float32), np.array([0, 0, 1, 1])
    assert one_of_each(some, spread, centres, cluster).tolist() == [0, 3]
    far = on_a_line([0.2, 0.4, 5.6, 5.8])
    assert one_of_each(far, spread, np.array([[0.3], [5.7]], np.float32), cluster).tolist() == [1, 2]


def test_the_released_code_looks_at_the_next_centres() -> None:
    """
    Texts 0 and 1 lie 0.2 about their centre 0; the next centre, 0.8, is 1.0 and 0.6 away.

    min(d^2, 0.5) is 0.5 and 0.36, times gamma 0.15 and 0.108: the outer one, unless the inner is 0.05 more uncertain.
    """
    some, centres = on_a_line([-0.2, 0.2, 0.8]), np.array([[0.0], [0.8]], np.float32)
    cluster = np.array([0, 0, 1])
    assert one_of_each(some, np.array([0.5, 0.53, 0.1]), centres, cluster, form="released").tolist() == [0, 2]
    assert one_of_each(some, np.array([0.5, 0.55, 0.1]), centres, cluster, form="released").tolist() == [1, 2]


def features(matrix: np.ndarray, p: np.ndarray, copies: np.ndarray | None = None) -> PredictedFeatures:
    copies = np.ones(len(matrix), np.int64) if copies is None else copies
    return PredictedFeatures(matrix.astype(np.float32), copies, probabilities=p.astype(np.float32))


def test_the_uncertain_text_of_each_cluster_is_taken() -> None:
    matrix = np.repeat(np.eye(3), 4, axis=0)
    p = np.tile([[0.95, 0.05], [0.05, 0.95], [0.5, 0.5], [0.9, 0.1]], (3, 1))
    copies = np.arange(1, 13)
    picks = select(features(matrix, p, copies), np.arange(12), np.arange(0), 3, Stream(0))
    assert sorted(picks.rows.tolist()) == [2, 6, 10]
    assert picks.cluster_sizes is not None
    sizes = dict(zip(picks.rows.tolist(), picks.cluster_sizes.tolist(), strict=True))
    assert sizes == {2: 1 + 2 + 3 + 4, 6: 5 + 6 + 7 + 8, 10: 9 + 10 + 11 + 12}


@pytest.mark.parametrize("form", patron.FORMS)
def test_fewer_places_than_picks_still_give_k(form: str) -> None:
    some = features(np.repeat(np.eye(2), 5, axis=0), np.full((10, 2), 0.5))
    picks = select(some, np.arange(10), np.arange(0), 7, Stream(0), form=form)
    assert len(set(picks.rows.tolist())) == 7
    assert picks.cluster_sizes is not None and picks.cluster_sizes.sum() == 10


def test_another_form_is_refused() -> None:
    some = features(np.eye(2), np.full((2, 2), 0.5))
    with pytest.raises(AlpsError, match="choose one of paper, released"):
        select(some, np.arange(2), np.arange(0), 1, Stream(0), form="other")
