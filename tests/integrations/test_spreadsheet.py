"""A workbook for a colleague: what can be chosen, what cannot be changed, and what comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from alps.base.errors import AlpsError
from alps.integrations.exchange import export_to, import_from
from alps.integrations.spreadsheet import COLUMNS
from alps.labelling.events import Event, record
from alps.labelling.project import Project
from tests.integrations.conftest import HOSTILE, MakeProject


@pytest.fixture
def workbook(answered: Project, tmp_path: Path) -> Path:
    export_to(answered, tmp_path / "films.xlsx", "sheet-excel")
    return tmp_path / "films.xlsx"


def test_labels_are_a_list_and_ids_are_protected(workbook: Path) -> None:
    book = load_workbook(workbook)
    sheet = book["alps"]
    assert sheet.protection.sheet and not sheet.protection.password
    assert [cell.protection.locked for cell in sheet[2]] == [True, True, *[False] * 5, True, True, True]
    lists = {str(each.sqref): each.formula1 for each in sheet.data_validations.dataValidation}
    assert lists == {"C2:C20": "classes!$A$1:$A$2", "D2:D20": '"skip,none of the classes"', "G2:G20": '"flag"'}
    assert [row[0].value for row in book["classes"]] == ["good", "bad"]
    assert book["classes"].sheet_state == "hidden"
    assert sheet["B2"].value == HOSTILE[0]
    assert {cell.data_type for cell in sheet["B"]} == {"s"}  # no formulas


def test_a_workbook_without_texts_has_its_header_and_lists(make_project: MakeProject, tmp_path: Path) -> None:
    export_to(make_project(["one"]), tmp_path / "films.xlsx", "sheet-excel", which="batch")
    sheet = load_workbook(tmp_path / "films.xlsx")["alps"]
    assert [cell.value for cell in sheet[1]] == [*COLUMNS]
    assert sheet.max_row == 1
    assert {str(each.sqref) for each in sheet.data_validations.dataValidation} == {"C2", "D2", "G2"}


def test_a_colleague_fills_it_in(workbook: Path, answered: Project) -> None:
    book = load_workbook(workbook)
    sheet = book["alps"]
    rows = {sheet.cell(row, 1).value: row for row in range(2, sheet.max_row + 1)}
    sheet.cell(rows["row-5"], 3).value = " bad "
    sheet.cell(rows["row-5"], 6).value = "a comment\nof two lines"
    sheet.cell(rows["row-6"], 4).value = "skip"
    book.save(workbook)
    assert import_from(answered, workbook, "sheet-excel", annotator="Dee")["new"] == 2
    said = [(a.id, a.kind, a.labels) for a in answered.answers() if a.annotator == "Dee"]
    assert said == [("row-5", "label", ("bad",)), ("row-6", "skip", ())]
    assert answered.database.rows("SELECT note FROM marks WHERE annotator = 'Dee'") == [("a comment\nof two lines",)]
    assert import_from(answered, workbook, "sheet-excel", annotator="Dee")["new"] == 0


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({3: "good", 4: "skip"}, "'row-5' has 'skip' under no_label and a label"),
        ({4: "later"}, "'row-5' has 'later' under no_label; choose a label, 'skip' or"),
        ({7: "yes"}, "'row-5' has 'yes' under flag; write 'flag' or nothing"),
        ({8: "25/11/2026 08:00"}, "'row-5': 'alps_at' is '25/11/2026 08:00', which is no time"),
        ({9: "pos"}, "'row-5': 'alps_was' is not what alps export wrote"),
        ({3: "Bad"}, "'row-5' is labelled 'Bad', which is no class"),
    ],
)
def test_what_is_filled_in_wrongly_is_named(workbook: Path, answered: Project, cells, sentence: str) -> None:
    book = load_workbook(workbook)
    rows = {cell.value: cell.row for cell in book["alps"]["A"]}
    for column, value in cells.items():
        book["alps"].cell(rows["row-5"], column).value = value
    book.save(workbook)
    with pytest.raises(AlpsError, match=sentence):
        import_from(answered, workbook, "sheet-excel")


def test_values_of_cells_are_the_classes_that_they_stand_for(make_project: MakeProject, tmp_path: Path) -> None:
    labels = ("TRUE", "False", "1.0", "05")
    project = make_project(["one", "two", "three", "four", "five"], labels=labels)
    record(project, [Event("1", "label", "row-4", ("TRUE",))], "excel")
    export_to(project, tmp_path / "films.xlsx", "sheet-excel")
    book = load_workbook(tmp_path / "films.xlsx")
    assert {cell.number_format for cell in book["alps"]["C"][1:]} == {"@"}
    for row, value in enumerate((True, False, 1, 5, True), start=2):
        book["alps"].cell(row, 3).value = value
    book.save(tmp_path / "films.xlsx")
    counts = import_from(project, tmp_path / "films.xlsx", "sheet-excel", annotator="Dee")
    assert (counts["new"], counts["same"]) == (4, 1)
    assert [answer.labels for answer in project.answers()] == [*((label,) for label in labels), ("TRUE",)]
    csv = make_project(["one"], labels=labels)
    (tmp_path / "a.csv").write_text("text,label\none,5\n")
    import_from(csv, tmp_path / "a.csv", "sheet-csv")
    assert [answer.labels for answer in csv.answers()] == [("05",)]


@pytest.mark.parametrize(("labels", "word"), [(("TRUE", "True"), "true"), (("5.0", "05"), "5"), (("05",), "5 ½")])
def test_a_value_that_may_be_several_classes_is_none(labels, word: str, make_project, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"text,label\none,{word}\n", encoding="utf-8")
    with pytest.raises(AlpsError, match=f"'{word}', which is no class"):
        import_from(make_project(["one"], labels=labels), tmp_path / "a.csv", "sheet-csv")


def test_a_sheet_without_our_columns_is_refused(answered: Project, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,label\n1,good\n")
    with pytest.raises(AlpsError, match="has no column 'alps_id'"):
        import_from(answered, tmp_path / "a.csv", "sheet-csv")
    (tmp_path / "b.csv").write_text("text;label\nplain;good\n")  # as a German Excel saves it
    assert import_from(answered, tmp_path / "b.csv", "sheet-csv", annotator="Dee")["new"] == 1


def test_the_only_sheet_is_read_whatever_it_is_called(workbook: Path, answered: Project) -> None:
    book = load_workbook(workbook)
    book["alps"].title = "Sheet1"
    book.save(workbook)
    assert import_from(answered, workbook, "sheet-excel")["new"] == 0
    book.create_sheet("mine")["A1"] = "notes"
    book.save(workbook)
    with pytest.raises(
        AlpsError,
        match="has several sheets; call the one to read 'alps', or leave no other than one of: 'Sheet1', 'mine'",
    ):
        import_from(answered, workbook, "sheet-excel")
    book["Sheet1"].title = "alps"
    book.save(workbook)
    assert import_from(answered, workbook, "sheet-excel")["new"] == 0


@pytest.mark.parametrize(("format", "sentence"), [
    ("sheet-csv", "has a header but no rows; fill in the rows"), ("sheet-excel", "has a header but no rows; add rows"),
])  # fmt: skip
def test_a_sheet_without_rows_names_no_option(format: str, sentence: str, answered: Project, tmp_path: Path) -> None:
    export_to(answered, tmp_path / "empty", format, which="batch")
    with pytest.raises(AlpsError, match=sentence) as raised:
        import_from(answered, tmp_path / "empty", format)
    assert "--" not in str(raised.value)


def test_several_labels_stand_in_one_cell(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project(["one", "two"], multi_label=True)
    export_to(project, tmp_path / "films.xlsx", "sheet-excel")
    book = load_workbook(tmp_path / "films.xlsx")
    book["alps"]["C2"] = "good; bad"
    book["alps"]["D3"] = "none of the classes"
    book.save(tmp_path / "films.xlsx")
    import_from(project, tmp_path / "films.xlsx", "sheet-excel")
    assert [answer.labels for answer in project.answers()] == [("good", "bad"), ()]
