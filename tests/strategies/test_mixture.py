"""Mixtures: how a batch is shared, and that parts leave each other's texts alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import alps
from alps.base.errors import AlpsError
from alps.strategies.mixture import divide, needs_of, parts_of

TEXTS = [f"{verb} in {place}" for verb in ("rain", "sun", "a goal", "rates rise") for place in ("Rome", "Oslo", "Lima")]


def test_shares_are_read() -> None:
    assert parts_of("alps") == [("alps", 1.0)]
    assert parts_of("alps, random") == [("alps", 0.5), ("random", 0.5)]
    assert parts_of("margin:3,alps-kmeans++:1") == [("margin", 0.75), ("alps-kmeans++", 0.25)]
    assert needs_of("alps,margin") == {"masked language model", "classifier"}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("alps,nothing", "no strategy 'nothing'"),
        ("alps,alps", "names a strategy twice"),
        ("alps:0,random", "share '0'"),
        ("alps:x,random", "share 'x'"),
        ("alps:nan,random", "share 'nan'"),
        ("alps:inf,random", "share 'inf'"),
        ("", "no strategy ''"),
    ],
)
def test_what_is_no_mixture_is_refused(written: str, message: str) -> None:
    with pytest.raises(AlpsError, match=message):
        parts_of(written)


@given(st.integers(0, 1000), st.lists(st.floats(0.01, 100), min_size=1, max_size=6))
def test_a_batch_is_divided_without_a_rest(k: int, weights: list[float]) -> None:
    shares = [weight / sum(weights) for weight in weights]
    numbers = divide(k, shares)
    assert sum(numbers) == k
    assert all(abs(number - k * share) < 1 + 1e-9 for number, share in zip(numbers, shares, strict=True))


@pytest.fixture
def model(checkpoints: dict[str, Path]) -> str:
    return str(checkpoints["bert"])


@pytest.mark.filterwarnings("ignore::alps.AlpsWarning")
class TestSelect:
    def test_parts_share_the_batch_and_choose_different_texts(self, model: str) -> None:
        found = alps.select(TEXTS, 8, strategy="alps:3,random:1", model=model, seed=2)
        assert len(set(found.texts)) == 8
        assert found.summary["parts"] == {"alps": 6, "random": 2}
        assert set(alps.select(TEXTS, 6, strategy="alps", model=model, seed=2).texts) < set(found.texts)
        assert [TEXTS[i] for i in found.indices] == found.texts

    def test_every_prefix_has_the_shares(self, model: str) -> None:
        found = alps.select(TEXTS, 8, strategy="alps,bert-km", model=model)
        first = set(alps.select(TEXTS, 4, strategy="alps", model=model).texts)
        of_the_first = np.cumsum([text in first for text in found.texts])
        assert (np.abs(of_the_first - np.arange(1, 9) / 2) <= 1).all()

    def test_copies_are_not_chosen_by_the_next_part(self, model: str) -> None:
        found = alps.select(TEXTS * 2, 12, strategy="bert-km,random", model=model)
        assert sorted(found.texts) == sorted(TEXTS)

    def test_a_part_may_be_warm(self, model: str) -> None:
        labelled = {"text": TEXTS[:4], "label": ["a", "b", "a", "b"]}
        found = alps.select(TEXTS, 4, strategy="margin,random", model=model, labelled=pa.table(labelled))
        assert not set(found.texts) & set(TEXTS[:4])
        with pytest.raises(AlpsError, match="margin looks through a trained classifier"):
            alps.select(TEXTS, 4, strategy="random,margin", model=model)

    def test_all_parts_look_through_one_classifier(self, model: str) -> None:
        labelled = pa.table({"text": TEXTS[:4], "label": ["a", "b", "a", "b"]})
        for mixture in ("margin,entropy,bald", "random,badge,cal"):
            found = alps.select(TEXTS, 6, strategy=mixture, model=model, labelled=labelled)
            assert found.summary["classifiers_trained"] == 1
        assert "classifiers_trained" not in alps.select(TEXTS, 6, strategy="random,alps", model=model).summary

    def test_more_than_there_is(self, model: str) -> None:
        found = alps.select(TEXTS, 40, strategy="random,alps", model=model)
        assert sorted(found.texts) == sorted(TEXTS)
        assert "Only 12 distinct texts" in found.summary["notes"][0]

    def test_the_order_of_the_pool_does_not_matter(self, model: str) -> None:
        first, second = (alps.select(pool, 6, strategy="alps,random", model=model) for pool in (TEXTS, TEXTS[::-1]))
        assert first.texts == second.texts
