"""Projects on which several people have worked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alps.labelling.events import Event, record
from alps.labelling.new_project import create_project
from alps.labelling.project import Project

HOSTILE = [
    "plain", "two\nlines\r\nand a\rreturn", "a\ttab", 'a "quote", a comma; a semicolon', "=1+1", "'=1+1", "@SUM(A1)",
    "-3.5", "naïve 東京 🎬", "<b onload=alert(1)>&amp;", "\x1b[31mred\x07", "zero\0inside", "  spaces  ", "#N/A",
    "_x0041_", "\u202eright to left", '{"text": "json"}',
]  # fmt: skip

AT = "2026-11-22T07:34:52.000+00:00"
MakeProject = Callable[..., Project]


@pytest.fixture
def make_project(tmp_path: Path) -> Iterator[MakeProject]:
    """Make a project of the given texts, two classes and no audit."""
    made: list[Project] = []

    def make(texts: list[str], *, labels: tuple[str, ...] = ("good", "bad"), multi_label: bool = False) -> Project:
        path = tmp_path / f"p{len(made)}.alps"
        project = create_project(path, labels, name="films", multi_label=multi_label, audit_share=0.0)
        project.add_texts([f"row-{i}" for i in range(len(texts))], texts)
        made.append(project)
        return project

    yield make
    for project in made:
        project.close()


@pytest.fixture
def answered(make_project: MakeProject) -> Project:
    """Three people have answered some of the hostile texts."""
    project = make_project(HOSTILE)
    answer(project)
    return project


def answer(project: Project) -> None:
    """Ann, Bo and Chloé label, skip and comment."""
    record(project, [
        Event("1", "label", "row-0", ("good",)), Event("2", "label", "row-1", ("bad",), at="2026-11-22T07:34:52+00:00"),
        Event("3", "skip", "row-2", reason="garbled"), Event("4", "note", "row-1", value="=two\nlines"),
    ], "Ann")  # fmt: skip
    record(project, [Event("5", "label", "row-0", ("bad",)), Event("6", "skip", "row-4")], "Bo")
    record(project, [Event("7", "label", "row-11", ("good",)), Event("8", "label", "row-4", ("good",))], "Chloé 🎬")
