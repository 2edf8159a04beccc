"""`alps train` and `alps predict`: from labels to a model to predictions."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from tests.processes import alps_in_child, environment_for, finish, run_alps, start, wait_until

NEEDS_PIPES = pytest.mark.skipif(os.name == "nt", reason="needs named pipes")

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


def predict_in_background(folder: Path, source: str) -> BaseProcess:
    """Predict a file to out.csv in a process that can be killed."""
    files = [str(folder / f".{name}") for name in ("stdin", "stdout", "stderr")]
    arguments = ["predict", "probe", source, "-o", "out.csv"]
    return start(alps_in_child, arguments, folder, files, environment_for(folder))


def predict_and_be_killed(folder: Path) -> None:
    """Predict new.txt to out.csv, and be killed when the first piece is on the disk."""
    ledger = folder / "out.csv.part.json"
    process = predict_in_background(folder, "new.txt")
    assert wait_until(lambda: ledger.exists() and json.loads(ledger.read_text())["rows"] > 0, process)
    process.kill()
    finish(process)
    assert not (folder / "out.csv").exists()


def contents_of(folder: Path) -> dict[str, bytes]:
    """What stands in the files of a folder, but for those of the process that looks at them."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name[0] != "."}


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


def over_a_megabyte() -> str:
    """JSON Lines of 15 rows, of which a piece holds the first few."""
    return "".join(json.dumps({"text": SPORT[0], "id": f"{i}" + "x" * 100_000}) + "\n" for i in range(15))


def test_begun_anew_by_another_classifier_it_has_a_header(alps: Any, probe: Path, tmp_path: Path) -> None:
    arguments = ("predict", "probe", "-", "--format", "jsonl", "-o", "out.csv")
    assert alps(*arguments, standard_input=f"{over_a_megabyte()}broken\n".encode()).code == 2
    assert 0 < json.loads((tmp_path / "out.csv.part.json").read_text(encoding="utf-8"))["rows"] < 15
    facts = probe / "classifier.json"
    facts.write_text(json.dumps(json.loads(facts.read_text(encoding="utf-8"))), encoding="utf-8")
    assert alps(*arguments, standard_input=over_a_megabyte().encode()).code == 0
    assert [row["text"] for row in read_csv(tmp_path / "out.csv")] == [SPORT[0]] * 15


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_values_of_several_files_stand_under_their_names(alps: Any, probe: Path, tmp_path: Path, ending: str) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,a late goal\n")
    (tmp_path / "b.csv").write_text("text,id\nthe bank rose,2\n")
    (tmp_path / "c.csv").write_text("id,text,extra\n3,the cup,more\n")
    result = alps("predict", "probe", "a.csv", "b.csv", "c.csv", "-o", f"out.{ending}")
    assert result.code == 0, result.err
    if ending == "csv":
        rows = read_csv(tmp_path / "out.csv")
        assert all(None not in row and None not in row.values() for row in rows)
    else:
        rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [list(row)[:3] for row in rows] == [["id", "text", "extra"]] * 3
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert [row["text"] for row in rows] == ["a late goal", "the bank rose", "the cup"]
    assert [row["extra"] or "" for row in rows] == ["", "", "more"]
    assert [row["predicted_label"] for row in rows] == ["sport", "money, or so", "sport"]


def test_a_key_that_comes_late_has_its_column(alps: Any, probe: Path, tmp_path: Path) -> None:
    (tmp_path / "new.jsonl").write_text(over_a_megabyte() + json.dumps({"late": "here", "text": MONEY[0]}) + "\n")
    result = alps("predict", "probe", "new.jsonl", "-o", "out.csv")
    assert result.code == 0, result.err
    rows = read_csv(tmp_path / "out.csv")
    assert [row["late"] for row in rows] == [""] * 15 + ["here"]
    assert [row["predicted_label"] for row in rows] == ["sport"] * 15 + ["money, or so"]


