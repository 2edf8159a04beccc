"""The learner and the loop: states, partial and changed answers, cold to warm, new texts and classes, save and load."""

from __future__ import annotations

import itertools
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alps.base.errors import AlpsError, AlpsWarning
from alps.learning.learner import Learner
from alps.learning.loop import active_learning
from alps.learning.plan import Plan
from alps.selection import Selection, select

TEXTS = [f"{verb} in {place}" for verb in ("rain", "sun", "a goal", "rates rise") for place in ("Rome", "Oslo", "Lima")]
RANDOM = Plan(cold="random", warm=None)


def gold(batch: Selection) -> dict[str, str]:
    return {name: text.split()[0] for name, text in zip(batch.ids, batch.texts, strict=True)}


def test_pending_labelled_and_skipped_texts_are_not_queried_again() -> None:
    learner = Learner(TEXTS, RANDOM)
    first = learner.query(6)
    learner.teach({first.ids[0]: "weather", first.ids[1]: "sport"})
    learner.skip(first.ids[2:3])
    assert learner.counts() == {"unlabelled": 6, "pending": 3, "labelled": 2, "skipped": 1}
    second = learner.query(6)
    assert not set(first.texts) & set(second.texts)
    with pytest.raises(AlpsError, match="was queried before; there is nothing left to choose"):
        learner.query(1)


def test_ids_that_are_no_strings_are_refused() -> None:
    learner = Learner(pa.table({"id": [1000, 1001], "text": ["rain in Rome", "a goal"]}), RANDOM)
    with pytest.raises(AlpsError, match="The id 1000 is not a string"):
        learner.teach({1000: "weather"})  # type: ignore[dict-item]
    learner.teach({"1000": "weather"})


def test_a_warm_strategy_says_when_all_labels_are_the_same(checkpoints: dict[str, Path]) -> None:
    learner = Learner(TEXTS, Plan("random", "margin", texts_per_class=0), model=str(checkpoints["bert"]))
    learner.teach({learner.pool.ids[0].as_py(): "weather"})
    with pytest.warns(AlpsWarning, match="have the same label.*margin takes the first texts"):
        assert len(learner.query(3)) == 3
    learner.teach({learner.pool.ids[5].as_py(): "sport"})
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "All labelled texts")
        learner.query(3)


def test_successive_batches_are_independent_and_those_of_select() -> None:
    ids = [f"{i:05d}" for i in range(2000)]
    pool = pa.table({"id": ids, "text": [f"text number {i}" for i in range(2000)]})
    learner = Learner(pool, RANDOM)
    batches = [learner.query(10) for _ in range(4)]
    for before, after in itertools.pairwise(batches):
        apart = np.abs(after.indices[:, None] - before.indices).min(axis=1)
        assert (apart > 2).sum() >= 8  # by chance, 1 in 20 stands so near to a text of the batch before
    picks = [name for batch in batches for name in batch.ids]
    assert picks == select(pool.take(np.arange(2000)[::-1]), 40, strategy="random").ids
    for n in (10, 20, 30):
        assert select(pool, 10, strategy="random", exclude=pa.table({"id": picks[:n]})).ids == picks[n : n + 10]


@pytest.mark.parametrize("strategy", ["stratified", "alps,random", "typiclust"])
def test_draws_depend_on_what_is_known_and_on_nothing_else(strategy: str, checkpoints: dict[str, Path]) -> None:
    model = str(checkpoints["bert"])
    learner = Learner(TEXTS, Plan(cold=strategy, warm=None), model=model)
    first, second = learner.query(3), learner.query(3)
    assert first.ids == select(TEXTS, 3, strategy=strategy, model=model).ids
    for exclude in (first.texts, first.texts[::-1]):
        again = select(TEXTS[::-1], 3, strategy=strategy, model=model, exclude=exclude)
        assert again.ids == second.ids
        if again.basis is not None and first.basis is not None and second.basis is not None:
            assert again.basis.stream == second.basis.stream != first.basis.stream


def test_released_texts_come_back_and_labels_can_change() -> None:
    learner = Learner(TEXTS, RANDOM)
    batch = learner.query(12)
    learner.teach(dict.fromkeys(batch.ids, "weather"))
    learner.teach({batch.ids[3]: "sport"})
    assert learner.states.labels[batch.ids[3]] == "sport"
    learner.release(batch.ids[:2])
    assert sorted(learner.query(5).ids) == sorted(batch.ids[:2])


