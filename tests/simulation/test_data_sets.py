"""Data sets of a simulation: folders, published ones, and how parts are split off."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from alps.base.errors import AlpsError, AlpsWarning
from alps.base.streams import Stream
from alps.simulation.data_sets import (
    DataSet,
    read_folder,
    read_part,
    stratified_rows,
    warn_of_shared_texts,
    warn_of_unknown_classes,
)
from alps.simulation.published import PUBLISHED, Published, read_data_set, read_published, short_name
from tests.simulation.conftest import lines


def texts_of(data: DataSet, part: str) -> list[str]:
    return getattr(data, part).pool.texts.to_pylist()


def test_a_tenth_is_set_aside_where_there_is_no_development_part(tiny: Path) -> None:
    data = read_folder(tiny)
    assert data.name == "tiny"
    assert data.sizes() == {"train": 54, "dev": 6, "test": 20}
    assert not {*texts_of(data, "train")} & {*texts_of(data, "dev")}
    assert Counter(data.dev.labels) == {"sport": 3, "trade": 3}
    assert texts_of(read_folder(tiny), "dev") == texts_of(data, "dev")


def test_the_order_of_the_rows_does_not_decide_what_is_set_aside(tiny: Path, tmp_path: Path) -> None:
    head, *rows = (tiny / "train.tsv").read_text().splitlines()
    (tmp_path / "train.tsv").write_text("\n".join([head, *rows[::-1]]) + "\n")
    (tmp_path / "test.tsv").write_bytes((tiny / "test.tsv").read_bytes())
    assert {*texts_of(read_folder(tmp_path), "dev")} == {*texts_of(read_folder(tiny), "dev")}


def test_a_development_part_is_used_where_there_is_one(tiny: Path, tmp_path: Path) -> None:
    for name in ("train", "test"):
        (tmp_path / f"{name}.tsv").write_bytes((tiny / f"{name}.tsv").read_bytes())
    (tmp_path / "validation.jsonl").write_text('{"text": "a cup", "label": "sport"}\n')
    assert read_folder(tmp_path).sizes() == {"train": 60, "dev": 1, "test": 20}


def written(folder: Path, **rows: list[str]) -> Path:
    """A folder with parts of such rows."""
    for name, each in rows.items():
        (folder / f"{name}.csv").write_text("\n".join(["text,label", *each]) + "\n")
    return folder


def test_exact_copies_are_texts_of_their_own(tmp_path: Path) -> None:
    data = read_folder(written(tmp_path, train=["a goal,sport"] * 20, dev=["a cup,sport"], test=["a goal,trade"] * 2))
    assert data.sizes() == {"train": 20, "dev": 1, "test": 2}
    assert data.train.pool.distinct().copies.tolist() == [1] * 20
    assert data.classes == ("sport", "trade")


def test_no_copy_of_a_text_that_is_set_aside_is_left_in_the_pool(tmp_path: Path) -> None:
    # Every text three times, some of them with two labels; and single ones, by which the shares can be met.
    rows = [
        f"text {i},{'sport' if (i + copy // 2 * (i % 5 == 0)) % 2 else 'trade'}" for i in range(60) for copy in range(3)
    ]
    rows += [f"single {i},{'sport' if i % 2 else 'trade'}" for i in range(20)]
    data = read_folder(written(tmp_path, train=rows, test=["a cup,sport"]))
    assert not {*texts_of(data, "train")} & {*texts_of(data, "dev")}
    assert data.sizes() == {"train": 180, "dev": 20, "test": 1}
    assert Counter(data.dev.labels) == {"sport": 10, "trade": 10}
    assert data.shared_texts == {"train and dev": 0, "train and test": 0, "dev and test": 0}


def test_one_text_alone_cannot_be_split(tmp_path: Path) -> None:
    with pytest.raises(AlpsError, match="too few different texts"):
        read_folder(written(tmp_path, train=["a goal,sport"] * 20, test=["a cup,sport"]))


def test_texts_that_two_parts_share_are_counted_and_told(tmp_path: Path) -> None:
    train = ["a goal,sport", "a goal,sport", "a bank,trade", "a cup,sport"]
    data = read_folder(
        written(tmp_path, train=train, dev=["a cup,sport"], test=["a goal,sport"] * 2 + ["a team,sport"])
    )
    assert data.shared_texts == {"train and dev": 1, "train and test": 1, "dev and test": 0}
    with pytest.warns(AlpsWarning) as told:
        warn_of_shared_texts(data)
    assert [str(each.message).partition(", so")[0].partition(": ")[2] for each in told] == [
        "1 text is in train and in dev",
        "1 text is in train and in test",
    ]


def test_nothing_is_told_where_nothing_is_shared(tiny: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_shared_texts(read_folder(tiny))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"train.csv": "text,label\na,b\n"}, "no file test"),
        ({"train.csv": "text,label\na,b\n", "train.tsv": "text\tlabel\n"}, "keep one of them"),
        ({"train.csv": "text,label\na,b\nc,\n"}, "row 2 has no label"),
        ({"train.csv": "text,label\na,b\nc, \n"}, "row 2 has no label"),
        ({"train.csv": "text,kind\na,b\n"}, "which column holds the labels"),
    ],
)
def test_what_is_wrong_with_a_folder_is_said(files: dict[str, str], said: str, tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(AlpsError, match=said):
        read_folder(tmp_path)


def test_a_name_that_is_nothing_is_told_with_those_there_are() -> None:
    with pytest.raises(AlpsError, match="ag_news, imdb, pubmed, sst2"):
        read_data_set("no-such-thing")


def test_classes_have_their_shares() -> None:
    labels = ["a"] * 60 + ["b"] * 30 + ["c"] * 10
    rows = stratified_rows(labels, 20, Stream(0))
    assert Counter(np.array(labels)[rows]) == {"a": 12, "b": 6, "c": 2}
    assert len(set(rows)) == 20


def saved(folder: Path) -> str:
    """A data set as the hub gives it, on disk."""
    datasets = pytest.importorskip("datasets")
    feature = datasets.Features(
        {"sentence": datasets.Value("string"), "label": datasets.ClassLabel(names=["bad", "good"])}
    )
    splits = {
        name: datasets.Dataset.from_dict(
            {"sentence": [f"{name} {i}" for i in range(n)], "label": [i % 2 for i in range(n)]}, features=feature
        )
        for name, n in (("train", 30), ("validation", 8))
    }
    datasets.DatasetDict(splits).save_to_disk(str(folder))
    return str(folder)


def test_a_published_data_set_is_split_and_counted(tmp_path: Path) -> None:
    source = saved(tmp_path / "stand-in")
    row = Published(source, "sentence", "label", "train", None, "validation", (26, 4, 8))
    data = read_published("sst2", row)
    assert data.sizes() == {"train": 26, "dev": 4, "test": 8}
    assert Counter(data.dev.labels) == {"bad": 2, "good": 2}
    with pytest.raises(AlpsError, match="another version"):
        read_published("sst2", Published(source, "sentence", "label", "train", None, "validation", (26, 4, 9)))


def test_the_sizes_are_the_paper_s() -> None:
    assert {name: row.sizes for name, row in PUBLISHED.items() if name != "pubmed"} == {
        "ag_news": (110_000, 10_000, 7_600),
        "imdb": (17_500, 7_500, 25_000),
        "sst2": (60_614, 6_735, 872),
    }
    assert short_name("ag_news") == "ag_news"


def test_lines_are_different_texts() -> None:
    assert len(set(lines(60).splitlines())) == 61


def test_white_space_around_a_label_is_not_of_it(tmp_path: Path) -> None:
    (tmp_path / "train.tsv").write_text("text\tlabel\na\tx\nb\tx \nc\t y\n", encoding="utf-8")
    assert read_part(tmp_path / "train.tsv").labels.tolist() == ["x", "x", "y"]


def test_lists_of_labels_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a", "b"], "label": [["x", "y"], ["x"]]}), tmp_path / "train.parquet")
    with pytest.raises(AlpsError, match="the column label holds lists; a simulation needs one label a text"):
        read_part(tmp_path / "train.parquet")


def test_a_class_that_no_text_of_the_pool_has_is_told(tmp_path: Path) -> None:
    rows = {"train": "a\tx\nb\ty\n", "dev": "c\tx\n", "test": "d\tX\ne\ty\n"}
    for name, texts in rows.items():
        (tmp_path / f"{name}.tsv").write_text("text\tlabel\n" + texts, encoding="utf-8")
    with pytest.warns(AlpsWarning, match="no text of train has the label 'X'"):
        warn_of_unknown_classes(read_folder(tmp_path))
