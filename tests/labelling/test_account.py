"""What the account says holds: its intervals, over whole simulated labellings that are looked at all the time."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from alps.analysis.confidence_sequence import confidence_sequence
from alps.analysis.extrapolation import fit_curves
from alps.labelling.account import FEWEST_AUDITED, account, accuracy, class_shares, expected_gain, labels_saved
from alps.labelling.events import Event, record
from alps.labelling.new_project import create_project
from alps.labelling.plain_words import told
from alps.labelling.project import Project
from alps.labelling.trainings import begin_training, end_training

N_POOL, N_CLASSES, N_LABELS, EVERY, AUDIT = 1500, 3, 600, 10, 0.1
N_LABELLINGS = 60


class Looks(NamedTuple):
    """Of one labelling, whether the intervals were right at each look."""

    accuracy: npt.NDArray[np.bool_]  # of the model of the time
    first: npt.NDArray[np.bool_]  # of the first model, all the time
    shares: npt.NDArray[np.bool_]  # (looks, classes)


def labelling(seed: int) -> Looks:
    """One labelling: picks by uncertainty, a new model every ten labels, a look after every label of the audit."""
    generator = np.random.default_rng(seed)
    truth = generator.choice(N_CLASSES, N_POOL, p=(0.6, 0.3, 0.1))
    texts = generator.normal(size=(N_CLASSES, 5))[truth] + generator.normal(size=(N_POOL, 5))
    audit = generator.permutation(N_POOL)[: int(AUDIT * N_POOL)]
    free = np.setdiff1d(np.arange(N_POOL), audit)
    labelled = list(generator.choice(free, EVERY, replace=False))
    shares = np.bincount(truth, minlength=N_CLASSES) / N_POOL
    looks, first = [], None
    for n_audited in range(1, int(AUDIT * N_LABELS)):
        distances = _distances(texts, labelled, truth)
        right = distances.argmin(axis=1) == truth
        first = right if first is None else first
        seen = audit[:n_audited]
        counts = np.bincount(truth[seen], minlength=N_CLASSES)
        values = [(right[seen].sum(), right.mean()), (first[seen].sum(), first.mean()),
                  *zip(counts, shares, strict=True)]  # fmt: skip
        found = [(confidence_sequence(int(count), n_audited), value) for count, value in values]
        looks.append([interval.low <= value <= interval.high for interval, value in found])
        nearest, second = np.sort(distances, axis=1)[:, :2].T
        candidates = np.setdiff1d(free, labelled)
        labelled += candidates[np.argsort((second - nearest)[candidates])][: EVERY - 1].tolist()
    table = np.array(looks)
    return Looks(table[:, 0], table[:, 1], table[:, 2:])


def _distances(
    texts: npt.NDArray[np.float64], labelled: list[int], truth: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Squared distances to the mean of the labelled texts of each class; a class without any is far from all."""
    distances = np.full((len(texts), N_CLASSES), 1e6)
    for c in range(N_CLASSES):
        mine = [i for i in labelled if truth[i] == c]
        if mine:
            distances[:, c] = ((texts - texts[mine].mean(axis=0)) ** 2).sum(axis=1)
    return distances


def coverages(n: int) -> dict[str, float]:
    """Shares of n labellings in which an interval was right at every look, and of single looks."""
    looks = [labelling(seed) for seed in range(n)]
    return {
        "accuracy of the model of the time, every look": float(np.mean([one.accuracy.all() for one in looks])),
        "accuracy of one model, every look": float(np.mean([one.first.all() for one in looks])),
        "share of a class, every look": float(np.mean([one.shares.all(axis=0) for one in looks])),
        "accuracy of the model of the time, a single look": float(np.mean([one.accuracy.mean() for one in looks])),
    }


def check(found: dict[str, float], slack: float) -> None:
    assert 0.90 - slack <= found["accuracy of the model of the time, every look"] <= 0.98 + slack, found
    assert 0.95 - slack <= found["accuracy of one model, every look"], found
    assert 0.95 - slack <= found["share of a class, every look"], found
    assert found["accuracy of the model of the time, a single look"] >= 0.98, found


