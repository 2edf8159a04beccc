"""The project is an oracle: what people said reaches the learner as it stands."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from alps.classifiers.text_classifier import TextClassifier, train_classifier
from alps.labelling.batch_process import add_batch
from alps.labelling.events import Event, record
from alps.labelling.export import labelled_table
from alps.labelling.new_project import create_project
from alps.labelling.oracle import learner_of, pool_of
from alps.labelling.project import Project
from alps.labelling.queue import next_texts
from alps.labelling.training_process import MODEL, train_project
from alps.learning.learner import Learner
from alps.learning.plan import Plan

SETTINGS = {
    "k": 4,
    "strategy": "random",
    "warm": "none",
    "texts_per_class": 3,
    "seed": 0,
    "model": "bundled",
    "cache_dir": None,
}


def test_labels_skips_and_picks_reach_the_learner_unchanged(project: Project) -> None:
    add_batch(project, SETTINGS)
    picked = [item.id for item in next_texts(project, "Ann", 4)]
    by_hand = Learner(project.texts()[1], Plan(cold="random"))
    assert [by_hand.pool.ids[int(i)].as_py() for i in by_hand.query(4).indices]  # the same call of Algorithm 1
    record(project, [Event("1", "label", picked[0], ("bad",)), Event("2", "skip", picked[1])], "Ann")
    learner = learner_of(project, Plan(cold="random"))
    assert learner.states.labels == {picked[0]: "bad"}
    assert list(learner.states.skipped) == [picked[1]]
    assert {*learner.states.pending} == {*picked[2:]}
    assert learner.counts() == project.counts()
    assert not {*learner.query(20).ids} & {*picked}


def test_picks_come_first_and_in_their_order(project: Project) -> None:
    first = [item.id for item in next_texts(project, "Ann", 2)]
    assert add_batch(project, SETTINGS) == 4
    ranked = [
        name for (name,) in project.database.rows("SELECT id FROM picks JOIN texts ON text = number ORDER BY rank")
    ]
    assert not {*first} & {*ranked}
    items = next_texts(project, "Ann", 8)
    assert [item.id for item in items[:6]] == [*first, *ranked]
    assert [item.source for item in items[:2]] == ["random", "random"]
    assert project.database.row("SELECT strategy FROM batches") == ("random",)


def test_weights_of_a_strategy_count_in_the_next_query_and_in_training(tmp_path: Path) -> None:
    project = create_project(tmp_path / "p.alps", ["sport", "money"], name="p", audit_share=0.0)
    texts = [f"the team won match {i}" for i in range(14)] + [f"the bank raised rates to {i} percent" for i in range(6)]
    project.add_texts([f"t{i}" for i in range(20)], texts)
    settings = SETTINGS | {"k": 12, "strategy": "bert-km-weighted"}
    by_hand = Learner(pool_of(project), Plan("bert-km-weighted", None), labels=["sport", "money"])
    by_hand.query(12)
    add_batch(project, settings)
    assert learner_of(project).weights == by_hand.weights
    assert len({*by_hand.weights.values()}) > 1
    for item in next_texts(project, "Ann", 12):
        record(project, [Event(item.id, "label", item.id, ("sport" if "team" in item.text else "money",))], "Ann")
    known = learner_of(project).states.labels
    number = train_project(project, {"classifier": "probe", "recipe": "stable"} | settings)
    trained = TextClassifier.load(project.models_folder / f"{number:06d}-probe" / MODEL)
    names = sorted(known, key=lambda name: int(name[1:]))
    taught = [texts[int(name[1:])] for name in names], [known[name] for name in names]
    weighted, plain = (
        train_classifier(*taught, classes=["sport", "money"], weights=weights, folds=5)
        for weights in ([by_hand.weights[name] for name in names], None)
    )
    np.testing.assert_allclose(trained.probabilities(texts), weighted.probabilities(texts), atol=1e-6)
    assert np.abs(trained.probabilities(texts) - plain.probabilities(texts)).max() > 1e-3
    project.close()


def test_exact_copies_are_asked_once(tmp_path: Path) -> None:
    project = create_project(tmp_path / "p.alps", ["a", "b"], name="p", audit_share=0.0)
    project.add_texts(["z", "a", "b"], ["same", "same", "other"])
    add_batch(project, SETTINGS)
    assert {item.id for item in next_texts(project, "Ann", 5)} == {"z", "b"}
    project.close()


def test_several_labels_go_out_together(tmp_path: Path) -> None:
    project = create_project(tmp_path / "p.alps", ["a", "b"], name="p", multi_label=True, audit_share=0.0)
    project.add_texts(["1", "2"], ["one", "two"])
    record(project, [Event("1", "label", "1", ("b", "a")), Event("2", "label", "2", ())], "Ann")
    assert labelled_table(project)["label"].to_pylist() == ["a;b", ""]
    taught = learner_of(project).states.labels
    assert {name: {*labels} for name, labels in taught.items()} == {"1": {"a", "b"}, "2": set()}
    project.close()
