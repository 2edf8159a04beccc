"""Every format, both ways: what is exported and imported again is the same, whatever the texts are."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alps.base.errors import AlpsError
from alps.integrations.entries import entries_of
from alps.integrations.exchange import export_to, import_from
from alps.integrations.formats import EXCHANGE_FORMATS
from alps.labelling.events import Event, record
from alps.labelling.new_project import create_project
from alps.labelling.project import Project
from tests.integrations.conftest import AT, HOSTILE, MakeProject, answer

GOLDEN = Path(__file__).parent / "golden"
EVERY_FORMAT = pytest.mark.parametrize("row", EXCHANGE_FORMATS, ids=lambda row: row.name)
TEXT = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
CLASSES = ("good", "bad", "=SUM(1)", "a, b", "ü 🎬", '"quoted"')
PEOPLE = ("Ann", "Bo", "=Chloé 🎬", "d@e.org")


NOTE = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(codec="utf-8"), max_size=20))


def said(project: Project, *, of: str | None = None) -> list[tuple[str, str, str, frozenset[str]]]:
    """Id, annotator, kind and labels of every answer."""
    return [(a.id, a.annotator, a.kind, frozenset(a.labels)) for a in project.answers() if of in (None, a.annotator)]


def marks(project: Project) -> list[tuple[str, str, int, str]]:
    """Id, annotator, flag and note of every mark."""
    return project.database.rows(
        "SELECT id, annotator, flag, note FROM marks JOIN texts ON text = number ORDER BY number, annotator"
    )


@EVERY_FORMAT
@settings(max_examples=15, deadline=None)
@given(data=st.data(), multi_label=st.booleans())
def test_export_and_import_give_the_same_ids_labels_skips_annotators_notes_and_flags(
    row, data, multi_label: bool
) -> None:
    texts = data.draw(st.lists(TEXT, min_size=1, max_size=6, unique=True))
    with tempfile.TemporaryDirectory() as folder:
        first, second = (
            create_project(Path(folder) / name, CLASSES, name="films", multi_label=multi_label, audit_share=0.0)
            for name in ("a.alps", "b.alps")
        )
        ids = [f"{prefix}{i}" for i, prefix in enumerate("=-@'x ü"[: len(texts)])]
        for project in (first, second):
            project.add_texts(ids, texts)
        n_labels = (0, 3) if multi_label else (1, 1)
        labels = st.lists(st.sampled_from(CLASSES), min_size=n_labels[0], max_size=n_labels[1], unique=True)
        for i, name in enumerate(ids):
            for person in data.draw(st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True)):
                answered, given_labels = data.draw(st.booleans()), data.draw(st.none() | labels)
                kind = "skip" if given_labels is None else "label"
                events = [Event(f"{i}-{person}", kind, name, tuple(given_labels or ()))] if answered else []
                events += [Event(f"{i}-{person}-note", "note", name, value=data.draw(NOTE))]
                events += [Event(f"{i}-{person}-flag", "flag", name, value=data.draw(st.booleans()))]
                assert record(first, events, person)[1] == []
        export_to(first, Path(folder) / "file", row.name)
        n = len({(name, person) for name, person, *_ in [*said(first), *marks(first)]})
        counts = import_from(second, Path(folder) / "file", row.name)
        assert counts["new"] == n and not counts["unknown"]
        assert said(second) == said(first)
        as_in_csv = [(*mark, note.replace("\0", "\ufffd")) for *mark, note in marks(first)]
        assert marks(second) == (as_in_csv if row.name == "sheet-csv" else marks(first))
        again = import_from(second, Path(folder) / "file", row.name)
        assert (again["new"], again["same"]) == (0, n)
        assert said(second) == said(first)
        before = marks(first)
        assert import_from(first, Path(folder) / "file", row.name)["new"] == 0
        assert marks(first) == before
        first.close()
        second.close()


@EVERY_FORMAT
def test_a_file_of_no_texts_is_written_whole(row, make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project(["one"])
    written = export_to(project, tmp_path / f"empty{row.ending}", row.name, which="batch")
    assert written.n_texts == 0
    assert all(file.exists() for file in written.files)
    assert export_to(project, tmp_path / f"full{row.ending}", row.name).n_texts == 1


@EVERY_FORMAT
def test_a_long_text_goes_both_ways_or_is_refused_in_one_sentence(row, make_project: MakeProject, tmp_path) -> None:
    first, second = (make_project(["x" * 1_000_000 + "🎬", "short"]) for _ in range(2))
    record(first, [Event("1", "label", "row-0", ("good",))], "Ann")
    if row.name == "sheet-excel":
        with pytest.raises(
            AlpsError, match=r"the row of 'row-0', column 'text' has 1000002 .*; choose --format sheet-csv"
        ):
            export_to(first, tmp_path / "file", row.name)
        assert not (tmp_path / "file").exists()
        return
    export_to(first, tmp_path / "file", row.name)
    assert import_from(second, tmp_path / "file", row.name)["new"] == 1
    assert said(second) == said(first)


@EVERY_FORMAT
def test_what_is_written_is_the_golden_file(
    row, make_project: MakeProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    golden = GOLDEN / (row.name + row.ending)
    if row.name == "sheet-excel":
        pytest.skip("a workbook has the time in it; test_spreadsheet.py looks inside")
    monkeypatch.setattr("alps.labelling.events.utc_now", lambda: AT)
    project = make_project(HOSTILE)
    answer(project)
    written = export_to(project, tmp_path / golden.name, row.name)
    for file in written.files:
        name = file.name.replace(".py", ".py.txt")  # pytest would run it
        assert file.read_bytes() == (GOLDEN / name).read_bytes(), f"compare {name}"


@EVERY_FORMAT
def test_notes_of_annotators_come_along(row, answered: Project, make_project: MakeProject, tmp_path: Path) -> None:
    export_to(answered, tmp_path / "file", row.name)
    second = make_project(HOSTILE)
    import_from(second, tmp_path / "file", row.name)
    assert marks(second) == [("row-1", "Ann", 0, "=two\nlines")]


@EVERY_FORMAT
def test_reasons_of_skips_come_along(row, answered: Project, make_project: MakeProject, tmp_path: Path) -> None:
    export_to(answered, tmp_path / "file", row.name)
    second = make_project(HOSTILE)
    import_from(second, tmp_path / "file", row.name)
    skips = {(a.id, a.annotator): a.reason for a in second.answers() if a.kind == "skip"}
    assert skips == {("row-2", "Ann"): "garbled", ("row-4", "Bo"): ""}


@EVERY_FORMAT
def test_only_the_texts_asked_for_are_written(row, answered: Project, make_project: MakeProject, tmp_path) -> None:
    n_answered = len({answer.id for answer in answered.answers()})
    for which, n_new in (("answered", len(answered.answers())), ("unanswered", 0)):
        export_to(answered, tmp_path / which, row.name, which=which)
        counts = import_from(make_project(HOSTILE), tmp_path / which, row.name)
        assert counts["new"] == n_new
        assert counts["silent"] == (0 if which == "answered" else len(HOSTILE) - n_answered)
    with pytest.raises(AlpsError, match="choose from: all, answered"):
        export_to(answered, tmp_path / "other", row.name, which="some")


@EVERY_FORMAT
@pytest.mark.parametrize("content", [b"{}", b"[1]", b"\xff\xfe\x00", b'{"text": 1', b"a,b\n1,2\n", b"[" * 100_000])
def test_a_file_of_something_else_is_one_sentence(row, content: bytes, answered: Project, tmp_path: Path) -> None:
    before = said(answered)
    (tmp_path / "file").write_bytes(content)
    try:
        counts = import_from(answered, tmp_path / "file", row.name)
    except AlpsError as error:
        assert "\n" not in str(error)
        assert "file" in str(error) or "is none of" in str(error)
    else:
        assert not counts["new"]
    assert said(answered) == before


def test_nothing_is_replaced_and_nothing_half_taken_in(answered: Project, tmp_path: Path) -> None:
    (tmp_path / "out.label-config.xml").write_text("mine")
    with pytest.raises(AlpsError, match="exists already"):
        export_to(answered, tmp_path / "out.json", "label-studio")
    assert not (tmp_path / "out.json").exists()
    lines = [{"alps_id": "row-3", "label": ["good"]}, {"alps_id": "row-5", "label": ["ugly"]}]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, lines)))
    before = said(answered)
    with pytest.raises(AlpsError, match="'row-5' is labelled 'ugly', which is no class"):
        import_from(answered, tmp_path / "in.jsonl", "doccano")
    assert said(answered) == before
    assert import_from(answered, tmp_path / "in.jsonl", "doccano", annotator="Dee", add_classes=True)["new"] == 2
    assert answered.labels == ["good", "bad", "ugly"]
    assert said(answered, of="Dee") == [("row-3", "Dee", "label", {"good"}), ("row-5", "Dee", "label", {"ugly"})]
    with pytest.raises(AlpsError, match="choose --format from: label-studio"):
        import_from(answered, tmp_path / "in.jsonl", "excel")


def test_a_text_is_found_by_what_it_says_and_an_exact_copy_by_its_first(make_project: MakeProject, tmp_path) -> None:
    project = make_project(["one", "two", "one"])
    lines = [{"text": "two", "label": ["bad"]}, {"alps_id": "row-2", "label": ["good"]}, {"text": "three", "label": []}]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert import_from(project, tmp_path / "in.jsonl", "doccano") == {"new": 2, "unknown": 1, "silent": 0}
    assert said(project, of="doccano") == [
        ("row-0", "doccano", "label", {"good"}), ("row-1", "doccano", "label", {"bad"})
    ]  # fmt: skip
    (tmp_path / "other.jsonl").write_text('{"text": "not there", "label": []}')
    with pytest.raises(AlpsError, match=r"The only text is none of p0\.alps; check the project"):
        import_from(project, tmp_path / "other.jsonl", "doccano")
    (tmp_path / "other.jsonl").write_text('{"text": "not there", "label": []}\n{"text": "nor there", "label": []}')
    with pytest.raises(AlpsError, match=r"None of the 2 texts is one of p0\.alps; check the project"):
        import_from(project, tmp_path / "other.jsonl", "doccano")


def test_what_was_said_later_in_the_project_stays(answered: Project, tmp_path: Path) -> None:
    export_to(answered, tmp_path / "old.json", "label-studio")
    record(answered, [Event("9", "label", "row-0", ("bad",), at="2099-01-01T00:00:00+00:00")], "Ann")
    counts = import_from(answered, tmp_path / "old.json", "label-studio")
    assert (counts["new"], counts["older"]) == (0, 1)
    assert ("row-0", "Ann", "label", {"bad"}) in said(answered)


def test_what_goes_out_is_of_one_moment_while_people_label(
    answered: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [*entries_of(answered)]
    monkeypatch.setattr("alps.integrations.entries._ROWS_AT_ONCE", 2)
    entries = entries_of(answered)
    found = [next(entries)]
    later = [Event("9", "label", "row-0", ("bad",)), Event("10", "label", "row-1", ("good",))]
    record(answered, [*later, Event("11", "label", "row-9", ("bad",)), Event("12", "release", "row-2")], "Ann")
    assert [*found, *entries] == expected
    assert [*entries_of(answered)] != expected
