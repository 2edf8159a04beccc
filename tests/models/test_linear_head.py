"""The linear head: probabilities, one class, two classes, several labels, weights, and what is saved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from alps.base.errors import AlpsError
from alps.models.linear_head import MULTI_LABEL, LinearHead, fit_probe


def indicators(classes: list[int], n_classes: int) -> np.ndarray:
    return np.eye(n_classes, dtype=bool)[classes]


EMBEDDINGS = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9], [-1, 0], [-0.9, -0.1]], np.float32)
THREE = indicators([0, 0, 1, 1, 2, 2], 3)


def test_probabilities_are_the_softmax_of_a_linear_function() -> None:
    head = LinearHead(("a", "b"), np.array([[1.0, 0.0], [0.0, 2.0]], np.float32), np.array([0.0, 1.0], np.float32))
    found = head.probabilities(np.array([[1.0, 0.0]], np.float32))
    assert found[0] == pytest.approx([0.5, 0.5])  # logits 1 and 1


@pytest.mark.parametrize("n_classes", [1, 2, 10, 20, 77])
def test_probabilities_do_not_depend_on_threads_or_on_the_other_rows(n_classes: int) -> None:
    generator = np.random.default_rng(n_classes)
    embeddings = generator.normal(size=(20_000, 384)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    weight = 3 * generator.normal(size=(n_classes, 384)).astype(np.float32)
    head = LinearHead(tuple(map(str, range(n_classes))), weight, weight[:, 0])
    with threadpool_limits(1):
        found = head.probabilities(embeddings)
    with threadpool_limits(2):
        assert head.probabilities(embeddings).tobytes() == found.tobytes()
    for rows in (slice(0, 1), slice(7, 8), slice(3, 1000), slice(777, 2345)):
        assert head.probabilities(embeddings[rows]).tobytes() == found[rows].tobytes()
    every_other = np.arange(0, 20_000, 2)[::-1]
    assert head.probabilities(embeddings[every_other]).tobytes() == found[every_other].tobytes()


def test_a_sigmoid_for_each_class_where_there_may_be_several() -> None:
    head = LinearHead(("a", "b"), np.zeros((2, 2), np.float32), np.array([0.0, np.log(3)], np.float32), MULTI_LABEL)
    assert head.probabilities(np.ones((1, 2), np.float32))[0] == pytest.approx([0.5, 0.75])


def test_it_learns_three_classes() -> None:
    head = fit_probe(EMBEDDINGS, THREE, "abc")
    found = head.probabilities(EMBEDDINGS)
    assert found.argmax(axis=1).tolist() == [0, 0, 1, 1, 2, 2]
    assert found.sum(axis=1) == pytest.approx(np.ones(6))


def test_two_of_three_classes_seen_leave_nothing_for_the_third() -> None:
    head = fit_probe(EMBEDDINGS[:4], THREE[:4], "abc")
    found = head.probabilities(EMBEDDINGS)
    assert found[:4].argmax(axis=1).tolist() == [0, 0, 1, 1]
    assert (found[:, 2] == 0).all()


def test_one_class_makes_a_constant_classifier() -> None:
    found = fit_probe(EMBEDDINGS[:2], THREE[:2], "abc").probabilities(EMBEDDINGS)
    assert found.tolist() == [[1.0, 0.0, 0.0]] * 6


def test_several_labels_a_text_and_classes_that_all_or_none_have() -> None:
    targets = np.array([[1, 1, 0], [1, 1, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0]], bool)
    found = fit_probe(EMBEDDINGS, targets, "abc", problem_type=MULTI_LABEL).probabilities(EMBEDDINGS)
    assert (found[:, 0] > 0.5).tolist() == [True, True, False, False, False, False]
    assert (found[:, 1] == 1).all() and (found[:, 2] == 0).all()


def test_a_heavier_text_pulls_harder_and_only_relative_weights_count() -> None:
    weighted = fit_probe(EMBEDDINGS, THREE, "abc", weights=np.array([3, 1, 1, 1, 1, 1]))
    plain = fit_probe(EMBEDDINGS, THREE, "abc")
    assert weighted.probabilities(EMBEDDINGS)[4, 0] > plain.probabilities(EMBEDDINGS)[4, 0]
    scaled = fit_probe(EMBEDDINGS, THREE, "abc", weights=np.full(6, 7.0))
    assert scaled.weight.tobytes() == plain.weight.tobytes()


def test_saved_and_loaded_it_is_the_same(tmp_path: Path) -> None:
    head = fit_probe(EMBEDDINGS, THREE, ["good", "böse", "a, b"])
    head.save(tmp_path)
    loaded = LinearHead.load(tmp_path)
    assert (loaded.labels, loaded.problem_type) == (("good", "böse", "a, b"), head.problem_type)
    assert loaded.probabilities(EMBEDDINGS).tobytes() == head.probabilities(EMBEDDINGS).tobytes()
    with pytest.raises(AlpsError, match="exists already"):
        head.save(tmp_path)


def test_mistakes_are_told(tmp_path: Path) -> None:
    with pytest.raises(AlpsError, match="no labelled texts"):
        fit_probe(EMBEDDINGS[:0], THREE[:0], "abc")
    with pytest.raises(AlpsError, match="exactly one label"):
        fit_probe(EMBEDDINGS, np.zeros_like(THREE), "abc")
    with pytest.raises(AlpsError, match=r"shape \(6, 3\), not \(6, 2\)"):
        fit_probe(EMBEDDINGS, THREE, "ab")
    with pytest.raises(AlpsError, match=r"head\.safetensors is missing"):
        LinearHead.load(tmp_path)
    (tmp_path / "head.safetensors").write_bytes(b"no such thing")
    with pytest.raises(AlpsError, match="damaged"):
        LinearHead.load(tmp_path)


def test_a_scaled_head_is_surer_and_says_the_same() -> None:
    head = fit_probe(EMBEDDINGS, THREE, "abc")
    np.testing.assert_allclose(head.scaled(3.0).logits(EMBEDDINGS), 3.0 * head.logits(EMBEDDINGS), rtol=1e-5)
    assert head.scaled(3.0).labels == head.labels
