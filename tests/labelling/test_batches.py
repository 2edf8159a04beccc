"""The next batch is there before it is needed, and says which strategy chose it and why."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from alps.base.errors import AlpsError
from alps.labelling.batch_process import add_batch
from alps.labelling.batches import Batches, BatchSettings
from alps.labelling.events import Event, record
from alps.labelling.loop import Loop, change_loop, choices, loop_of
from alps.labelling.new_project import create_project
from alps.labelling.project import Project
from alps.labelling.queue import next_texts

SETTINGS: dict[str, Any] = {"k": 8, "strategy": "random", "warm": "margin", "texts_per_class": 3, "seed": 0,
                            "model": "bundled", "cache_dir": None}  # fmt: skip
DEADLINE = 600.0  # seconds; only ever reached when something hangs


def label(project: Project, n: int) -> list[str]:
    """Label the next n texts; returns where they came from."""
    items = next_texts(project, "Ann", n)
    for item in items:
        name = "bad" if int(item.id[1:]) % 2 else "good"
        record(project, [Event(f"e{item.id}", "label", item.id, (name,))], "Ann")
    return [item.source for item in items]


def test_a_cold_strategy_chooses_until_every_class_has_been_seen_and_then_a_warm_one(project: Project) -> None:
    add_batch(project, SETTINGS)
    batches = Batches(project, None)
    assert batches.current()["reason"] == (
        "random chooses until every class has 3 labelled texts, then margin; 'good' had 0 when this batch was chosen."
    )
    assert label(project, 8) == ["random"] * 8
    add_batch(project, SETTINGS)
    assert batches.current()["reason"] == "margin chooses, because every class has at least 3 labelled texts."
    assert label(project, 8) == ["margin"] * 8
    project.add_class("new")
    add_batch(project, SETTINGS)
    assert batches.current()["reason"] == (
        "random chooses until every class has 3 labelled texts, then margin; 'new' had 0 when this batch was chosen."
    )
    add_batch(project, SETTINGS | {"warm": "none"})
    assert project.database.row("SELECT json_extract(account, '$.reason') FROM batches WHERE number = 4") == (
        "random chooses every batch.",
    )
    batches.close()


def test_the_next_batch_is_chosen_while_the_last_is_answered_and_none_of_it_is_chosen_twice(tmp_path: Path) -> None:
    project = create_project(tmp_path / "p.alps", ["good", "bad"], name="p", audit_share=0.0)
    project.add_texts([f"t{i}" for i in range(100)], [f"film number {i}" for i in range(100)])
    change_loop(project, strategy="random", warm="margin", texts_per_class=1000)
    batches = Batches(project, BatchSettings(20))

    def chosen() -> int:
        batches.look()
        return int(project.database.row("SELECT count(*) FROM batches")[0])

    def wait_for(n: int) -> None:
        end = time.monotonic() + DEADLINE
        while chosen() < n:
            assert time.monotonic() < end, batches.notice()
            time.sleep(0.05)

    wait_for(1)
    label(project, 8)
    assert chosen() == 1
    label(project, 3)
    wait_for(2)
    picked = project.database.rows("SELECT batch, count(*) FROM picks GROUP BY batch")
    assert picked == [(1, 20), (2, 20)]
    assert batches.current() == {
        "number": 1, "size": 20, "done": 11, "source": "random",
        "reason": "random chooses until every class has 1000 labelled texts, then margin; 'good' had 0 when this "
        "batch was chosen.",
    }  # fmt: skip
    numbers = [number for (number,) in project.database.rows("SELECT text FROM picks WHERE batch = 1")]
    label(project, 9)
    assert {project.number_of(answer.id) for answer in project.answers()} == {*numbers}
    batches.look()
    assert batches.current()["number"] == 2
    batches.close()
    project.close()


def test_a_batch_that_fails_is_told_and_tried_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alps.labelling.background._FIRST_WAIT", 0.1)
    change_loop(project, strategy="random", warm="margin")
    batches = Batches(project, BatchSettings(4))
    project.database.rows("ALTER TABLE batches RENAME TO hidden")
    project.database.rows("CREATE VIEW batches AS SELECT * FROM hidden")  # can be read and not written
    end = time.monotonic() + DEADLINE
    while "No batch could be chosen" not in (batches.notice() or ""):
        assert time.monotonic() < end
        batches.look()
        time.sleep(0.05)
    assert next_texts(project, "Ann", 3)
    project.database.rows("DROP VIEW batches")
    project.database.rows("ALTER TABLE hidden RENAME TO batches")
    while not project.database.row("SELECT count(*) FROM batches")[0]:
        assert time.monotonic() < end
        batches.look()
        time.sleep(0.05)
    batches.close()


def test_the_rule_is_kept_and_a_mistake_changes_nothing(project: Project) -> None:
    assert loop_of(project) == Loop("stratified", "margin", 3)
    change_loop(project, strategy="random")
    assert not loop_of(project).chooses
    batches = Batches(project, BatchSettings(4))
    batches.look()
    assert batches.notice() is None  # nothing is being chosen
    with pytest.raises(AlpsError, match="needs labels"):
        change_loop(project, strategy="badge", texts_per_class=7)
    assert loop_of(project) == Loop("random", "none", 3)
    change_loop(project, warm="badge")
    assert loop_of(project) == Loop("random", "badge", 3)
    batches.look()
    assert batches.notice() == "The first texts are drawn at random while the pool is read."
    batches.close()


def test_what_can_be_chosen_on_the_page_can_be_used(project: Project) -> None:
    for multi_label in (False, True):
        cold, warm = choices(multi_label=multi_label)
        assert {"alps", "bert-km", "random"} <= {*cold} and {"margin", "badge"} <= {*warm} - {*cold}
        for name in cold:
            Loop(name)
        for name in warm:
            Loop(warm=name)
    assert "batchbald" in choices(multi_label=False)[1] and "batchbald" not in choices(multi_label=True)[1]


def test_a_strategy_that_looks_through_a_fine_tuned_encoder_chooses(project: Project) -> None:
    add_batch(project, SETTINGS)
    label(project, 8)
    assert add_batch(project, SETTINGS | {"warm": "ft-bert-km"}) == 8
    assert Batches(project, None).current()["reason"].startswith("ft-bert-km chooses, because")


def test_a_strategy_that_never_could_choose_is_refused_when_it_is_named(project: Project, tmp_path: Path) -> None:
    with pytest.raises(AlpsError, match="patron asks for label words, which a labelling project does not have; choose"):
        change_loop(project, strategy="patron")
    with pytest.raises(AlpsError, match="patron-released asks for label words"):
        change_loop(project, warm="margin:1,patron-released:1")
    change_loop(project, warm="egl")
    several = create_project(tmp_path / "several.alps", ["good", "bad"], name="several", multi_label=True)
    with pytest.raises(AlpsError, match="egl is for one label a text; choose another"):
        change_loop(several, warm="egl")
    assert loop_of(several) == Loop()
    project.set("strategy", "patron")  # as an older version kept it
    assert change_loop(project) == Loop("patron", "egl", 3)
