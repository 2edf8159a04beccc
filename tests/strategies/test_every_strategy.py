"""The shared template: what every row of the table of strategies must do, ours and those of other packages."""

from __future__ import annotations

import copy
import re
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

import alps
from alps.base.errors import AlpsError, AlpsWarning
from alps.base.streams import Stream
from alps.models.classifier import Classifier
from alps.models.linear_head import LinearHead
from alps.representations.features import Features
from alps.representations.gradient import gradient_embeddings
from alps.representations.outer_product import OuterProductFeatures
from alps.representations.predicted import PredictedFeatures
from alps.strategies import Strategy, strategies

# Nothing is drawn; MaxHerding draws a sample of large pools only.
DETERMINISTIC = {"cal", "egl", "entropy", "least-confidence", "margin", "maxherding"}
# The seed decides the radius of the balls only, and two radii may cover this small pool alike.
SEED_MAY_NOT_SHOW = {"probcover"}
# What a warm strategy is given on top of the pool.
LABELLED = pa.table(
    {
        "text": ["shares fell", "banks rose", "a late goal", "the cup final", "new film out", "awards night"],
        "label": ["business", "business", "sport", "sport", "culture", "culture"],
    }
)
# Pieces of the tiny model's vocabulary.
LABEL_WORDS = {"first": ["the", "a"], "second": ["in"], "third": ["s"]}
CLASSIFIER = {"classifier": "finetune", "recipe": "stable"}
ROWS = pytest.mark.parametrize("row", strategies().values(), ids=lambda row: row.name)


@pytest.fixture(scope="module")
def texts(news: list[str]) -> list[str]:
    """Forty-five short texts: of five there are copies, three are of one word."""
    lines = [" ".join(text.split()[-6 - i % 9 :]) for i, text in enumerate(news[:37])]
    return [*lines, *lines[10:14], lines[10], "rain", "sun", "wind"]


@pytest.fixture(scope="module")
def model(checkpoints: dict[str, Path]) -> str:
    """A tiny model: what is tested here does not depend on how well it knows the language."""
    return str(checkpoints["bert"])


def is_warm(row: Strategy) -> bool:
    return "classifier" in row.needs


def needs_fine_tuning(row: Strategy) -> bool:
    return "fine-tuned encoder" in row.needs


def choose(row: Strategy, texts: Any, k: int, model: str, **options: Any) -> alps.Selection:
    if is_warm(row):
        texts, options["labelled"] = [*texts, *LABELLED["text"].to_pylist()], LABELLED
        options |= CLASSIFIER if needs_fine_tuning(row) else {}
    if "label words" in row.needs:
        options["label_words"] = LABEL_WORDS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AlpsWarning)  # the tiny model knows few words
        return alps.select(texts, k, strategy=row.name, model=model, **options)


@ROWS
def test_k_distinct_texts_of_the_pool(row: Strategy, texts: list[str], model: str) -> None:
    found = choose(row, texts, 12, model)
    assert len(set(found.texts)) == len(found) == 12
    assert [texts[i] for i in found.indices] == found.texts
    assert len(set(found.ids)) == 12


@ROWS
def test_equal_seeds_pick_equally_and_others_do_not(row: Strategy, texts: list[str], model: str) -> None:
    first, again, other = (choose(row, texts, 12, model, seed=seed) for seed in (3, 3, 43))
    assert first.to_table().equals(again.to_table())
    if row.name not in SEED_MAY_NOT_SHOW:
        assert (set(first.texts) == set(other.texts)) == (row.name in DETERMINISTIC)


@ROWS
def test_the_order_of_the_pool_and_the_size_of_batches_do_not_matter(
    row: Strategy, texts: list[str], model: str
) -> None:
    order = np.random.default_rng(0).permutation(len(texts))
    shuffled = [texts[i] for i in order]
    first = choose(row, texts, 12, model, tokens_per_batch=2048)
    second = choose(row, shuffled, 12, model, tokens_per_batch=64)
    assert second.texts == first.texts
    assert [shuffled[i] for i in second.indices] == first.texts
    for name in ("cluster_size", "distance_to_centre", "mean_surprisal"):
        assert second.to_table()[name].equals(first.to_table()[name])


@ROWS
def test_one_and_all(row: Strategy, texts: list[str], model: str) -> None:
    assert len(choose(row, texts, 1, model)) == 1
    distinct = sorted(set(texts))
    assert len(distinct) == 40
    assert sorted(choose(row, texts, 40, model).texts) == distinct
    more = choose(row, texts, 41, model)
    assert sorted(more.texts) == distinct
    assert (
        "Only 40 distinct texts are there to choose from, fewer than k = 41: all are chosen." in more.summary["notes"]
    )


