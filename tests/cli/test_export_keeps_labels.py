"""Whatever a person tells `alps export` to replace, no label is lost by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from alps.integrations.formats import EXCHANGE_FORMATS
from alps.labelling.events import Event, record
from alps.labelling.new_project import create_project
from alps.labelling.project import Project
from tests.cli.conftest import Alps


def make_project(path: Path, label: str = "bad") -> Path:
    """Two texts, one of them labelled."""
    made = create_project(path, ["good", "bad"], name=path.stem, audit_share=0.0)
    made.add_texts(["a", "b"], ["one film", "two films"])
    record(made, [Event("1", "label", "b", (label,))], "Ann")
    made.close()
    return path


def labels_in(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    project = Project(path)
    try:
        return [(answer.id, answer.labels) for answer in project.answers()]
    finally:
        project.close()


@pytest.mark.parametrize("format", [*(row.name for row in EXCHANGE_FORMATS), "table", "datasets"])
def test_a_project_is_replaced_by_no_other_format(alps: Alps, tmp_path: Path, format: str) -> None:
    project = make_project(tmp_path / "films.alps")
    (tmp_path / "link.csv").symlink_to(project)
    for output in ("films.alps", "link.csv"):
        told = alps("export", project, "-o", output, "--format", format, "--force")
        assert told.code == 2
        assert told.err.count("\n") == 1
        assert labels_in(project) == [("b", ("bad",))]


def test_a_folder_with_a_project_in_it_is_not_replaced_by_a_data_set(alps: Alps, tmp_path: Path) -> None:
    project = make_project(tmp_path / "films.alps")
    told = alps("export", project, "-o", ".", "--format", "datasets", "--force")
    assert told.code == 2 and "it is no folder of a data set" in told.err
    assert alps("export", project, "-o", "labels", "--format", "datasets").code == 0
    assert alps("export", project, "-o", "labels", "--format", "datasets", "--force").code == 0
    inner = make_project(tmp_path / "labels" / "inner.alps")
    told = alps("export", project, "-o", "labels", "--format", "datasets", "--force")
    assert told.code == 2 and "inner.alps in it is of no folder of a data set" in told.err
    assert labels_in(inner) == labels_in(project) == [("b", ("bad",))]


def test_a_copy_replaces_earlier_copies_only(alps: Alps, tmp_path: Path) -> None:
    project, other = make_project(tmp_path / "films.alps"), make_project(tmp_path / "other.alps", "good")
    assert alps("export", project, "--project", "copy.alps").code == 0
    assert alps("export", project, "--project", "copy.alps", "--force").code == 0
    copy = Project(tmp_path / "copy.alps")
    record(copy, [Event("2", "label", "a", ("good",))], "Bo")
    copy.close()
    (tmp_path / "text.alps").write_text("no database")
    for path, said in (
        ("copy.alps", "no earlier copy"), ("other.alps", "no earlier copy"), ("films.alps", "is the project itself"),
        ("text.alps", "no earlier copy"),
    ):  # fmt: skip
        told = alps("export", project, "--project", path, "--force")
        assert told.code == 2 and said in told.err, path
    assert labels_in(tmp_path / "copy.alps") == [("a", ("good",)), ("b", ("bad",))]
    assert labels_in(other) == [("b", ("good",))]
    assert labels_in(project) == [("b", ("bad",))]


@pytest.mark.parametrize("output", [".", "/"])
def test_a_place_without_a_name_is_refused(alps: Alps, tmp_path: Path, output: str) -> None:
    project = make_project(tmp_path / "films.alps")
    (tmp_path / "texts.csv").write_text("text\none\ntwo\n")
    for arguments in (
        ("select", "texts.csv", "-k", 1, "-o", output),
        *(("export", project, "-o", output, "--format", row.name) for row in EXCHANGE_FORMATS),
    ):
        told = alps(*arguments)
        assert told.code == 2 and "is a folder; name a file to write" in told.err, told.err
