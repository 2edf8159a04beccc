"""What other tools write that ours does not: as they write it, taken in as it is meant."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from alps.base.errors import AlpsError
from alps.integrations.exchange import import_from
from alps.labelling.project import Project
from tests.integrations.conftest import MakeProject


def take(project: Project, tmp_path: Path, format: str, rows: list[dict[str, Any]]) -> dict[str, int]:
    """Write rows as the tool does, and import them twice: the second time changes nothing."""
    lines = "\n".join(map(json.dumps, rows)) if format in ("doccano", "prodigy") else json.dumps(rows)
    (tmp_path / "in").write_text(lines)
    counts = import_from(project, tmp_path / "in", format)
    answers = project.answers()
    assert import_from(project, tmp_path / "in", format)["new"] == 0
    assert project.answers() == answers
    return dict(counts)


def standing(project: Project) -> dict[tuple[str, str], tuple[str, ...] | None]:
    return {(a.id, a.annotator): a.labels if a.kind == "label" else None for a in project.answers()}


def annotation(number: int, choice: str | None, **other: Any) -> dict[str, Any]:
    result = [{"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [choice]}}]
    return {
        "id": number, "completed_by": 1, "was_cancelled": choice is None, "result": result if choice else [],
        "created_at": "2026-11-22T07:34:52.820823Z", "updated_at": "2026-11-22T07:34:52.820823Z", "lead_time": 3.2,
        **other,
    }  # fmt: skip


def test_an_export_of_label_studio(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project(["one", "two", "three", "four"])
    prediction = {"id": 1, "score": 0.5, "model_version": "alps-1",
                  "result": [{"type": "choices", "value": {"choices": ["good"]}}]}  # fmt: skip
    tasks = [
        {"id": 1, "data": {"text": "one", "alps_id": "row-0"}, "predictions": [1],
         "annotations": [annotation(1, "bad", prediction=prediction), annotation(2, "good", completed_by=7)]},
        {"id": 2, "data": {"text": "two", "alps_id": "row-1"}, "annotations": [annotation(3, None)]},
        {"id": 3, "data": {"text": "three"}, "annotations": [annotation(4, "good", completed_by={"email": "a@b.org"})]},
        {"id": 4, "data": {"text": "four"}, "annotations": [annotation(5, None, was_cancelled=False)]},
    ]  # fmt: skip
    assert take(project, tmp_path, "label-studio", tasks) == {"new": 4, "silent": 1}
    assert standing(project) == {
        ("row-0", "label-studio-1"): ("bad",), ("row-0", "label-studio-7"): ("good",),
        ("row-1", "label-studio-1"): None, ("row-2", "a@b.org"): ("good",),
    }  # fmt: skip
    ((content, seconds, said_at),) = project.database.rows(
        "SELECT content, seconds, said_at FROM events WHERE text = 1 AND annotator = 'label-studio-1'"
    )
    assert json.loads(content)["suggestion"] == {"label": "good", "probability": 0.5}
    assert (seconds, said_at) == (3.2, "2026-11-22T07:34:52.820823Z")
    tasks[0]["annotations"][0] |= {**annotation(1, "good"), "updated_at": "2026-11-22T08:00:00Z"}
    assert take(project, tmp_path, "label-studio", tasks)["new"] == 1
    assert standing(project)["row-0", "label-studio-1"] == ("good",)


def test_our_annotators_come_back_from_label_studio_unless_somebody_changed_what_they_said(
    make_project: MakeProject, tmp_path: Path
) -> None:
    project = make_project(["one", "two", "three"])
    (chosen,) = annotation(1, "bad")["result"]
    ours = {**chosen, "meta": {"alps_annotator": "Ann", "alps_at": "2026-11-01T00:00:00+00:00"}}
    skip = {**ours, "value": {"choices": []}}
    tasks = [
        {"data": {"alps_id": "row-0"}, "annotations": [annotation(1, "bad", result=[ours])]},
        {"data": {"alps_id": "row-1"}, "annotations": [annotation(2, None, result=[skip])]},
        {"data": {"alps_id": "row-2"},
         "annotations": [annotation(3, "bad", result=[ours], updated_at="2026-11-22T07:35:52.820823Z")]},
    ]  # fmt: skip
    take(project, tmp_path, "label-studio", tasks)
    assert standing(project) == {
        ("row-0", "Ann"): ("bad",), ("row-1", "Ann"): None, ("row-2", "label-studio-1"): ("bad",),
    }  # fmt: skip
    assert project.database.row("SELECT said_at FROM events") == ("2026-11-01T00:00:00+00:00",)


def test_json_min_of_label_studio(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project(["one", "two"], multi_label=True)
    common = {"annotator": 1, "lead_time": 3.2, "created_at": "2026-11-22T07:34:52Z"}
    rows = [
        {"text": "one", "alps_id": "row-0", "id": 1, "label": "good", "annotation_id": 1, **common},
        {
            "text": "two",
            "alps_id": "row-1",
            "id": 2,
            "label": {"choices": ["good", "bad"]},
            "annotation_id": 2,
            **common,
        },
    ]
    take(project, tmp_path, "label-studio", rows)
    assert standing(project) == {
        ("row-0", "label-studio-1"): ("good",), ("row-1", "label-studio-1"): ("good", "bad"),
    }  # fmt: skip


def test_an_export_of_doccano(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project(["one", "two", "three"])
    rows = [
        {"id": 4, "text": "one", "label": ["good"], "alps_id": "row-0", "alps_batch": 2, "Comments": ["odd"]},
        {"id": 5, "text": "two", "label": [], "alps_id": "row-1", "Comments": []},
        {"id": 6, "text": "three", "label": ["bad"], "Comments": [{"text": "why"}]},
    ]
    assert take(project, tmp_path, "doccano", rows) == {"new": 2, "silent": 1}
    assert standing(project) == {("row-0", "doccano"): ("good",), ("row-2", "doccano"): ("bad",)}
    assert project.database.rows("SELECT note FROM marks ORDER BY text") == [("odd",), ("why",)]


FLAT = {"id": 1, "annotator": 1, "annotation_id": 1, "created_at": "2026-11-22T07:34:52Z", "lead_time": 3.2}


@pytest.mark.parametrize(
    ("format", "row"),
    [
        ("label-studio", {**FLAT, "text": "one", "sentiment": "good"}),
        ("label-studio", {**FLAT, "text": "one", "sentiment": {"choices": ["good"]}}),
        ("doccano", {"id": 1, "text": "one", "labels": ["good"], "Comments": []}),
        ("doccano", {"id": 1, "text": "one", "category": "good"}),
        ("argilla", {"fields": {"text": "one"}, "responses": {"sentiment": [{"value": "good", "user_id": "ann"}]}}),
    ],
)
def test_labels_of_another_name_are_found_where_there_is_no_other(make_project, tmp_path, format, row) -> None:
    project = make_project(["one"])
    assert take(project, tmp_path, format, [row])["new"] == 1
    assert [*standing(project).values()] == [("good",)]


@pytest.mark.parametrize(
    ("format", "row", "sentence"),
    [
        (
            "label-studio",
            {**FLAT, "text": "one", "title": "good", "sentiment": "good"},
            "in one of 'title', 'sentiment'",
        ),
        ("doccano", {"text": "one", "tags": [], "labels": ["good"]}, "in one of 'tags', 'labels'; call the right one"),
        ("doccano", {"text": "one", "sentiment": "good"}, "; export it from doccano as JSONL"),
        (
            "argilla",
            {"responses": {each: [{"value": "good", "user_id": "ann"}] for each in "ab"}},
            "in one of 'a', 'b'",
        ),
    ],
)
def test_labels_that_may_stand_under_several_names_are_not_guessed(
    make_project: MakeProject, tmp_path: Path, format, row, sentence
) -> None:
    project = make_project(["one"])
    with pytest.raises(AlpsError, match=f"has no key 'label'.*{sentence}"):
        take(project, tmp_path, format, [row])
    assert project.answers() == []


@pytest.mark.parametrize("format", ["doccano", "prodigy", "label-studio", "argilla"])
def test_an_archive_is_to_be_unzipped(make_project: MakeProject, tmp_path: Path, format: str) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("all.jsonl", '{"text": "one", "label": ["good"]}')
    with pytest.raises(AlpsError, match=r"in\.zip is a zip archive; unzip it and import what is in it"):
        import_from(make_project(["one"]), tmp_path / "in.zip", format)


def test_an_id_and_a_text_must_be_of_one_text(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project(["one", "two\r\nlines"])
    with pytest.raises(AlpsError, match="in, line 1: the text with the id 'row-0' is another one in the project"):
        take(project, tmp_path, "doccano", [{"text": "two\r\nlines", "label": ["good"], "alps_id": "row-0"}])
    assert project.answers() == []
    rows = [
        {"text": "of another project", "label": ["good"], "alps_id": "row-0"},
        {"text": "two\nlines ", "label": ["bad"], "alps_id": "row-1"},
    ]
    assert take(project, tmp_path, "doccano", rows) == {"new": 1, "unknown": 1, "silent": 0}
    assert standing(project) == {("row-1", "doccano"): ("bad",)}


def test_what_prodigy_prints(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project(["one", "two", "three", "four", "five"])
    common = {"_input_hash": 2818747, "_task_hash": 568187507, "_session_id": "films-ann", "_timestamp": 1700000000}
    rows = [
        {"text": "one", "meta": {"alps_id": "row-0", "score": 0.9}, "accept": ["good"], "answer": "accept", **common},
        {"text": "two", "meta": {"alps_id": "row-1"}, "accept": [], "answer": "ignore", **common},
        {"text": "three", "meta": {"alps_id": "row-2"}, "accept": ["bad"], "answer": "reject", **common},
        {"text": "four", "label": "bad", "answer": "accept", **common},
        {"text": "five", "meta": {"alps_id": "row-4"}, "accept": ["good"]},
    ]
    assert take(project, tmp_path, "prodigy", rows) == {"new": 4, "silent": 1}
    assert standing(project) == {
        ("row-0", "films-ann"): ("good",), ("row-1", "films-ann"): None, ("row-2", "films-ann"): None,
        ("row-3", "films-ann"): ("bad",),
    }  # fmt: skip


def test_a_file_of_argilla(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project(["one", "two"])
    user = "0b5b3f0c-0000-4000-8000-000000000000"
    rows = [
        {"id": "row-0", "fields": {"text": "one"}, "metadata": {"alps_id": "row-0"}, "status": "completed",
         "suggestions": {"label": {"value": "bad", "score": 0.9, "agent": "alps"}},
         "responses": {"label": [{"value": "good", "user_id": user}]}, "vectors": {}, "_server_id": None},
        {"id": "row-1", "fields": {"text": "two"}, "metadata": {}, "suggestions": {}, "responses": {}},
    ]  # fmt: skip
    assert take(project, tmp_path, "argilla", rows) == {"new": 1, "silent": 1}
    assert standing(project) == {("row-0", user): ("good",)}


@pytest.mark.parametrize(
    ("format", "row", "sentence"),
    [
        ("doccano", {"alps_id": "row-0", "label": [["good"]]}, "'label' is not a list of strings"),
        ("doccano", {"alps_id": 3, "label": []}, "'alps_id' is not a string"),
        ("prodigy", {"text": "one", "meta": [1]}, "'meta' is not an object"),
        ("argilla", {"id": "row-0", "responses": {"label": [{"user_id": "x"}]}}, "a response has no value"),
        ("label-studio", {"data": {"alps_id": "row-0"}, "annotations": [3]}, "'annotations' is not a list of objects"),
        ("doccano", {"alps_id": "row-0", "label": ["good", "bad"]}, "exactly one label"),
        ("doccano", {"alps_id": "row-0", "label": ["good"], "alps_annotator": "a;b"}, "has a ';' in it"),
    ],
)
def test_mistakes_are_one_sentence(make_project: MakeProject, tmp_path: Path, format, row, sentence) -> None:
    project = make_project(["one"])
    with pytest.raises(AlpsError, match=sentence) as raised:
        take(project, tmp_path, format, [row])
    assert "\n" not in str(raised.value)
    assert project.answers() == []