def test_a_key_that_comes_late_in_standard_input_is_refused(alps: Any, probe: Path, tmp_path: Path) -> None:
    content = over_a_megabyte() + json.dumps({"late": "here", "text": MONEY[0]}) + "\n"
    result = alps("predict", "probe", "-", "--format", "jsonl", "-o", "out.csv", standard_input=content.encode())
    assert result.code == 2
    assert "standard input: the column 'late' first comes after" in result.err
    assert "save the input as a file" in result.err
    assert not (tmp_path / "out.csv").exists()
    (tmp_path / "new.jsonl").write_text(content)
    assert alps("predict", "probe", "new.jsonl", "-o", "out.csv").code == 0
    assert [row["late"] for row in read_csv(tmp_path / "out.csv")] == [""] * 15 + ["here"]


@NEEDS_PIPES
def test_two_pipes_are_read_once(alps: Any, probe: Path, tmp_path: Path) -> None:
    writers = []
    for name, text in (("a.csv", SPORT[0]), ("b.csv", MONEY[0])):
        os.mkfifo(tmp_path / name)
        program = f"open({str(tmp_path / name)!r}, 'w').write({f'text{os.linesep}{text}{os.linesep}'!r})"
        writers.append(subprocess.Popen([sys.executable, "-c", program]))
    result = alps("predict", "probe", "a.csv", "b.csv", "-o", "out.csv")
    assert [writer.wait() for writer in writers] == [0, 0]
    assert result.code == 0, result.err
    assert [row["predicted_label"] for row in read_csv(tmp_path / "out.csv")] == ["sport", "money, or so"]


def test_predicted_again_and_again_every_column_stays(alps: Any, probe: Path, tmp_path: Path) -> None:
    (tmp_path / "0.jsonl").write_text(json.dumps({"text": SPORT[0], "predicted_label": "by hand"}) + "\n")
    for i in range(3):
        assert alps("predict", "probe", f"{i}.jsonl", "-o", f"{i + 1}.jsonl").code == 0
    row = json.loads((tmp_path / "3.jsonl").read_text())
    assert row["input_input_input_predicted_label"] == "by hand"
    for name in ("predicted_label", "input_predicted_label", "input_input_predicted_label"):
        assert row[name] == "sport"