def test_a_labelled_text_is_released_before_it_is_skipped() -> None:
    learner = Learner(TEXTS, RANDOM)
    (name,) = learner.query(1).ids
    learner.teach({name: "x"})
    with pytest.raises(AlpsError, match="is labelled; release it"):
        learner.skip([name])
    learner.release([name])
    learner.skip([name])
    assert learner.counts()["skipped"] == 1


def test_copies_of_a_labelled_text_are_not_queried() -> None:
    learner = Learner(["rain", "rain", "sun"], RANDOM)
    ids = learner.pool.ids.to_pylist()
    learner.teach({ids[0]: "x"})
    assert learner.n_left() == 1
    assert learner.query(2).texts == ["sun"]


def test_copies_labelled_differently_are_refused() -> None:
    learner = Learner(["rain", "rain", "sun"], RANDOM)
    first, copied, _ = learner.pool.ids.to_pylist()
    learner.teach({first: "x", copied: "y"})
    with pytest.raises(AlpsError, match=f"The text '{copied}' and an exact copy of it are labelled differently"):
        learner.query(1)
    learner.teach({copied: "x"})
    assert learner.query(1).texts == ["sun"]


def test_unknown_ids_and_classes_are_refused() -> None:
    learner = Learner(TEXTS, RANDOM, labels=["weather", "sport"])
    for call in (
        lambda: learner.teach({"nothing": "sport"}),
        lambda: learner.skip(["nothing"]),
        lambda: learner.release(["nothing"]),
    ):
        with pytest.raises(AlpsError, match="no text with the id 'nothing'"):
            call()
    (name,) = learner.query(1).ids
    with pytest.raises(AlpsError, match="no class 'politics'; the classes are: weather, sport"):
        learner.teach({name: "politics"})
    learner.set_labels(["weather", "sport", "politics"])
    learner.teach({name: "politics"})
    with pytest.raises(AlpsError, match="Texts are labelled 'politics'"):
        learner.set_labels(["weather"])


def test_cold_until_every_class_was_seen_often_enough_then_warm() -> None:
    plan = Plan(cold="random", warm="margin", texts_per_class=2)
    assert plan.strategy(Counter([]), []) == "random"
    assert plan.strategy(Counter(["a", "a"]), []) == "random"  # one class cannot be told apart
    assert plan.strategy(Counter(["a", "a", "b"]), []) == "random"
    assert plan.strategy(Counter(["a", "a", "b", "b"]), []) == "margin"
    assert plan.strategy(Counter(["a", "a", "b", "b"]), ["a", "b", "c"]) == "random"
    with pytest.raises(AlpsError, match="margin needs labels; choose a cold one"):
        Plan(cold="margin")


def test_the_loop_is_algorithm_1(checkpoints: dict[str, Path]) -> None:
    learner = Learner(TEXTS, Plan(cold="bert-km", warm="badge", texts_per_class=1), model=str(checkpoints["bert"]))
    rounds = list(active_learning(learner, gold, 5, 9))
    assert [len(one.batch) for one in rounds] == [5, 5, 2]
    assert [len(one.labels) for one in rounds] == [5, 10, 12]
    assert rounds[0].batch.summary["strategy"] == "bert-km"
    assert rounds[-1].batch.summary["strategy"] == "badge"
    assert {text for one in rounds for text in one.batch.texts} == set(TEXTS)


def test_what_the_oracle_does_not_answer_stays_pending() -> None:
    learner = Learner(TEXTS, RANDOM)
    list(active_learning(learner, lambda batch: {batch.ids[0]: "x"}, 4, 2))
    assert learner.counts() == {"unlabelled": 4, "pending": 6, "labelled": 2, "skipped": 0}


def test_added_texts_are_queried_and_labels_stay() -> None:
    learner = Learner(TEXTS[:3], RANDOM)
    learner.teach(gold(learner.query(3)))
    before = dict(learner.states.labels)
    assert learner.add(["snow in Bern", "a cup in Bonn"]) == 2
    assert learner.states.labels == before
    assert sorted(learner.query(9).texts) == ["a cup in Bonn", "snow in Bern"]


def test_added_texts_keep_ids_of_their_own() -> None:
    learner = Learner(pa.table({"doc": ["1", "2"], "text": ["rain", "sun"]}), RANDOM, id_column="doc")
    learner.add(pa.table({"doc": ["3"], "text": ["snow"]}), id_column="doc")
    assert learner.pool.ids.to_pylist() == ["1", "2", "3"]
    with pytest.raises(AlpsError, match="2"):
        learner.add(pa.table({"doc": ["2"], "text": ["hail"]}), id_column="doc")
    assert learner.pool.n == 3


