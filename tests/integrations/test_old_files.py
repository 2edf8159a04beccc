"""Files from before somebody said something else: what is older changes nothing, what was changed does."""

from __future__ import annotations

import csv
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from alps.base.errors import AlpsError
from alps.integrations.entries import Entry, Statement
from alps.integrations.exchange import export_to, import_from
from alps.integrations.take_in import take_in
from alps.labelling.events import Event, record
from alps.labelling.project import Project
from tests.integrations.conftest import MakeProject
from tests.integrations.test_exchange import EVERY_FORMAT, marks
from tests.integrations.test_take_in import annotation, standing

CLOCKS = pytest.mark.parametrize("browser", ["1999-01-01T00:00:00Z", None, "2099-01-01T00:00:00Z"])
WITHOUT_TIMES = pytest.mark.parametrize("format", ["sheet-csv", "sheet-excel", "doccano", "argilla"])


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    """Ann has labelled the first text, flagged it and made a note."""
    project = make_project(["one", "two", "three"])
    said = [Event("1", "label", "row-0", ("good",)), Event("2", "note", "row-0", value="fine")]
    record(project, [*said, Event("3", "flag", "row-0", value=True)], "Ann")
    return project


def change(file: Path, format: str, label: str) -> None:
    """A colleague changes the label of the first text in a file."""
    if format == "sheet-excel":
        book = load_workbook(BytesIO(file.read_bytes()))
        book["alps"]["C2"] = label
        book.save(file)
    elif format == "sheet-csv":
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = [*csv.DictReader(opened)]
        rows[0]["label"] = label
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, [*rows[0]])
            writer.writeheader()
            writer.writerows(rows)
    elif format == "doccano":
        rows = [*map(json.loads, file.read_text(encoding="utf-8").splitlines())]
        rows[0]["label"] = [label]
        file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    else:
        rows = json.loads(file.read_text(encoding="utf-8"))
        rows[0]["responses"]["label"][0]["value"] = label
        file.write_text(json.dumps(rows), encoding="utf-8")


@EVERY_FORMAT
@CLOCKS
def test_an_old_file_overwrites_nothing(row, browser: str | None, project: Project, tmp_path: Path) -> None:
    export_to(project, tmp_path / "old", row.name)
    later = [Event("4", "label", "row-0", ("bad",), at=browser), Event("5", "note", "row-0", value="poor", at=browser)]
    record(project, [*later, Event("6", "flag", "row-0", value=False, at=browser)], "Ann")
    counts = import_from(project, tmp_path / "old", row.name)
    assert (counts["new"], counts["older"]) == (0, 1)
    assert standing(project) == {("row-0", "Ann"): ("bad",)}
    assert marks(project) == [("row-0", "Ann", 0, "poor")]


@EVERY_FORMAT
@pytest.mark.parametrize("kind", ["undo", "release", "skip"])
def test_an_answer_that_was_taken_back_stays_so(row, kind: str, project: Project, tmp_path: Path) -> None:
    export_to(project, tmp_path / "old", row.name)
    taken_back = Event("4", "undo", of="1") if kind == "undo" else Event("4", kind, "row-0")
    record(project, [taken_back, Event("5", "undo", of="2"), Event("6", "undo", of="3")], "Ann")
    before = standing(project)
    counts = import_from(project, tmp_path / "old", row.name)
    assert (counts["new"], counts["older"]) == (0, 1)
    assert standing(project) == before
    assert marks(project) == []


@EVERY_FORMAT
def test_files_of_one_project_come_to_another_in_any_order(row, project: Project, make_project, tmp_path) -> None:
    export_to(project, tmp_path / "1", row.name)
    record(project, [Event("4", "label", "row-0", ("bad",))], "Ann")
    export_to(project, tmp_path / "2", row.name)
    record(project, [Event("5", "undo", of="4")], "Ann")
    export_to(project, tmp_path / "3", row.name)
    other = make_project(["one", "two", "three"])
    for name, label, n_new in (("1", "good", 1), ("2", "bad", 1), ("1", "bad", 0), ("3", "good", 1), ("2", "good", 0)):
        assert import_from(other, tmp_path / name, row.name)["new"] == n_new, name
        assert standing(other) == {("row-0", "Ann"): (label,)}


@WITHOUT_TIMES
def test_what_a_colleague_has_changed_is_new_once(format: str, project: Project, tmp_path: Path) -> None:
    export_to(project, tmp_path / "file", format)
    change(tmp_path / "file", format, "bad")
    assert import_from(project, tmp_path / "file", format)["new"] == 1
    assert standing(project) == {("row-0", "Ann"): ("bad",)}
    record(project, [Event("4", "label", "row-0", ("good",))], "Ann")
    assert import_from(project, tmp_path / "file", format)["older"] == 1  # the same file: no new word of the colleague
    assert standing(project) == {("row-0", "Ann"): ("good",)}
    export_to(project, tmp_path / "next", format)
    change(tmp_path / "next", format, "bad")
    assert import_from(project, tmp_path / "next", format)["new"] == 1
    assert standing(project) == {("row-0", "Ann"): ("bad",)}


@WITHOUT_TIMES
def test_what_was_changed_is_new_though_somebody_else_spoke_meanwhile(format: str, project: Project, tmp_path) -> None:
    record(project, [Event("4", "skip", "row-0")], "Ann")
    record(project, [Event("5", "undo", of="4")], "Ann")
    export_to(project, tmp_path / "file", format)
    record(project, [Event("6", "skip", "row-0")], "Ann")
    change(tmp_path / "file", format, "bad")
    assert import_from(project, tmp_path / "file", format)["new"] == 1
    assert standing(project) == {("row-0", "Ann"): ("bad",)}