@NEEDS_PIPES
def test_an_output_that_another_run_writes_is_left_to_it(alps: Any, probe: Path, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text(f"{SPORT[0]}\n")
    os.mkfifo(tmp_path / "slow.txt")
    first = predict_in_background(tmp_path, "slow.txt")  # waits for somebody to write
    assert wait_until((tmp_path / "out.csv.part.lock").exists, first)
    before = contents_of(tmp_path)
    result = run_alps(["predict", "probe", "new.txt", "-o", "out.csv"], tmp_path)
    assert result.code == 2
    assert "Another run is writing out.csv; wait for its end" in result.err
    assert contents_of(tmp_path) == before
    first.kill()
    finish(first)
    assert alps("predict", "probe", "new.txt", "-o", "out.csv").code == 0
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out.csv"]


def test_files_that_are_called_like_an_unfinished_output_stay(alps: Any, probe: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.csv.part").write_text("text\na late goal\n")
    (tmp_path / "other.csv.part").write_text("a chapter of the thesis")
    (tmp_path / "third.csv.part.json").write_text('{"mine": 1}')
    before = contents_of(tmp_path)
    for source, name, sentence in (
        ("mine.csv.part", "mine.csv", "mine.csv.part is read and would be replaced"),
        ("labelled.csv", "other.csv", "other.csv.part is in the way"),
        ("labelled.csv", "third.csv", "third.csv.part.json is in the way"),
    ):
        result = alps("predict", "probe", source, "--format", "csv", "-o", name)
        assert result.code == 2, name
        assert sentence in result.err
        assert contents_of(tmp_path) == before


def test_what_a_link_points_at_is_replaced(alps: Any, probe: Path, labelled: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "store.csv", tmp_path / "link.csv"
    target.write_text("old")
    link.symlink_to(target)
    assert alps("predict", "probe", labelled, "-o", "link.csv").code == 2
    assert target.read_text() == "old"
    assert alps("predict", "probe", labelled, "-o", "link.csv", "--force").code == 0
    assert link.is_symlink()
    assert len(read_csv(target)) == 9


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


def test_weights_of_the_strategy_that_picked_count_as_in_the_project_s_own_models(alps: Any, tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    from alps.classifiers.text_classifier import TextClassifier, train_classifier
    from alps.labelling.events import Event, record
    from alps.labelling.new_project import create_project

    texts, labels = [*MONEY, *SPORT], ["money"] * 4 + ["sport"] * 4
    project = create_project(tmp_path / "news.alps", ["money", "sport"], name="news")
    project.add_texts([str(i) for i in range(8)], texts)
    with project.database.transaction() as connection:
        connection.execute("INSERT INTO batches VALUES (1, 'bert-km-weighted', 'now', '{\"gives_weights\": true}')")
        connection.execute("INSERT INTO picks VALUES (1, 1, 1, 30, '{}')")
        connection.execute("INSERT INTO picks VALUES (5, 1, 2, 10, '{}')")
    record(project, [Event(f"e{i}", "label", str(i), (label,)) for i, label in enumerate(labels)], "Ann")
    project.close()
    assert alps("train", "news.alps", "-o", "model", "--classifier", "probe", "--folds", 0).code == 0
    trained = TextClassifier.load(tmp_path / "model").probabilities(texts)
    weighted, plain = (
        train_classifier(texts, labels, weights=weights).probabilities(texts)
        for weights in ([1.5, 1, 1, 1, 0.5, 1, 1, 1], None)
    )
    assert abs(trained - weighted).max() < 1e-6 < 1e-3 < abs(trained - plain).max()


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


def test_a_folder_of_anything_else_is_not_replaced(alps: Any, labelled: Path, tmp_path: Path) -> None:
    project = tmp_path / "proj"
    project.mkdir()
    (project / "thesis.tex").write_text("years of work")
    (project / "config.json").write_text("{}")
    train = ("train", labelled, "-o", "proj", "--force", "--classifier", "probe", "--folds", 0)
    result = alps(*train)
    assert result.code == 2
    assert "proj is not replaced, as it is no folder of a classifier" in result.err
    assert "choose another name" in result.err
    assert sorted(path.name for path in project.iterdir()) == ["config.json", "thesis.tex"]
    for path in project.iterdir():
        path.unlink()
    assert alps(*train).code == 0
    first = (project / "classifier.json").read_bytes()
    with labelled.open("a", encoding="utf-8") as file:
        file.write("rain in the north,weather\n")
    assert alps(*train).code == 0
    assert (project / "classifier.json").read_bytes() != first


def test_a_folder_that_is_read_is_not_replaced(alps: Any, probe: Path, labelled: Path, tmp_path: Path) -> None:
    inside = probe / "deep" / "labelled.csv"
    inside.parent.mkdir()
    labelled.rename(inside)
    (tmp_path / "link.csv").symlink_to(inside)
    for source in ("probe/deep/labelled.csv", "link.csv", "probe/deep/*.csv"):
        result = alps("train", source, "-o", "probe", "--force", "--classifier", "probe")
        assert result.code == 2, source
        assert "is read and would go with the folder" in result.err
        assert inside.is_file()


def test_two_labels_of_a_text_name_both_rows_and_files(alps: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\n,sport\na late goal,\na late goal,sport\nrain,weather\n")
    (tmp_path / "b.csv").write_text("text,label\n ,money\nshares fell,money\na late goal,money\n")
    result = alps("train", "a.csv", "b.csv", "-o", "new", "--classifier", "probe")
    assert result.code == 2
    assert "b.csv, row 3: its text is labelled 'money', and in a.csv, row 3 'sport'; keep one" in result.err
    (tmp_path / "one.csv").write_text("text,label\n,\na late goal,sport\n,\na late goal,money\n")
    result = alps("train", "one.csv", "-o", "new", "--classifier", "probe")
    assert "one.csv, row 4: its text is labelled 'money', and in one.csv, row 2 'sport'" in result.err


def test_a_copy_without_a_label_has_that_of_its_text(alps: Any, labelled: Path, tmp_path: Path) -> None:
    with labelled.open("a", encoding="utf-8") as file:
        file.write(f"{SPORT[0]},\n{SPORT[0]},sport\n")
    assert alps("train", labelled, "-o", "new", "--classifier", "probe", "--folds", 0).code == 0
    assert "| sport | 6 |" in (tmp_path / "new" / "README.md").read_text(encoding="utf-8")