def test_a_single_batch_is_chosen_by_one_selection_and_handed_out_in_parts(
    tmp_path: Path, checkpoints: dict[str, Path]
) -> None:
    model = str(checkpoints["bert"])
    plan = Plan(cold="alps-single", warm=None, budget=9)
    learner = Learner(TEXTS, plan, model=model)
    rounds = list(active_learning(learner, gold, 3, 4))
    handed_out = [name for one in rounds[:3] for name in one.batch.ids]
    assert handed_out == select(TEXTS, 9, strategy="alps-single", model=model).ids
    assert len(rounds[3].batch) == 3  # beyond the budget it chooses among the rest
    assert len({name for one in rounds for name in one.batch.ids}) == 12

    begun = Learner(TEXTS, plan, model=model)
    begun.teach(gold(begun.query(3)))
    begun.save(tmp_path / "run")
    assert Learner.load(tmp_path / "run", model=model).query(3).ids == handed_out[3:6]


def test_what_is_taken_otherwise_is_not_handed_out(checkpoints: dict[str, Path]) -> None:
    model = str(checkpoints["bert"])
    pool = [*TEXTS, TEXTS[0]]
    chosen = select(pool, 12, strategy="alps-single", model=model)
    learner = Learner(pool, Plan(cold="alps-single", warm=None, budget=12), model=model)
    copies = [learner.pool.ids[i].as_py() for i in (0, 12)]
    learner.skip([next(name for name in copies if name not in chosen.ids)])  # the copy that is not looked at
    learner.teach({chosen.ids[1]: "x"})
    left = [name for name in chosen.ids if name != chosen.ids[1] and name not in copies]
    assert learner.query(12).ids == left


def test_choosing_at_once_needs_a_budget() -> None:
    for plan in ({"cold": "alps-single"}, {"warm": "alps-single"}, {"cold": "alps-single:2,random"}):
        with pytest.raises(AlpsError, match="give the plan a budget"):
            Plan(**plan)
    with pytest.raises(AlpsError, match="budget is 0"):
        Plan(budget=0)


def test_a_model_that_was_trained_is_looked_through_in_the_next_query(checkpoints: dict[str, Path]) -> None:
    model, plan = str(checkpoints["bert"]), Plan(cold="random", warm="margin", texts_per_class=0)
    one, other = (Learner(TEXTS, plan, model=model) for _ in range(2))
    for learner in (one, other):
        learner.teach(gold(learner.query(4)))
    trained = one.train()
    assert one.train() is trained
    first, second = one.query(4), other.query(4)
    assert first.ids == second.ids
    assert "classifiers_trained" not in first.summary
    assert second.summary["classifiers_trained"] == 1
    one.teach(gold(first))
    assert one.train() is not trained


def test_weights_of_a_strategy_count_in_training(tmp_path: Path, checkpoints: dict[str, Path]) -> None:
    model = str(checkpoints["bert"])
    learner = Learner(TEXTS, Plan(cold="bert-km-weighted", warm="margin", texts_per_class=1), model=model)
    batch = learner.query(4)
    assert batch.cluster_sizes is not None and batch.weights is not None
    np.testing.assert_allclose(batch.weights, batch.cluster_sizes / 3)  # twelve texts, four picks: of mean 1
    assert learner.weights == dict(zip(batch.ids, batch.weights.tolist(), strict=True))
    learner.teach({name: "ab"[i % 2] for i, name in enumerate(batch.ids)})
    learner.save(tmp_path / "run")
    assert Learner.load(tmp_path / "run", model=model).weights == learner.weights
    labelled = pa.table({"text": batch.texts, "label": ["a", "b", "a", "b"]})
    options = {"strategy": "entropy", "model": model, "labelled": labelled}
    plain = select(TEXTS, 8, **options)
    assert select(TEXTS, 8, **options, training_weights=dict.fromkeys(batch.ids, 1.0)).ids == plain.ids
    heavy = select(TEXTS, 8, **options, training_weights={batch.ids[0]: 1000.0})
    assert heavy.ids != plain.ids
    assert plain.weights is None


def test_a_weight_takes_the_place_of_the_number_of_copies(checkpoints: dict[str, Path]) -> None:
    """The cluster whose size it is holds the copies already."""
    pool = pa.table({"text": [*TEXTS, *[TEXTS[0]] * 400]})
    labelled = pa.table({"text": TEXTS[:4], "label": ["a", "b", "a", "b"]})
    options = {"strategy": "entropy", "model": str(checkpoints["bert"]), "labelled": labelled}
    often, once = select(pool, 8, **options), select(TEXTS, 8, **options)
    (name,) = select(TEXTS[:1], 1, strategy="random").ids
    assert often.ids != once.ids
    assert select(pool, 8, **options, training_weights={name: 1.0}).ids == once.ids
    assert select(TEXTS, 8, **options, training_weights={name: 401.0}).ids == often.ids


