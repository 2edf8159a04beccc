"""The probe's calibration: copies of a text do not make it surer, however they are given."""

from __future__ import annotations

import numpy as np
import pytest

from alps.base.streams import Stream
from alps.classifiers import probe
from alps.classifiers.labelled import Labelled
from alps.classifiers.probe import train_probe
from alps.pool.pool import Pool
from alps.pool.read import read_pool
from alps.pool.texts import Texts
from alps.representations import encoding
from alps.representations.resources import Resources
from alps.simulation.data_sets import with_copies

N, TIMES = 40, 5
# Labels that nothing tells: whoever is sure of them is wrong.
ANSWERS = [str(answer) for answer in np.random.default_rng(0).integers(2, size=N)]


def sureness(labelled: Labelled, new: list[str]) -> float:
    """Mean probability of the likelier class over new texts."""
    resources = Resources()
    head = train_probe(labelled, resources, Stream(1)).head
    texts = Texts.of_strings(new)
    return float(head.probabilities(encoding.represent(texts, np.ones(texts.n, np.int64), resources, Stream(0)).matrix)
                 .max(axis=1).mean())  # fmt: skip


def rows_of_a_simulation(texts: list[str]) -> Texts:
    """Copies are texts of their own there."""
    pool: Pool = read_pool(texts)
    return Texts.of(with_copies(pool))


def test_copies_of_texts_do_not_make_a_probe_sure_of_what_it_cannot_know(news: list[str]) -> None:
    texts, new = news[:N], news[N : 2 * N]
    once = sureness(Labelled.of(Texts.of_strings(texts), ANSWERS), new)
    rows = np.tile(np.arange(N), TIMES)
    repeated = Labelled.of(Texts.of_strings(texts), ANSWERS * TIMES, rows=rows)
    simulated = Labelled.of(rows_of_a_simulation(texts * TIMES), ANSWERS * TIMES)
    assert sureness(repeated, new) == pytest.approx(once, abs=0.05)
    assert sureness(simulated, new) == pytest.approx(once, abs=0.05)


def test_groups_are_of_equal_texts_in_their_order() -> None:
    texts = rows_of_a_simulation(["b", "a", "b"])
    assert Labelled.of(texts, ["x"] * 3).groups().tolist() == [0, 1, 0]
    assert Labelled.of(Texts.of_strings(["b", "a"]), ["x"] * 3, rows=np.array([1, 0, 1])).groups().tolist() == [0, 1, 0]


def test_the_temperature_is_found_once_for_all_heads(news: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(*arguments: object) -> float:
        calls.append(arguments)
        return 2.0

    monkeypatch.setattr(probe, "temperature", counted)
    labelled = Labelled.of(Texts.of_strings(news[:N]), ANSWERS)
    found = train_probe(labelled, Resources(), Stream(1), samples=True)
    assert len(calls) == 1
    monkeypatch.setattr(probe, "temperature", lambda *_: 1.0)
    plain = train_probe(labelled, Resources(), Stream(1), samples=True)
    for scaled, head in zip((found.head, *found.drawn_heads), (plain.head, *plain.drawn_heads), strict=True):
        np.testing.assert_array_equal(scaled.weight, head.weight * np.float32(0.5))


@pytest.mark.parametrize("answer", [["a", "most"], ["a", "few"]])
def test_a_class_that_all_texts_but_one_have_says_no_more_of_the_others_than_one_that_one_has(
    answer: list[str],
) -> None:
    everywhere = ["most"] if "most" in answer else []
    answers = [[["a"], ["b"]][i % 2] + everywhere for i in range(60)]
    answers[7] = ["b"] if everywhere else ["b", "few"]
    place = np.tile(np.eye(2, 8, dtype=np.float32), (30, 1)) + np.random.default_rng(0).normal(0, 0.2, (60, 8))
    embeddings = (place / np.linalg.norm(place, axis=1, keepdims=True)).astype(np.float32)
    labelled = Labelled.of(Texts.of_strings([f"text {i}" for i in range(60)]), answers)
    assert probe._Examples(labelled, embeddings).held_out_temperature(Stream(0)) < 2.0