def test_intervals_hold_over_whole_labellings_that_are_looked_at_all_the_time() -> None:
    check(coverages(N_LABELLINGS), slack=0.06)  # three standard errors of a share of 0.97 in so few


@pytest.mark.slow
def test_95_percent_intervals_cover_between_90_and_98_percent_of_whole_labellings() -> None:
    check(coverages(300), slack=0.0)


def audited(project: Project, n: int) -> dict[int, str]:
    """Label n texts as if all were of the audit, every third as bad; returns number -> label."""
    with project.database.transaction() as connection:
        connection.execute("UPDATE texts SET audit = number")
    truth = {number: "bad" if number % 3 == 0 else "good" for number in range(1, n + 1)}
    events = [Event(str(number), "label", f"t{number - 1}", (label,)) for number, label in truth.items()]
    assert not record(project, events, "Ann")[1]
    return truth


def train(project: Project, n_labels: int, truth: dict[int, str], n_wrong: int, **facts: Any) -> None:
    """Record a model that is wrong on the first texts."""
    other = {"good": "bad", "bad": "good"}
    predicted = {i: [other[label] if place < n_wrong else label] for place, (i, label) in enumerate(truth.items())}
    end_training(project, begin_training(project, "probe"), n_labels=n_labels, audit=predicted, **facts)


def test_accuracy_and_shares_are_those_of_the_audit(project: Project) -> None:
    assert accuracy(project) is None
    truth = audited(project, 30)
    train(project, 50, truth, 3)
    assert accuracy(project) == confidence_sequence(27, 30)
    assert class_shares(project) == {"good": confidence_sequence(20, 30), "bad": confidence_sequence(10, 30)}
    assert accuracy(project, "finetune") is None
    record(project, [Event("again", "label", "t0", ("bad",))], "Ann")  # a label that is put right counts as it stands
    assert accuracy(project) == confidence_sequence(28, 30)


def test_of_few_texts_counts_are_told_and_no_share(project: Project) -> None:
    truth = audited(project, 9)
    train(project, 40, truth, 2)
    (model,) = told(project)
    assert "right on 7 of 9 texts drawn at random; how good it is will be known from 10 on" in model
    assert account(project)["audit"]["needed_for_a_share"] == 10  # the dashboard follows the same rule
    assert "%" not in model
    train(project, 40, audited(project, 10), 2)
    assert any("right on 80% of texts drawn at random" in line for line in told(project))


def test_the_gain_is_foretold_from_the_curve_of_all_models(project: Project) -> None:
    assert FEWEST_AUDITED == 30
    truth = audited(project, 30)
    for n_labels, n_wrong in ((25, 15), (50, 11), (100, 8)):
        train(project, n_labels, truth, n_wrong)
    assert expected_gain(project) is None  # too few models
    train(project, 200, truth, 6)
    gain = expected_gain(project)
    assert gain is not None
    assert -0.1 < gain.low < 0.0 < gain.estimate < gain.high < 0.2
    assert 0.01 < gain.estimate < 0.06
    for n_labels in (300, 400):
        train(project, n_labels, truth, 6)  # which says what the one before said
    steady = expected_gain(project)
    assert steady is not None
    assert 0.0 < steady.estimate < gain.estimate
    assert -0.01 < steady.low < 0.0 < steady.high < gain.high