def test_saved_and_loaded_it_goes_on_as_if_nothing_had_been(tmp_path: Path, checkpoints: dict[str, Path]) -> None:
    learner = Learner(
        TEXTS,
        Plan(cold="alps", warm="cal", seed=3),
        labels=["rain", "sun", "a", "rates"],
        model=str(checkpoints["bert"]),
    )
    batch = learner.query(6)
    learner.teach({name: text.split()[0] for name, text in zip(batch.ids[:4], batch.texts[:4], strict=True)})
    learner.skip(batch.ids[4:5])
    learner.save(str(tmp_path / "run"))
    loaded = Learner.load(str(tmp_path / "run"), model=str(checkpoints["bert"]))
    assert (loaded.plan, loaded.labels, loaded.counts()) == (learner.plan, learner.labels, learner.counts())
    assert loaded.query(4).ids == learner.query(4).ids
    with pytest.raises(AlpsError, match="exists already"):
        learner.save(tmp_path / "run")


def test_what_cannot_be_loaded_or_saved_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AlpsError, match="could not be written"):
        Learner(TEXTS).save(tmp_path / "file" / "run")
    with pytest.raises(AlpsError, match=r"learner\.json is missing"):
        Learner.load(tmp_path)
    (tmp_path / "learner.json").write_text("{}")
    with pytest.raises(AlpsError, match="damaged"):
        Learner.load(tmp_path)


class AnyOrder(RuleBasedStateMachine):
    """Whatever is done in whatever order: every text is in one state, and no query returns a taken one."""

    def __init__(self) -> None:
        super().__init__()
        self.learner = Learner(TEXTS, RANDOM)
        self.ids = self.learner.pool.ids.to_pylist()

    @precondition(lambda self: self.learner.n_left())
    @rule(k=st.integers(1, 5))
    def query(self, k: int) -> None:
        taken = set(self.learner.states.taken())
        batch = self.learner.query(k)
        assert not taken & set(batch.ids)
        assert len(batch) == min(k, len(TEXTS) - len(taken))

    @rule(i=st.integers(0, 11), label=st.sampled_from("ab"))
    def teach(self, i: int, label: str) -> None:
        self.learner.teach({self.ids[i]: label})
        assert self.learner.states.labels[self.ids[i]] == label

    @rule(i=st.integers(0, 11))
    def skip(self, i: int) -> None:
        if self.ids[i] not in self.learner.states.labels:
            self.learner.skip([self.ids[i]])

    @rule(i=st.integers(0, 11))
    def release(self, i: int) -> None:
        self.learner.release([self.ids[i]])

    @invariant()
    def one_state_each(self) -> None:
        taken = self.learner.states.taken()
        assert len(taken) == len(set(taken))
        assert self.learner.counts()["unlabelled"] == len(TEXTS) - len(taken) == self.learner.n_left()


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)


def test_texts_of_several_labels(tmp_path: Path) -> None:
    """Collections of labels reach the warm strategy, survive a save, and do not go with single labels."""
    plan = Plan(cold="random", warm="entropy", texts_per_class=1)
    learner = Learner(TEXTS, plan, labels=["weather", "sport"], cache_dir=tmp_path / "cache")
    batch = learner.query(4)
    learner.teach({batch.ids[0]: ["weather", "sport"], batch.ids[1]: [], batch.ids[2]: {"sport"}})
    assert learner.states.labels[batch.ids[0]] == ("sport", "weather")
    assert learner.states.class_counts() == {"sport": 2, "weather": 1}
    assert learner.query(2).summary["strategy"] == "entropy"
    learner.save(tmp_path / "saved")
    again = Learner.load(tmp_path / "saved", cache_dir=tmp_path / "cache")
    assert again.states == learner.states
    assert again.query(3).texts == learner.query(3).texts
    with pytest.raises(AlpsError, match="no class 'food'"):
        learner.teach({batch.ids[3]: ["food"]})
    with pytest.raises(AlpsError, match="give a collection for every text"):
        learner.teach({batch.ids[3]: "sport"})
    with pytest.raises(AlpsError, match="keep that class"):
        learner.set_labels(["sport"])