@ROWS
def test_what_is_excluded_is_never_picked(row: Strategy, texts: list[str], model: str) -> None:
    excluded = texts[5:30]
    found = choose(row, texts, 15, model, exclude=excluded)
    assert len(set(found.texts)) == 15
    assert not set(found.texts) & set(excluded)
    n_labelled = LABELLED.num_rows if is_warm(row) else 0
    assert found.summary["texts_excluded"] == 25 + 5 + n_labelled  # with copies


@ROWS
@pytest.mark.parametrize("text", ["rain in Rome", "."])
def test_a_pool_of_one_text_many_times(row: Strategy, text: str, model: str) -> None:
    found = choose(row, [text] * 5, 1, model)
    assert (found.texts, found.indices.tolist()) == ([text], [0])
    if found.cluster_sizes is not None:
        assert found.cluster_sizes.tolist() == [5]


@ROWS
def test_cluster_sizes_add_up_to_the_pool(row: Strategy, texts: list[str], model: str) -> None:
    found = choose(row, texts, 12, model)
    if found.cluster_sizes is None:
        return
    if is_warm(row) and row.uses_labelled:  # some stand nearer to a labelled text
        assert 12 <= found.cluster_sizes.sum() <= 45
    elif row.selector == "stratified":  # 45 / 12 is no whole number: of one cluster two may be drawn, of another none
        assert (abs(found.cluster_sizes - 45 / 12) < 2).all()
    else:
        assert found.cluster_sizes.sum() == 45


@ROWS
def test_everything_said_of_a_text_is_said_of_that_text(row: Strategy, texts: list[str], model: str) -> None:
    found = choose(row, texts, 12, model)
    table = found.to_table().to_pylist()
    assert [line["rank"] for line in table] == list(range(1, 13))
    every = {line["text"]: line for line in choose(row, texts, 40, model).to_table().to_pylist()}
    for line in table:
        assert line["id"] == every[line["text"]]["id"]
        assert line["mean_surprisal"] == every[line["text"]]["mean_surprisal"]


def some_features(row: Strategy, form: type) -> Features:
    """Sixty rows as the strategy's representation would give them."""
    generator = np.random.default_rng(0)
    matrix = (generator.random((60, 8)) * (generator.random((60, 8)) < 0.3)).astype(np.float32)
    copies, facts = generator.integers(1, 4, 60), {"zero": ~matrix.any(axis=1)}
    samples = generator.dirichlet([1, 1, 1], (60, 5)).astype(np.float32)
    if row.representation == "gradient":
        return OuterProductFeatures(samples[:, 0] - samples[:, 1], copies, facts, right=matrix)
    if row.representation in ("prediction", "prompting"):
        return PredictedFeatures(matrix, copies, facts, probabilities=samples.mean(axis=1), samples=samples)
    return Features(form(matrix), copies, facts)


@ROWS
@pytest.mark.parametrize("form", [np.asarray, sp.csr_array], ids=["dense", "csr"])
def test_the_selector_changes_nothing_and_keeps_to_the_candidates(row: Strategy, form: type) -> None:
    some = some_features(row, form)
    candidates, labelled = np.arange(0, 60, 2), np.arange(1, 60, 6)
    before = copy.deepcopy((some.dense(np.arange(60)), some.copies, some.facts, candidates, labelled))
    module = import_module(row.selector if "." in row.selector else f"alps.selectors.{row.selector}")
    for k in (1, 7, 30):
        picks = module.select(some, candidates, labelled, k, Stream(1), **row.selector_options)
        assert len(set(picks.rows.tolist())) == k
        assert set(picks.rows.tolist()) <= set(candidates.tolist())
        for known in (picks.cluster_sizes, picks.distances):
            assert known is None or len(known) == k
        assert (picks.clusters is None) == (picks.cluster_sizes is None)
        if picks.clusters is not None:
            inside = picks.clusters >= 0
            assert inside[picks.rows].all() and not inside[1::2].any()
            if row.selector != "kmeans":  # a pick of k-means may be of another's cluster, its own being empty
                sizes = np.bincount(picks.clusters[inside], some.copies[inside])[picks.clusters[picks.rows]]
                assert sizes.tolist() == picks.cluster_sizes.tolist()
    after = (some.dense(np.arange(60)), some.copies, some.facts, candidates, labelled)
    np.testing.assert_equal(after, before)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """Of 24 classes, with heads drawn."""
    generator = np.random.default_rng(1)
    heads = [
        LinearHead(tuple("abcdefghijklmnopqrstuvwx"), 3 * weight, weight[:, 0])
        for weight in generator.normal(size=(6, 24, 384)).astype(np.float32)
    ]
    return Classifier(heads[0], drawn_heads=tuple(heads[1:]))


