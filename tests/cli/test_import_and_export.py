"""`alps export --format ...` and `alps import`, as a person runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from alps.integrations.formats import EXCHANGE_FORMATS
from alps.labelling.events import Event, record
from alps.labelling.new_project import create_project
from tests.cli.conftest import Alps


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three texts, one of them labelled."""
    for name in ("films", "other"):
        made = create_project(tmp_path / f"{name}.alps", ["good", "bad"], name=name, audit_share=0.0)
        made.add_texts(["a", "b", "c"], ["one film", "two films", "=three"])
        if name == "films":
            record(made, [Event("1", "label", "b", ("bad",)), Event("2", "skip", "c")], "Ann")
        made.close()
    return tmp_path / "films.alps"


@pytest.mark.parametrize("row", EXCHANGE_FORMATS, ids=lambda row: row.name)
def test_labels_go_out_and_come_in(alps: Alps, project: Path, row) -> None:
    written = alps("export", project, "-o", f"out{row.ending}", "--format", row.name)
    assert written.code == 0, written.err
    assert written.err.startswith(f"Wrote 3 texts to out{row.ending}") and written.err.endswith(f" for {row.name}\n")
    told = alps("import", "other.alps", f"out{row.ending}", "--format", row.name)
    assert told.err == "Took in 2 answers; passed over 1 text without an answer\n"
    told = alps("import", "other.alps", f"out{row.ending}", "--format", row.name)
    assert told.err == "Took in 0 answers; passed over 2 that were there, 1 text without an answer\n"
    assert "1 labelled, 1 skipped" in alps("status", "other.alps").out


def test_an_export_without_texts_says_why(alps: Alps, project: Path) -> None:
    told = alps("export", project, "-o", "out.xlsx", "--format", "sheet-excel", "--texts", "batch")
    why = "none of a batch that ALPS has chosen is left to answer"
    assert (told.code, told.err) == (0, f"Wrote 0 texts to out.xlsx for sheet-excel: {why}\n")


def test_mistakes_are_one_sentence(alps: Alps, project: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("alps_id,label\na,ugly\n")
    for arguments, sentence in (
        (["export", project, "-o", "x", "--format", "brat"], "choose --format from: table, datasets, label-studio"),
        (["export", project, "-o", "x.csv", "--texts", "batch"], "leave out --texts"),
        (["export", project, "-o", "x.json", "--format", "argilla", "--texts", "some"], "choose from: all, answered"),
        (["export", project, "-o", "x.csv", "--format", "sheet-excel"], "end the name with .xlsx, or choose another"),
        (["export", project, "-o", "x.json", "--format", "doccano"], "end the name with .jsonl, or choose another"),
        (["export", project, "-o", "x.json.gz", "--format", "argilla"], "end the name with .json, or choose another"),
        (["import", project, "in.csv", "--format", "sheet-csv"], "'ugly', which is no class"),
        (["import", project, "in.csv", "--format", "csv"], "choose --format from: label-studio"),
        (["import", project, "missing", "--format", "doccano"], "does not exist"),
    ):
        result = alps(*arguments)
        assert (result.code, result.err.count("\n")) == (2, 1)
        assert sentence in result.err
    told = alps("import", project, "in.csv", "--format", "sheet-csv", "--add-classes", "--annotator", "Dee")
    assert told.err == "Took in 1 answer\n"
    assert "  ugly: 1" in alps("status", project).out
