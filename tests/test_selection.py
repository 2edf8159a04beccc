"""`alps.select`: what goes in, what comes out, and that both belong together."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas
import pyarrow as pa
import pytest
import torch
from threadpoolctl import threadpool_limits

import alps
from alps.base.errors import AlpsError, AlpsWarning
from alps.pool.write import write_table

Select = Callable[..., alps.Selection]


@pytest.fixture(scope="module")
def texts(news: list[str]) -> list[str]:
    """Thirty-six different short texts."""
    return [" ".join(text.split()[-5 - i % 11 :]) for i, text in enumerate(news[:36])]


@pytest.fixture
def select(checkpoints: dict[str, Path]) -> Select:
    """`alps.select` with a tiny model that is loaded in a moment."""

    def call(texts: Any, k: int = 6, **options: Any) -> alps.Selection:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AlpsWarning)
            return alps.select(texts, k, **{"model": str(checkpoints["bert"]), "strategy": "alps", **options})

    return call


def as_csv(texts: list[str], folder: Path) -> Path:
    path = folder / "pool.csv"
    pandas.DataFrame({"text": texts}).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "form",
    [
        lambda texts, _: list(texts),
        lambda texts, _: alps.read_pool(texts),
        lambda texts, _: pandas.DataFrame({"text": texts, "n": range(len(texts))}, index=range(100, 100 + len(texts))),
        lambda texts, _: pandas.Series(texts, index=[7] * len(texts)),
        lambda texts, _: datasets.Dataset.from_dict({"text": texts}),
        lambda texts, _: pa.table({"text": texts}),
        as_csv,
        lambda texts, folder: str(as_csv(texts, folder)),
    ],
    ids=["list", "Pool", "DataFrame", "Series", "Dataset", "Arrow", "Path", "str"],
)
def test_every_kind_of_pool_gives_the_same_texts(
    form: Callable[[list[str], Path], Any], texts: list[str], select: Select, tmp_path: Path
) -> None:
    expected = select(texts)
    found = select(form(texts, tmp_path))
    assert found.texts == expected.texts
    assert found.ids == expected.ids
    assert [texts[i] for i in found.indices] == found.texts


def test_indices_point_into_the_input_as_it_was_given(texts: list[str], select: Select) -> None:
    gaps = ["", *texts[:10], None, "   ", *texts[10:], texts[3]]
    found = select(gaps, 10)
    assert [gaps[i] for i in found.indices] == found.texts
    assert set(found.indices.tolist()).isdisjoint({0, 11, 12})
    assert found.texts == select([*texts, texts[3]], 10).texts


def test_indices_are_rows_of_a_data_frame_whatever_its_index(texts: list[str], select: Select) -> None:
    frame = pandas.DataFrame({"text": texts, "n": range(36)}).sample(frac=1, random_state=0)
    found = select(frame)
    assert frame.iloc[found.indices]["text"].tolist() == found.texts
    assert found.to_pandas()["n"].tolist() == frame.iloc[found.indices]["n"].tolist()


def test_indices_are_rows_of_a_data_set_that_was_shuffled(texts: list[str], select: Select) -> None:
    shuffled = datasets.Dataset.from_dict({"text": texts}).shuffle(seed=1)
    found = select(shuffled)
    assert shuffled.select(found.indices)["text"][:] == found.texts
    assert found.texts == select(texts).texts


def test_what_was_passed_is_not_changed(texts: list[str], select: Select) -> None:
    frame = pandas.DataFrame({"text": texts})
    before = frame.copy(deep=True)
    select(frame)
    pandas.testing.assert_frame_equal(frame, before)


def test_the_table_has_every_original_column(texts: list[str], select: Select) -> None:
    found = select(pandas.DataFrame({"review": texts, "stars": range(36)}), text_column="review")
    table = found.to_table()
    assert table.column_names == [
        "rank", "id", "text", "cluster_size", "distance_to_centre", "mean_surprisal", "review", "stars",
    ]  # fmt: skip
    assert table["rank"].to_pylist() == list(range(1, 7))
    assert table["text"].to_pylist() == table["review"].to_pylist() == found.texts
    assert table["stars"].to_pylist() == found.indices.tolist()
    assert table["id"].to_pylist() == found.ids
    assert table["cluster_size"].to_pylist() == found.cluster_sizes.tolist()
    assert sum(table["cluster_size"].to_pylist()) == 36


def test_pandas_gets_the_same_table(texts: list[str], select: Select) -> None:
    found = select(texts)
    frame = found.to_pandas()
    assert list(frame.columns) == found.to_table().column_names
    assert frame["text"].tolist() == found.texts
    assert frame["mean_surprisal"].isna().tolist() == np.isnan(found.surprisal).tolist()


def test_unknown_surprisal_is_null_in_the_table(select: Select) -> None:
    # A fraction so small that no text has an evaluated token.
    found = select(["one", "two", "three"], 2, evaluated_fraction=1e-9)
    assert np.isnan(found.surprisal).all()
    assert found.to_table()["mean_surprisal"].to_pylist() == [None, None]
    assert found.summary["texts_zero"] == 3


def test_a_strategy_without_clusters_leaves_their_columns_empty(texts: list[str], select: Select) -> None:
    table = select(texts, strategy="random").to_table()
    for name in ("cluster_size", "distance_to_centre", "mean_surprisal"):
        assert table[name].null_count == 6


def test_input_columns_called_like_ours_keep_their_values(texts: list[str], select: Select) -> None:
    columns = {
        "title": texts,
        "text": [f"body {i}" for i in range(36)],
        "id": [i % 5 for i in range(36)],
        "rank": range(36),
        "input_rank": range(100, 136),
        "cluster_size": ["mine"] * 36,
    }
    found = select(pandas.DataFrame(columns), text_column="title", id_column="none")
    table = found.to_table()
    at = found.indices
    assert table["text"].to_pylist() == table["title"].to_pylist() == [texts[i] for i in at]
    assert table["input_text"].to_pylist() == [f"body {i}" for i in at]
    assert table["id"].to_pylist() == found.ids
    assert table["input_id"].to_pylist() == [i % 5 for i in at]
    assert table["rank"].to_pylist() == list(range(1, 7))
    assert table["input_rank"].to_pylist() == at.tolist()
    assert table["input_input_rank"].to_pylist() == (100 + at).tolist()
    assert table["cluster_size"].to_pylist() == found.cluster_sizes.tolist()
    assert table["input_cluster_size"].to_pylist() == ["mine"] * 6
    assert len(set(table.column_names)) == len(table.column_names)


def test_columns_of_texts_and_ids_are_not_repeated(texts: list[str], select: Select) -> None:
    table = select(pandas.DataFrame({"id": range(36), "text": texts})).to_table()
    assert table.column_names == ["rank", "id", "text", "cluster_size", "distance_to_centre", "mean_surprisal"]
    assert set(table["id"].to_pylist()) <= {str(i) for i in range(36)}


def test_texts_that_are_in_the_column_called_id(texts: list[str], select: Select) -> None:
    found = select(pandas.DataFrame({"id": texts, "label": range(36)}), text_column="id")
    assert found.to_table()["text"].to_pylist() == found.to_table()["input_id"].to_pylist() == found.texts


def test_what_was_said_of_surprisal_in_vain_is_told(texts: list[str]) -> None:
    with pytest.warns(AlpsWarning, match="stratified does not look at surprisal, so masked changed nothing; alps does"):
        assert len(alps.select(texts, 2, masked=True)) == 2
    with pytest.warns(AlpsWarning, match="random does not look .* so evaluated_fraction changed nothing"):
        alps.select(texts, 2, strategy="random", evaluated_fraction=0.5)


def test_the_summary_says_what_was_done(texts: list[str], select: Select) -> None:
    summary = select([*texts, "", texts[0]], seed=5, evaluated_fraction=0.3, kmeans="paper").summary
    expected = {
        "strategy": "alps", "k": 6, "seed": 5, "evaluated_fraction": 0.3, "masked": False, "kmeans_preset": "paper",
        "texts_read": 38, "texts_empty": 1, "texts_in_pool": 37, "texts_distinct": 36, "copies": 1,
        "texts_computed": 36, "max_length": 128,
    }  # fmt: skip
    assert {name: summary[name] for name in expected} == expected
    assert set(summary["seconds"]) == {"read", "represent", "select"}
    assert summary["tokens"] > 36
    assert "model" not in select(texts, strategy="random").summary
    assert "evaluated_fraction" not in select(texts, strategy="bert-km").summary


@pytest.mark.parametrize("k", [0, -3])
def test_none_and_fewer_are_refused(k: int, texts: list[str]) -> None:
    with pytest.raises(AlpsError, match=f"k is {k}; ask for at least 1 text"):
        alps.select(texts, k)


def test_more_than_there_are_gives_all_and_a_warning() -> None:
    with pytest.warns(AlpsWarning, match="Only 3 distinct texts are there to choose from, fewer than k = 5"):
        found = alps.select(["one", "two", "three", "one"], 5, strategy="random")
    assert sorted(found.texts) == ["one", "three", "two"]
    assert found.summary["k"] == 3


def test_a_warning_points_at_the_line_that_called() -> None:
    with pytest.warns(AlpsWarning) as caught:
        alps.select(["one"], 2, strategy="random")
    assert caught[0].filename == __file__


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_an_impossible_seed_is_refused(seed: int, texts: list[str]) -> None:
    with pytest.raises(AlpsError, match=f"The seed {seed} is not a whole number"):
        alps.select(texts, 2, seed=seed, strategy="random")


def test_an_unknown_preset_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(AlpsError, match="k-means preset 'quick' is unknown"):
        alps.select(tmp_path / "is not there.csv", 2, kmeans="quick")


@pytest.mark.parametrize("strategy", ["alps", "random"])
def test_excluded_by_text(strategy: str, texts: list[str], select: Select, tmp_path: Path) -> None:
    first = select(texts, 12, strategy=strategy)
    labelled = tmp_path / "labelled.csv"
    pandas.DataFrame({"text": first.texts, "label": "x"}).to_csv(labelled, index=False)
    second = select(texts, 24, strategy=strategy, exclude=labelled)
    assert sorted(first.texts + second.texts) == sorted(texts)
    assert second.summary["texts_excluded"] == 12
    assert second.summary["texts_in_pool"] == 24


def test_excluded_by_id_and_then_by_our_own_output(texts: list[str], select: Select, tmp_path: Path) -> None:
    frame = pandas.DataFrame({"id": [f"n{i}" for i in range(36)], "text": texts})
    first = select(frame, 10)
    by_id = tmp_path / "ids.csv"
    pandas.DataFrame({"id": first.ids, "label": "x"}).to_csv(by_id, index=False)
    output = tmp_path / "queries.csv"
    write_table(first.to_table(), output)
    second, again = (select(frame, 26, exclude=path) for path in (by_id, str(output)))
    assert sorted(first.ids + second.ids) == sorted(frame["id"])
    assert again.ids == second.ids


def test_excluding_is_the_same_as_leaving_out_where_labels_do_not_matter(texts: list[str], select: Select) -> None:
    left_out = select(texts[10:], 8, strategy="random")
    excluded = select(texts, 8, strategy="random", exclude=texts[:10])
    assert excluded.texts == left_out.texts
    assert [texts[i] for i in excluded.indices] == excluded.texts


def test_everything_excluded_is_an_error(texts: list[str]) -> None:
    with pytest.raises(AlpsError, match=r"Every text of the list of texts is excluded .* nothing left to choose"):
        alps.select(texts, 2, exclude=texts)


def test_alps_tokens_evaluates_every_token_unless_told_otherwise(texts: list[str], select: Select) -> None:
    every, some = select(texts, strategy="alps-tokens"), select(texts, strategy="alps-tokens", evaluated_fraction=0.3)
    assert (every.summary["evaluated_fraction"], some.summary["evaluated_fraction"]) == (1.0, 0.3)
    assert every.ids == select(texts, evaluated_fraction=1.0).ids
    assert some.ids == select(texts, evaluated_fraction=0.3).ids
    assert select(texts).summary["evaluated_fraction"] == 0.15


def test_probcover_has_as_many_pseudo_labels_as_there_are_classes(texts: list[str], select: Select) -> None:
    assert select(texts, strategy="probcover").summary["prob_cover_n_classes"] == 10
    two = select(texts, strategy="probcover", n_classes=2)
    assert two.summary["prob_cover_n_classes"] == 2
    learner = alps.Learner(
        texts, alps.Plan("probcover", None), labels=["a", "b"], model=two.summary["model"], dtype="float32"
    )
    batch = learner.query(6)
    assert batch.summary["prob_cover_n_classes"] == 2
    assert batch.ids == select(texts, strategy="probcover", n_classes=2, dtype="float32").ids
    with pytest.raises(AlpsError, match="n_classes is 0"):
        select(texts, strategy="probcover", n_classes=0)


def test_cal_compares_with_labelled_texts_only(texts: list[str], select: Select) -> None:
    """Texts that are excluded, or chosen by another part of a mixture, are passed over and change nothing else."""
    labelled = pa.table({"text": texts[:4], "label": ["a", "b", "a", "b"]})
    ranked = select(texts, 30, strategy="cal", labelled=labelled).texts
    rest = [text for text in ranked if text not in texts[5:15]]
    assert select(texts, 8, strategy="cal", labelled=labelled, exclude=texts[5:15]).texts == rest[:8]
    mixed = select(texts, 12, strategy="random,cal", labelled=labelled).texts
    drawn = select(texts, 6, strategy="random", exclude=texts[:4]).texts
    assert [text for text in mixed if text not in drawn] == [text for text in ranked if text not in drawn][:6]


def test_kmeans_plus_plus_keeps_away_from_excluded_texts(select: Select) -> None:
    # With every token evaluated, texts that differ in spaces only have one embedding: twins.
    pool = ["rain in Rome", "snow on the hill today", "a goal"]
    twins = [f" {text}" for text in pool]
    for seed in range(8):
        found = select([*pool, *twins], 2, strategy="alps-kmeans++", exclude=[pool[0]], seed=seed, evaluated_fraction=1)
        assert {text.strip() for text in found.texts} == {pool[1], pool[2]}  # never the twin of what is labelled
    free = {select([*pool, *twins], 1, strategy="alps-kmeans++", seed=seed).texts[0].strip() for seed in range(12)}
    assert pool[0] in free


def everything(found: alps.Selection) -> tuple[object, ...]:
    return (
        found.texts,
        found.ids,
        found.cluster_sizes.tolist(),
        found.distances.tobytes(),
        found.surprisal.tobytes(),
    )


@pytest.mark.parametrize("strategy", ["alps", "alps-kmeans++"])
def test_the_bundled_model_gives_the_same_bytes_for_any_order_batches_and_threads(
    strategy: str, texts: list[str]
) -> None:
    before = torch.get_num_threads()
    found = []
    try:
        for threads, tokens_per_batch, order in ((1, 2048, slice(None)), (2, 64, slice(None, None, -1))):
            torch.set_num_threads(threads)
            with threadpool_limits(threads), warnings.catch_warnings():
                warnings.simplefilter("ignore", AlpsWarning)
                selection = alps.select(texts[order], 9, strategy=strategy, tokens_per_batch=tokens_per_batch)
            assert [texts[order][i] for i in selection.indices] == selection.texts
            found.append(selection)
    finally:
        torch.set_num_threads(before)
    first, second = found
    assert second.texts == first.texts
    assert second.ids == first.ids
    assert second.cluster_sizes.tolist() == first.cluster_sizes.tolist()
    assert second.surprisal.tobytes() == first.surprisal.tobytes()
    assert second.to_table().equals(first.to_table())


def test_a_kept_cache_changes_nothing_and_spares_the_work(texts: list[str], select: Select, tmp_path: Path) -> None:
    fresh = select(texts)
    first = select(texts, cache_dir=tmp_path)
    second = select(texts, cache_dir=str(tmp_path))
    assert everything(first) == everything(second) == everything(fresh)
    assert (first.summary["texts_computed"], second.summary["texts_computed"]) == (36, 0)


def test_an_id_column_decides_ties_but_not_the_embeddings(texts: list[str], select: Select) -> None:
    plain = select(texts, 36)
    named = select(pandas.DataFrame({"id": [f"{i:02}" for i in range(36)], "text": texts}), 36)
    surprisal = [dict(zip(found.texts, found.surprisal.tolist(), strict=True)) for found in (plain, named)]
    np.testing.assert_equal(surprisal[0], surprisal[1])


def test_a_sample_of_the_pool_is_all_that_is_looked_at(texts: list[str], select: Select, tmp_path: Path) -> None:
    pool = alps.read_pool(["", *texts, texts[3], texts[3]])
    looked_at = pool.sample(14, seed=5)
    found = select(pool, 6, seed=5, sample=14, cache_dir=tmp_path)
    assert {*found.texts} <= {*looked_at.texts.to_pylist()}
    assert [["", *texts, texts[3], texts[3]][i] for i in found.indices] == found.texts
    assert found.ids == select(looked_at, 6, seed=5).ids
    told = {name: found.summary[name] for name in ("texts_read", "texts_in_pool", "texts_sampled_from")}
    assert told == {"texts_read": 39, "texts_in_pool": 14, "texts_sampled_from": 38}
    assert found.summary["texts_computed"] <= len(looked_at.distinct().rows)
    again = select(pool, 6, seed=5, sample=14, exclude=found.texts, cache_dir=tmp_path)
    assert set(again.texts).isdisjoint(found.texts)
    assert again.summary["texts_in_pool"] == 14  # what was chosen is made up for
    assert again.summary["texts_computed"] <= 8  # six, two copies of one of them, and no other


def test_labelled_texts_that_are_not_in_the_sample_are_learnt_from(texts: list[str], select: Select) -> None:
    pool = pandas.DataFrame({"text": texts, "id": [f"t{i}" for i in range(len(texts))]})
    labelled = pandas.DataFrame({"id": [f"t{i}" for i in range(20)], "label": ["a", "b"] * 10})
    found = select(pool, 3, strategy="margin", labelled=labelled, sample=5)
    assert found.summary["texts_labelled"] == {"a": 10, "b": 10}
    assert found.summary["texts_in_pool"] == 5
    assert set(found.ids) <= {f"t{i}" for i in range(20, 36)}


def test_a_sample_that_is_the_whole_pool_changes_nothing(texts: list[str], select: Select) -> None:
    found = select(texts, sample=36)
    assert found.ids == select(texts).ids
    assert "texts_sampled_from" not in found.summary


@pytest.mark.parametrize("sample", [0, -3])
def test_an_impossible_sample_is_refused(sample: int, texts: list[str], select: Select) -> None:
    with pytest.raises(AlpsError, match=f"A sample of {sample} texts is not possible"):
        select(texts, sample=sample)