@pytest.mark.parametrize(
    "row",
    [row for row in strategies().values() if row.representation in ("prediction", "gradient")],
    ids=lambda row: row.name,
)
def test_threads_and_other_rows_do_not_matter_with_many_classes(row: Strategy, classifier: Classifier) -> None:
    generator = np.random.default_rng(0)
    hidden = generator.normal(size=(12_000, 384)).astype(np.float32)
    hidden /= np.linalg.norm(hidden, axis=1, keepdims=True)
    module = import_module(f"alps.selectors.{row.selector}")

    def picks(threads: int, n_before: int) -> list[int]:
        """With other rows in front, which are no candidates."""
        own = np.concatenate([hidden[:n_before], hidden])
        copies = np.ones(len(own), dtype=np.int64)
        with threadpool_limits(threads):
            probabilities = classifier.head.probabilities(own)
            some: Features
            if row.representation == "gradient":
                options = row.representation_options
                some = gradient_embeddings(probabilities, own, copies, **options)
            else:
                samples = classifier.samples(own) if row.representation_options.get("samples") else None
                some = PredictedFeatures(own, copies, probabilities=probabilities, samples=samples)
            candidates, labelled = np.arange(500, 12_000) + n_before, np.arange(500) + n_before
            k = len(candidates) if row.selector in ("top_k", "cal") else 60  # a whole ranking costs no more
            found = module.select(some, candidates, labelled, k, Stream(1), **row.selector_options)
        return list((found.rows - n_before).tolist())

    assert picks(1, 0) == picks(2, 0) == picks(1, 7)


@pytest.mark.parametrize("row", [row for row in strategies().values() if is_warm(row)], ids=lambda row: row.name)
class TestWarm:
    def test_it_needs_labels_and_says_so(self, row: Strategy, texts: list[str], model: str) -> None:
        with pytest.raises(AlpsError, match=f"The strategy {re.escape(row.name)} looks through a trained classifier"):
            alps.select(texts, 3, strategy=row.name, model=model, classifier="finetune")

    def test_one_class_and_two_classes_do(self, row: Strategy, texts: list[str], model: str) -> None:
        for n in (2, 4):
            labelled = LABELLED.slice(0, n)
            options = CLASSIFIER if needs_fine_tuning(row) else {}
            found = alps.select(
                [*texts, *labelled["text"].to_pylist()], 5, strategy=row.name, model=model, labelled=labelled, **options
            )
            assert len(set(found.texts)) == 5
            assert len(found.summary["texts_labelled"]) == n // 2

    def test_the_labels_decide_the_picks(self, row: Strategy, texts: list[str], model: str) -> None:
        other = LABELLED.set_column(1, "label", pa.array(["x", "y", "x", "y", "y", "x"]))
        pool = [*texts, *LABELLED["text"].to_pylist()]
        options = CLASSIFIER if needs_fine_tuning(row) else {}
        first, second = (
            alps.select(pool, 8, strategy=row.name, model=model, labelled=labelled, **options).texts
            for labelled in (LABELLED, other)
        )
        assert first != second

    def test_a_fine_tuned_encoder_is_asked_for(self, row: Strategy, texts: list[str], model: str) -> None:
        pool = [*texts, *LABELLED["text"].to_pylist()]
        if needs_fine_tuning(row):
            with pytest.raises(AlpsError, match="add --classifier finetune"):
                alps.select(pool, 3, strategy=row.name, model=model, labelled=LABELLED)
        else:
            found = alps.select(pool, 3, strategy=row.name, model=model, labelled=LABELLED, **CLASSIFIER)
            assert len(set(found.texts)) == 3


@pytest.mark.parametrize("row", [row for row in strategies().values() if is_warm(row)], ids=lambda row: row.name)
def test_texts_of_several_labels_are_served_or_refused(row: Strategy, texts: list[str], model: str) -> None:
    several = [["business"], ["business", "sport"], ["sport"], [], ["culture"], ["culture", "sport"]]
    labelled = pa.table({"text": LABELLED["text"], "labels": several})
    options = CLASSIFIER if needs_fine_tuning(row) else {}
    pool = [*texts, *LABELLED["text"].to_pylist()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AlpsWarning)
        if not row.multi_label:
            with pytest.raises(AlpsError, match=f"{row.name} is for one label a text"):
                alps.select(pool, 5, strategy=row.name, model=model, labelled=labelled)
            return
        found = alps.select(pool, 5, strategy=row.name, model=model, labelled=labelled, **options)
    assert len(set(found.texts)) == 5 and not set(found.texts) & set(LABELLED["text"].to_pylist())
    assert found.summary["texts_labelled"] == {"business": 2, "culture": 2, "sport": 3}
