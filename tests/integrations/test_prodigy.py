"""The recipe runs under Prodigy's decorator and shows only what is not answered."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from types import ModuleType

import pytest

from alps.integrations.exchange import export_to
from alps.labelling.project import Project


def test_the_recipe_streams_the_texts_that_are_not_answered(
    answered: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipes = {}

    def recipe(name: str, **arguments):
        return lambda function: recipes.setdefault(name, (function, arguments))[0]

    prodigy = ModuleType("prodigy")  # it is sold, not published
    prodigy.recipe = recipe
    monkeypatch.setitem(sys.modules, "prodigy", prodigy)
    tasks, file = export_to(answered, tmp_path / "films.jsonl", "prodigy")
    runpy.run_path(str(file))
    function, arguments = recipes["alps.choice"]
    assert {*arguments} == {"dataset", "source", "multi_label"}
    shown = function("films", str(tasks))
    assert shown["view_id"] == "choice" and shown["config"]["choice_style"] == "single"
    stream = list(shown["stream"])
    open_ids = [name for (name,) in answered.database.rows("SELECT id FROM texts WHERE state = 'unlabelled'")]
    assert [task["meta"]["alps_id"] for task in stream] == open_ids
    assert stream[0]["options"] == [{"id": "good", "text": "good"}, {"id": "bad", "text": "bad"}]
