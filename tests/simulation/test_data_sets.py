"""Data sets of a simulation: folders, published ones, and how parts are split off."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.simulation.data_sets import DataSet, read_folder, stratified_rows
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


def test_exact_copies_are_texts_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("text,label\n" + "a goal,sport\n" * 20)
    (tmp_path / "test.csv").write_text("text,label\na goal,sport\na goal,trade\n")
    data = read_folder(tmp_path)
    assert data.sizes() == {"train": 18, "dev": 2, "test": 2}
    assert data.train.pool.distinct().copies.tolist() == [1] * 18
    assert data.classes == ("sport", "trade")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"train.csv": "text,label\na,b\n"}, "no file test"),
        ({"train.csv": "text,label\na,b\n", "train.tsv": "text\tlabel\n"}, "keep one of them"),
        ({"train.csv": "text,label\na,b\nc,\n"}, "row 2 has no label"),
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
