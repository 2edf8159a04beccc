"""The guard against formulas is undone in the files that alps wrote, and in no other."""

from pathlib import Path

import pytest

import alps
from alps.classifiers.bulk_prediction import predict_file
from alps.labelling.export import Row
from alps.pool.labelled import labels_of
from alps.pool.read import read_pool
from alps.pool.write import write_table

TEXTS = ["@user hi", "'@user hi", "=1+1", "-3.5", "'tis", "- a point", "plain"]
CLASSES = ["b", "@a", "b", "b", "b", "b", "@a"]


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".csv.gz"])
def test_the_queries_of_select_are_trained_on_as_they_were(tmp_path: Path, ending: str) -> None:
    table = alps.select(TEXTS, k=len(TEXTS), strategy="random").to_table()
    label_of = dict(zip(TEXTS, CLASSES, strict=True))
    labels = [label_of[text] for text in table["text"].to_pylist()]
    path = tmp_path / f"queries{ending}"
    write_table(table.append_column("label", [labels]), path)  # as somebody adds it who labels in a spreadsheet
    pool = read_pool(path)
    assert pool.texts.to_pylist() == table["text"].to_pylist()
    assert labels_of(pool, pool.table, text_column="text").tolist() == labels  # what `alps train` learns


def test_predictions_are_read_as_they_were(tmp_path: Path) -> None:
    classifier = alps.train_classifier(TEXTS, CLASSES)
    predict_file(classifier, TEXTS, tmp_path / "a.csv", identity="x")
    assert read_pool(tmp_path / "a.csv", text_column="text").texts.to_pylist() == TEXTS
    assert "'@a" in (tmp_path / "a.csv").read_text(encoding="utf-8")
    predict_file(classifier, tmp_path / "a.csv", tmp_path / "b.csv", identity="x", text_column="text")
    again = read_pool(tmp_path / "b.csv", text_column="text").table
    assert again["text"].to_pylist() == TEXTS
    assert set(again["predicted_label"].to_pylist()) <= {"@a", "b"}


def test_predictions_of_several_labels_are_read_as_they_were(tmp_path: Path) -> None:
    classifier = alps.train_classifier(TEXTS, [[label] for label in CLASSES])
    predict_file(classifier, TEXTS, tmp_path / "a.csv", identity="x")
    table = read_pool(tmp_path / "a.csv", text_column="text").table
    assert table["text"].to_pylist() == TEXTS
    assert table.column_names == ["text", "predicted_label", "probability_@a", "probability_b"]


def test_an_export_of_a_project_is_read_as_it_was(write_file) -> None:
    names = list(Row.__annotations__)
    cells = {"id": "1", "text": "'@user hi", "label": "'@a", "note": "''=x"}
    path = write_file("labels.csv", f"{','.join(names)}\n{','.join(cells.get(name, '') for name in names)}\n")
    row = read_pool(path).table.to_pylist()[0]
    assert (row["text"], row["label"], row["note"]) == ("@user hi", "@a", "'=x")


@pytest.mark.parametrize("header", ["text,label", "id,text", "rank,id,text", "text,probability"])
def test_an_apostrophe_from_elsewhere_belongs_to_the_text(write_file, header) -> None:
    row = ",".join("'@user hi" if name == "text" else "1" for name in header.split(","))
    assert read_pool(write_file("a.csv", f"{header}\n{row}\n")).texts.to_pylist() == ["'@user hi"]
