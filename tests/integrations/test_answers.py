"""Two answers of one annotator to one text in a file: the newest counts, and where nobody knows it, both are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from alps.base.errors import AlpsError
from alps.integrations.exchange import export_to, import_from
from alps.labelling.events import Event, record
from tests.integrations.conftest import MakeProject
from tests.integrations.test_take_in import annotation, standing

TABLE = "alps_id,text,label,annotator\nrow-0,one,good,Dee\n"
LINE = {"alps_id": "row-0", "label": ["good"]}
RESPONSE = {"value": "good", "user_id": "dee"}
TASK = {"data": {"alps_id": "row-0"}}


def undated(number: int, choice: str) -> dict[str, Any]:
    return {**annotation(number, choice), "created_at": None, "updated_at": None}


@pytest.mark.parametrize(
    ("format", "content", "sentence"),
    [
        ("sheet-csv", f"{TABLE}row-0,one,bad,Dee\n",
         "in, row 2: the annotator 'Dee' answers the text 'row-0' with 'bad', and in in, row 1 with 'good'; keep one"),
        ("sheet-csv", f"{TABLE}row-1,two,bad,Dee\nrow-2,one,bad,Dee\n", "in, row 3: .* in in, row 1 with 'good'"),
        ("doccano", "\n".join(map(json.dumps, [LINE, {**LINE, "label": [], "alps_answer": "skip"}])),
         "in, line 2: the annotator 'doccano' answers the text 'row-0' with a skip, and in in, line 1 with 'good'"),
        ("prodigy", '{"text": "one", "accept": ["good"], "answer": "accept"}\n'
         '{"text": "one", "accept": ["bad"], "answer": "accept"}', "in, line 2: .* and in in, line 1 with 'good'"),
        ("argilla", json.dumps([{"id": "row-0", "responses": {"label": [RESPONSE, {**RESPONSE, "value": "bad"}]}}]),
         "in, item 1: the annotator 'dee' answers the text 'row-0' with 'bad', and with 'good'"),
        ("label-studio", json.dumps([{**TASK, "annotations": [undated(1, "good")]},
                                     {**TASK, "annotations": [undated(2, "bad")]}]),
         "in, item 2: the annotator 'label-studio-1' .* 'bad', and in in, item 1 with 'good'"),
    ],
)  # fmt: skip
def test_a_contradiction_is_named_and_nothing_taken_in(
    format: str, content: str, sentence: str, make_project: MakeProject, tmp_path: Path
) -> None:
    project = make_project(["one", "two", "one"])
    (tmp_path / "in").write_text(content)
    with pytest.raises(AlpsError, match=sentence.replace("in in,", "in .*in,")):
        import_from(project, tmp_path / "in", format)
    assert project.answers() == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("format", ["label-studio", "prodigy"])
def test_the_newer_of_two_answers_stands_in_any_order(format: str, order, make_project, tmp_path: Path) -> None:
    made = [
        annotation(1, "good"), annotation(2, "bad", created_at="2026-11-22T08:00:00Z", updated_at=None)
    ]  # fmt: skip
    timed = [
        {"text": "one", "accept": [label], "answer": "accept", "_session_id": "dee", "_timestamp": at}
        for label, at in (("good", 1700000000), ("bad", 1700000001))
    ]
    tasks = json.dumps([{**TASK, "annotations": [made[i] for i in order]}])
    lines = "\n".join(json.dumps(timed[i]) for i in order)
    (tmp_path / "in").write_text(tasks if format == "label-studio" else lines)
    project = make_project(["one"])
    assert import_from(project, tmp_path / "in", format) == {"new": 1, "older": 1, "silent": 0}
    assert [*standing(project).values()] == [("bad",)]
    assert import_from(project, tmp_path / "in", format)["new"] == 0
    assert [*standing(project).values()] == [("bad",)]


def test_the_same_answer_twice_is_no_contradiction(make_project: MakeProject, tmp_path: Path) -> None:
    (tmp_path / "in").write_text(TABLE + "row-0,one,good,Dee\nrow-0,one,bad,Bo\n")
    assert import_from(make_project(["one"]), tmp_path / "in", "sheet-csv") == {"new": 2, "same": 1, "silent": 0}


def test_rows_of_two_exports_are_told_apart_by_their_times(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project(["one"])
    lines = []
    for number, label in enumerate(("good", "bad")):
        record(project, [Event(str(number), "label", "row-0", (label,))], "Ann")
        export_to(project, tmp_path / f"{number}", "doccano")
        lines.append((tmp_path / f"{number}").read_text())
    (tmp_path / "in").write_text("".join(reversed(lines)))
    other = make_project(["one"])
    assert import_from(other, tmp_path / "in", "doccano")["new"] == 1
    assert standing(other) == {("row-0", "Ann"): ("bad",)}