def test_a_comment_that_was_cleared_is_no_more(project: Project, tmp_path: Path) -> None:
    export_to(project, tmp_path / "file.xlsx", "sheet-excel")
    book = load_workbook(tmp_path / "file.xlsx")
    book["alps"]["F2"] = book["alps"]["G2"] = None
    book.save(tmp_path / "file.xlsx")
    assert import_from(project, tmp_path / "file.xlsx", "sheet-excel")["new"] == 1
    assert marks(project) == []
    assert standing(project) == {("row-0", "Ann"): ("good",)}


def test_a_tool_without_times_may_change_its_mind(project: Project, tmp_path: Path) -> None:
    for label in ("bad", "good", "bad"):
        (tmp_path / "file").write_text(json.dumps({"alps_id": "row-1", "text": "two", "label": [label]}))
        assert import_from(project, tmp_path / "file", "doccano")["new"] == 1
        assert standing(project)["row-1", "doccano"] == (label,)
    record(project, [Event("4", "label", "row-1", ("good",))], "doccano")
    assert import_from(project, tmp_path / "file", "doccano")["older"] == 1
    assert standing(project)["row-1", "doccano"] == ("good",)


def label_studio(project: Project, tmp_path: Path, choice: str, at: str, number: int = 1) -> dict[str, int]:
    said = annotation(number, choice, completed_by={"email": "Ann"}, created_at=at, updated_at=at)
    (tmp_path / "tasks").write_text(json.dumps([{"data": {"alps_id": "row-1"}, "annotations": [said]}]))
    return import_from(project, tmp_path / "tasks", "label-studio")


def test_what_label_studio_says_is_compared_with_what_it_has_said(project: Project, tmp_path: Path) -> None:
    """Its clock is years behind ours."""
    for at, choice, outcome in (
        ("2001-01-01T00:00:00Z", "good", "new"), ("2001-01-01T00:01:00Z", "bad", "new"),
        ("2001-01-01T00:00:30Z", "good", "older"), ("2001-01-01T00:02:00Z", "good", "new"),
    ):  # fmt: skip
        assert label_studio(project, tmp_path, choice, at)[outcome] == 1, at
    assert standing(project)["row-1", "Ann"] == ("good",)


@CLOCKS
def test_the_clock_of_a_browser_decides_nothing(browser: str | None, project: Project, tmp_path: Path) -> None:
    record(project, [Event("4", "label", "row-1", ("good",), at=browser)], "Ann")
    assert label_studio(project, tmp_path, "bad", "2020-01-01T00:00:00Z")["older"] == 1
    assert standing(project)["row-1", "Ann"] == ("good",)
    assert label_studio(project, tmp_path, "bad", "2050-01-01T00:00:00Z")["new"] == 1
    assert standing(project)["row-1", "Ann"] == ("bad",)


@pytest.mark.parametrize("said_at", ["25/11/2026 08:00", "", "now"])
def test_a_bad_time_in_the_log_holds_nothing_up(said_at: str, project: Project, tmp_path: Path) -> None:
    record(project, [Event("4", "label", "row-1", ("good",), at=said_at)], "Ann")
    record(project, [Event("label-studio:9:x", "label", "row-1", ("good",), at=said_at, tool="label-studio")], "Ann")
    assert label_studio(project, tmp_path, "bad", "2050-01-01T00:00:00Z")["new"] == 1


@pytest.mark.parametrize(
    ("format", "row", "sentence"),
    [
        ("doccano", {"alps_id": "row-1", "label": ["bad"], "alps_at": "25/11/2026 08:00"},
         "file, line 1: 'alps_at' is '25/11/2026 08:00', which is no time"),
        ("doccano", {"alps_id": "row-1", "label": ["bad"], "alps_was": "v1.a"}, "line 1: 'alps_was' is not what"),
        ("doccano", {"alps_id": "row-1", "label": ["bad"], "alps_flag": "yes"}, "'alps_flag' is neither true nor"),
        ("prodigy", {"text": "two", "accept": ["bad"], "answer": "accept", "_timestamp": 1e300},
         "file, line 1: '_timestamp' is no time"),
        ("argilla", {"id": "row-1", "metadata": {"alps_said": ["{"]}}, "file, item 1 cannot be read as JSON"),
        ("label-studio", {"data": {"alps_id": "row-1"}, "annotations": [annotation(1, "bad", updated_at="25/11/2026")]},
         "file, item 1: 'updated_at' is '25/11/2026', which is no time"),
    ],
)  # fmt: skip
def test_a_bad_time_in_a_file_is_one_sentence(format: str, row: Any, sentence: str, project: Project, tmp_path) -> None:
    content = json.dumps(row) if format in ("doccano", "prodigy") else json.dumps([row])
    (tmp_path / "file").write_text(content)
    before = standing(project)
    with pytest.raises(AlpsError, match=sentence.replace("(", r"\(")):
        import_from(project, tmp_path / "file", format)
    assert standing(project) == before


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-22T07:34:52"])
def test_times_at_the_ends_of_the_calendar_can_be_compared(at: str, project: Project) -> None:
    for label in ("bad", "good"):
        take_in(project, [Entry("row-0", None, (Statement("Ann", (label,), at=at),))], "prodigy")