def test_labels_saved_are_told_from_a_hundred_labels_of_the_audit_on(tmp_path: Path) -> None:
    project = create_project(tmp_path / "p.alps", ["good", "bad"], name="p")
    project.add_texts([f"t{i}" for i in range(3000)], [f"film number {i}" for i in range(3000)])
    law = [0.95 - size**-0.5 for size in (10, 20, 40, 80)]
    curve = {"sizes": [10, 20, 40, 80], "scores": [law] * 40}
    truth = audited(project, 99)
    train(project, 60, truth, 10, against_random=curve)
    assert labels_saved(project) is None
    truth = audited(project, 120)
    train(project, 60, truth, 18, against_random=curve)  # right on 0.85, for which random needs 100
    saved = labels_saved(project)
    assert saved is not None and saved.estimate is not None and saved.n == 120
    assert abs(saved.estimate - 40) < 10
    assert saved.low < 0 < saved.estimate and (saved.high is None or saved.high > saved.estimate)
    assert list(told(project))[-1] == (  # an estimate whose sign is not known would mislead
        "labels saved against random: cannot be told from 120 labels of the audit, "
        f"anything from {saved.low} to {'more than 2940' if saved.high is None else saved.high}; more of them narrow it"
    )
    assert account(project)["labels_saved"]["certain"] is False
    train(project, 60, truth, 0, against_random=curve)  # better than random ever becomes
    beyond = labels_saved(project)
    assert beyond == (None, 2940, None, 120, 2940)  # in every resample random would need more than the 3,000 texts
    assert account(project)["labels_saved"]["certain"] is True
    assert list(told(project))[-1] == (
        "labels saved against random, an extrapolation: more than 2940 "
        "(2940 to more than 2940; the pool has only 2940 more)"
    )
    project.close()


@pytest.mark.parametrize(("n_texts", "n_audit", "said"), [
    (600, 71, "a new project with --audit-share 0.2 has a larger audit"),
    (150, 15, "texts that are added with --add make it larger"),
    (600, 100, None),
])  # fmt: skip
def test_an_audit_that_is_too_small_for_the_labels_saved_is_told(
    n_texts: int, n_audit: int, said: str | None, tmp_path: Path
) -> None:
    project = create_project(tmp_path / "p.alps", ["good", "bad"], name="p")
    project.add_texts([f"t{i}" for i in range(n_texts)], [f"film number {i}" for i in range(n_texts)])
    truth = audited(project, 12)
    with project.database.transaction() as connection:
        connection.execute("UPDATE texts SET audit = NULL WHERE number > ?", (n_audit,))
    train(project, 60, truth, 2)
    never, line = account(project)["labels_saved_never"], list(told(project))[-1]
    if said is None:
        assert never is None
        assert line == "labels saved against random: told from 100 labels of the audit on; there are 12"
        record(project, [Event("s", "skip", "t50")], "Ann")
        assert "has 100 texts, 1 of them skipped, and 100 labels" in account(project)["labels_saved_never"]
    else:
        assert never == f"the audit of this project has {n_audit} texts, and 100 labels of it are needed; {said}"
        assert line == f"labels saved against random: cannot be told, because {never}"
    project.close()


@pytest.mark.parametrize("exponent", [0.2, 0.35, 0.75, 1.5])
def test_a_curve_that_follows_the_law_is_prolonged_as_it_goes_on(exponent: float) -> None:
    sizes = np.array([25, 50, 100, 200, 400, 800])
    curves = fit_curves(sizes, [0.9 - 0.8 * sizes**-exponent])
    assert curves.a[0] == pytest.approx(0.9, abs=0.02)
    assert curves.c[0] == pytest.approx(exponent, rel=0.01)
    at_twice = 0.9 - 0.8 * 1600**-exponent
    assert curves.at(1600)[0] == pytest.approx(at_twice, abs=0.001)
    if exponent < 1:  # at 1.5 the curve is flat there
        assert curves.labels_for(at_twice)[0] == pytest.approx(1600, rel=0.05)


def test_a_curve_that_never_comes_so_far_needs_infinitely_many_labels() -> None:
    curves = fit_curves([10, 100, 1000], [[0.5, 0.5, 0.5], [0.9 - 1.0 / 10, 0.9 - 1.0 / 100, 0.9 - 1.0 / 1000]])
    assert curves.labels_for(0.6)[0] == np.inf
    assert curves.labels_for(0.89)[1] == pytest.approx(100)
    assert curves.at(100)[1] == pytest.approx(0.89)
