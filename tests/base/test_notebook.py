"""What a notebook shows of our objects: escaped, short, and in the colours of the page around it."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import alps
from alps import Learner, Plan
from alps.base.notebook import MOST_ROWS, table_html
from alps.labelling.events import Event, record
from alps.labelling.new_project import create_project
from alps.simulation.results import Cell, Curve, Round, Run

HOSTILE = "<img src=x onerror=alert(1)> \x1b[31m & \u202e"


class Reader(HTMLParser):
    """Tags, styles and words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.cells: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attributes) -> None:
        self.open.append(tag)
        self.tags.add(tag)
        assert {name for name, _ in attributes} <= {"style"}
        assert "#" not in (dict(attributes).get("style") or "")  # no colour of our own: light and dark pages

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        if self.open[-1:] in (["td"], ["p"]):
            self.cells.append(data)


def test_a_table_is_escaped_and_says_what_it_leaves_out() -> None:
    page = Reader(table_html(HOSTILE, ["a"], ([f"{HOSTILE}{i}"] for i in range(100)), 100))
    assert page.tags == {"div", "p", "table", "thead", "tbody", "tr", "th", "td"}
    assert len(page.cells) == MOST_ROWS + 2
    assert page.cells[-1] == "… and 80 more"
    assert "<img src=x" in page.cells[0] and "\x1b" not in page.cells[0] and "\u202e" not in page.cells[0]
    assert Reader(table_html("", ["a"], [[0.123], [float("nan")], [None]], 3)).cells == ["0.12"]


def test_a_selection_and_a_learner_and_a_project_and_a_run_show_themselves(tmp_path: Path) -> None:
    texts = [HOSTILE, "rain in Rome", "a late goal"]
    selection = alps.select(texts, 2, strategy="random")
    page = Reader(selection._repr_html_())
    assert "2 texts of" in page.cells[0] and "chosen by random" in page.cells[0]
    assert {"1", "2"} <= {*page.cells}
    learner = Learner(texts, Plan(cold="random"), labels=["<weather>", "sport"])
    learner.teach({learner.pool.ids[1].as_py(): "<weather>"})
    assert Reader(learner._repr_html_()).cells[1:] == ["<weather>", "1", "sport", "0"]
    project = create_project(tmp_path / "p.alps", ["<a>", "b"], name=HOSTILE, audit_share=0.0)
    project.add_texts(["1"], ["one"])
    record(project, [Event("1", "label", "1", ("<a>",))], "Ann")
    assert Reader(project._repr_html_()).cells[1:] == ["<a>", "1", "b", "0"]
    project.close()
    done = Round(1, 100, [], [], {"test": {"micro_f1": 0.5}})
    curve = Curve(Cell("films", "alps", "probe", 3), {}, (done,))
    assert Reader(curve._repr_html_()).cells == ["alps on films, seed 3", "1", "100", "0.50"]
    other = Curve(Cell("films", "alps", "probe", 4), {}, (Round(1, 100, [], [], {"test": {"micro_f1": 0.7}}), done))
    page = Reader(Run([curve, other])._repr_html_())
    assert page.cells == ["2 curves", "films", "probe", "alps", "2", "1", "100", "0.60"]
    assert Reader(Run([])._repr_html_()).cells == ["0 curves"]
