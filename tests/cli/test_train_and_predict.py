"""`alps train` and `alps predict`: from labels to a model to predictions."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.processes import alps_in_child, environment_for, finish, start, wait_until

SPORT = ["a late goal wins the cup", "the striker scored twice", "a final over five sets", "the champion wins again"]
MONEY = ["shares fell in London", "the bank raised its rates", "profits rose again", "oil prices hit the markets"]


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    path = tmp_path / "labelled.csv"
    rows = [(text, "sport") for text in SPORT] + [(text, "money, or so") for text in MONEY] + [("not yet", "")]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return path


@pytest.fixture
def probe(alps: Any, labelled: Path, tmp_path: Path) -> Path:
    result = alps("train", labelled, "-o", "probe", "--classifier", "probe", "--folds", 4)
    assert result.code == 0, result.err
    assert "Cross-validated on these 8 texts" in result.err
    return tmp_path / "probe"


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_three_pieces(path: Path, first: str = SPORT[0]) -> None:
    lines = [f"{text} {i}\n" for i in range(1200) for text in SPORT + MONEY]
    path.write_text("".join([f"{first}\n", *lines]), encoding="utf-8")


def predict_and_be_killed(folder: Path) -> None:
    """Predict new.txt to out.csv, and be killed when the first piece is on the disk."""
    files = [str(folder / f".{name}") for name in ("stdin", "stdout", "stderr")]
    arguments = ["predict", "probe", "new.txt", "-o", "out.csv"]
    process = start(alps_in_child, arguments, folder, files, environment_for(folder))
    assert wait_until((folder / "out.csv.part.json").exists, process)
    process.kill()
    finish(process)
    assert not (folder / "out.csv").exists()


def test_labels_of_one_class_only_are_noted_and_have_no_scores(alps: Any, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("text,label\n" + "".join(f"{text},sport\n" for text in SPORT))
    result = alps("train", "one.csv", "-o", "one", "--classifier", "probe", "--folds", 2)
    assert result.code == 0, result.err
    assert "All 4 texts have the same label" in result.err
    assert "Cross-validated" not in result.err


def test_the_model_card_tells_counts_and_cross_validated_scores(probe: Path) -> None:
    card = (probe / "README.md").read_text(encoding="utf-8")
    assert "| money, or so | 4 |" in card
    assert "Cross-validated on the 8 texts, 4 folds: micro-F1" in card
    assert "n texts: 8" in card


def test_every_row_comes_back_with_its_prediction(alps: Any, probe: Path, tmp_path: Path) -> None:
    texts = ["the striker wins the cup", "", 'banks "rise",\nshares too', "=1+1 markets"]
    with (tmp_path / "new.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("id", "text", "probability"), *((i, text, "old") for i, text in enumerate(texts))])
    result = alps("predict", "probe", "new.csv", "-o", "out.csv")
    assert result.code == 0, result.err
    rows = read_csv(tmp_path / "out.csv")
    assert [row["id"] for row in rows] == ["0", "1", "2", "3"]
    assert [row["input_probability"] for row in rows] == ["old"] * 4
    assert [row["predicted_label"] for row in rows] == ["sport", "", "money, or so", "money, or so"]
    for row in rows[:1] + rows[2:]:
        shares = [float(row["probability_sport"]), float(row["probability_money, or so"])]
        assert sum(shares) == pytest.approx(1.0, abs=1e-5)
        assert float(row["probability"]) == pytest.approx(max(shares))
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out.csv"]


def test_json_lines_hold_the_same(alps: Any, probe: Path, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("".join(f"{text}\n" for text in SPORT + MONEY), encoding="utf-8")
    assert alps("predict", "probe", "new.txt", "-o", "out.jsonl").code == 0
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["predicted_label"] for row in rows] == ["sport"] * 4 + ["money, or so"] * 4


def test_killed_it_goes_on_and_writes_the_same_bytes(alps: Any, probe: Path, tmp_path: Path) -> None:
    write_three_pieces(tmp_path / "new.txt")
    assert alps("predict", "probe", "new.txt", "-o", "whole.csv").code == 0
    predict_and_be_killed(tmp_path)
    with (tmp_path / "out.csv.part").open("ab") as file:
        file.write(b"torn,li")
    assert alps("predict", "probe", "new.txt", "-o", "out.csv").code == 0
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_an_unfinished_output_is_not_continued_with_other_texts(alps: Any, probe: Path, tmp_path: Path) -> None:
    write_three_pieces(tmp_path / "new.txt")
    predict_and_be_killed(tmp_path)
    write_three_pieces(tmp_path / "new.txt", first="something else")
    result = alps("predict", "probe", "new.txt", "-o", "out.csv")
    assert result.code == 2
    assert "was begun with other texts" in result.err


MISTAKES = {
    "predict nowhere labelled.csv -o out.csv": "nowhere is not a folder",
    "predict probe labelled.csv -o out.xlsx": "ends in .csv or .jsonl",
    "predict probe labelled.csv -o labelled.csv --force": "is read and would be replaced",
    "train labelled.csv -o probe": "probe exists already; choose another name or add --force to replace it.",
    "train labelled.csv -o missing/new": "does not exist",
    "train labelled.csv -o new --label-column nothing": "labelled.csv has no column 'nothing'; choose --label-column",
}


def test_mistakes_are_one_sentence(alps: Any, probe: Path, labelled: Path, tmp_path: Path) -> None:
    before = labelled.read_bytes()
    for line, sentence in MISTAKES.items():
        result = alps(*line.split())
        assert result.code == 2, line
        assert sentence in result.err
        assert len(result.err.strip().splitlines()) == 1
    assert labelled.read_bytes() == before
    assert not list(tmp_path.glob("*.part*"))


def test_a_class_of_few_texts_is_told(alps: Any, labelled: Path) -> None:
    with labelled.open("a", encoding="utf-8") as file:
        file.write("rain in the north,weather\n")
    result = alps("train", labelled, "-o", "probe", "--classifier", "probe", "--folds", 0)
    assert "Fewer than 3 texts of: weather; the classifier will miss them" in result.err


def test_a_project_is_trained_on_as_people_labelled_it(alps: Any, tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    from alps.labelling.events import Event, record
    from alps.labelling.new_project import create_project

    project = create_project(tmp_path / "news.alps", ["money", "sport", "weather"], name="news")
    texts = [*MONEY, *SPORT]
    project.add_texts([str(i) for i in range(8)], texts)
    assert alps("train", "news.alps", "-o", "early").code == 2  # nothing is labelled yet
    labels = ["money"] * 4 + ["sport"] * 4
    record(project, [Event(f"e{i}", "label", str(i), (label,)) for i, label in enumerate(labels)], "Ann")
    record(project, [Event("undone", "undo", of="e7")], "Ann")
    project.close()
    assert alps("train", "news.alps", "-o", "model", "--classifier", "probe", "--folds", 0).code == 0
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "| money | 4 |" in card
    assert "| sport | 3 |" in card
    assert "| weather | 0 |" in card


def test_a_fine_tuned_classifier_is_a_folder_for_transformers(
    alps: Any, labelled: Path, tmp_path: Path, tiny: list[str]
) -> None:
    result = alps("train", labelled, "-o", "model", "--folds", 0, *tiny)
    assert result.code == 0, result.err
    from transformers import pipeline

    (answer,) = pipeline("text-classification", str(tmp_path / "model"))(["a late goal"])
    assert answer["label"] in ("sport", "money, or so")
    assert alps("predict", "model", "labelled.csv", "-o", "out.csv").code == 0
    assert len(read_csv(tmp_path / "out.csv")) == 9


def test_texts_unlike_the_pool_are_told_and_others_are_not(alps: Any, tmp_path: Path) -> None:
    labels = {"sport": "the striker scored {} late goals in the cup", "money": "shares of the bank fell {} per cent"}
    rows = [(text.format(i), label) for i in range(80) for label, text in labels.items()]
    with (tmp_path / "labelled.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    assert alps("train", "labelled.csv", "-o", "probe", "--classifier", "probe", "--folds", 0).code == 0
    same = "".join(f"{text.format(i)}\n" for i in range(100, 140) for text in labels.values())
    (tmp_path / "same.txt").write_text(same, encoding="utf-8")
    other = "".join(f"stir {i} spoons of sugar into the warm milk with some yeast\n" for i in range(60))
    (tmp_path / "other.txt").write_text(other, encoding="utf-8")
    told = alps("predict", "probe", "same.txt", "-o", "same.csv")
    assert told.code == 0, told.err
    assert "look unlike" not in told.err
    told = alps("predict", "probe", "other.txt", "-o", "other.csv")
    assert told.code == 0, told.err
    assert "look unlike" in told.err
    assert "prediction: 60 of 60 texts" in told.err
