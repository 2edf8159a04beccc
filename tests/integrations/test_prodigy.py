"""The recipe runs under Prodigy's decorator, and what Prodigy prints is taken in as it is meant."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from types import ModuleType

import pytest

from alps.base.errors import AlpsError
from alps.integrations.exchange import export_to, import_from
from alps.labelling.project import Project
from tests.integrations.conftest import MakeProject


def test_the_recipe_streams_the_texts_that_are_not_answered(
    answered: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipes = {}

    def recipe(name: str, **arguments):
        return lambda function: recipes.setdefault(name, (function, arguments))[0]

    prodigy = ModuleType("prodigy")  # it is sold, not published
    prodigy.recipe = recipe
    monkeypatch.setitem(sys.modules, "prodigy", prodigy)
    tasks, file = export_to(answered, tmp_path / "films.jsonl", "prodigy").files
    runpy.run_path(str(file))
    function, arguments = recipes["alps.choice"]
    assert {*arguments} == {"dataset", "source", "multi_label"}
    shown = function("films", str(tasks))
    assert shown["view_id"] == "choice" and shown["config"]["choice_style"] == "single"
    stream = list(shown["stream"])
    open_ids = [name for (name,) in answered.database.rows("SELECT id FROM texts WHERE state = 'unlabelled'")]
    assert [task["meta"]["alps_id"] for task in stream] == open_ids
    assert stream[0]["options"] == [{"id": "good", "text": "good"}, {"id": "bad", "text": "bad"}]


def taken(project: Project, tmp_path: Path, rows: list[dict[str, object]]) -> dict[tuple[str, str], object]:
    """Import rows of one text, as db-out prints them; labels, or the reason of a skip, by id and annotator."""
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps({"text": "one", **row}) for row in rows))
    import_from(project, tmp_path / "in.jsonl", "prodigy")
    assert import_from(project, tmp_path / "in.jsonl", "prodigy")["new"] == 0
    return {(a.id, a.annotator): a.labels if a.kind == "label" else a.reason for a in project.answers()}


GOOD, BAD = {"label": "good", "answer": "accept"}, {"label": "bad", "answer": "reject"}


@pytest.mark.parametrize("rows", [[GOOD, BAD], [BAD, GOOD]])
def test_a_label_that_was_accepted_outlives_those_that_were_rejected(rows, make_project, tmp_path: Path) -> None:
    said = [{**row, "_session_id": "ann", "_timestamp": 1700000000 + i} for i, row in enumerate(rows)]
    other = {**BAD, "answer": "ignore", "_session_id": "bo"}
    assert taken(make_project(["one"]), tmp_path, [*said, other]) == {("row-0", "ann"): ("good",), ("row-0", "bo"): ""}


def test_all_labels_that_were_accepted_are_labels(make_project: MakeProject, tmp_path: Path) -> None:
    accepted = [GOOD, {**BAD, "answer": "accept"}]
    project = make_project(["one"], multi_label=True)
    assert taken(project, tmp_path, accepted) == {("row-0", "prodigy"): ("good", "bad")}
    with pytest.raises(AlpsError, match=r"in\.jsonl, line 1 and line 2: the text 'row-0' cannot be taken in: A text"):
        taken(make_project(["one"]), tmp_path, accepted)


def test_a_text_of_which_every_label_was_rejected_is_a_skip(make_project: MakeProject, tmp_path: Path) -> None:
    rejected = [BAD, {**GOOD, "answer": "reject"}]
    for rows in (rejected[:1], rejected):
        assert taken(make_project(["one"]), tmp_path, rows) == {("row-0", "prodigy"): "rejected"}


@pytest.mark.parametrize(("times", "outcome"), [((1, 2), "rejected"), ((2, 1), ("good",))])
def test_of_two_decisions_on_one_label_the_newer_counts(times, outcome, make_project, tmp_path: Path) -> None:
    rows = [GOOD, {**GOOD, "answer": "reject"}]
    timed = [{**row, "_timestamp": 1700000000 + at} for row, at in zip(rows, times, strict=True)]
    assert taken(make_project(["one"]), tmp_path, timed) == {("row-0", "prodigy"): outcome}
    with pytest.raises(AlpsError, match=r"line 2: 'good' is rejected, and in .*line 1 accepted by the same annotator"):
        taken(make_project(["one"]), tmp_path, rows)


def test_a_task_in_which_nothing_was_chosen_blocks_nothing(make_project: MakeProject, tmp_path: Path) -> None:
    tasks = [{"text": "one", "accept": [], "answer": "accept"}, {"text": "two", "accept": ["good"], "answer": "accept"}]
    tasks += [{"text": "three", "accept": [], "answer": "accept", "flagged": True}]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, tasks)))
    project = make_project(["one", "two", "three"])
    assert import_from(project, tmp_path / "in.jsonl", "prodigy") == {"new": 2, "silent": 1}
    assert [(a.id, a.labels) for a in project.answers()] == [("row-1", ("good",))]
    assert project.database.rows("SELECT text, flag FROM marks") == [(3, 1)]
    several = make_project(["one", "two", "three"], multi_label=True)
    import_from(several, tmp_path / "in.jsonl", "prodigy")
    assert [(a.id, a.labels) for a in several.answers()] == [("row-0", ()), ("row-1", ("good",)), ("row-2", ())]
