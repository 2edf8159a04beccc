"""Stopping rules: each on a standing with the answer in view, and what and / or make of them."""

from __future__ import annotations

import itertools
import math

import pytest

from alps.learning.stopping import (
    Rule,
    Standing,
    Verdict,
    budget,
    classes_seen,
    falling_gain,
    stable_predictions,
    target_accuracy,
)

CASES = [
    (budget(100), Standing(n_labelled=99), False),
    (budget(100), Standing(n_labelled=100), True),
    (target_accuracy(0.9), Standing(), False),
    (target_accuracy(0.9), Standing(accuracy_low=0.899), False),
    (target_accuracy(0.9), Standing(accuracy_low=0.9), True),
    (stable_predictions(0.99, 3), Standing(agreements=[1.0, 1.0]), False),
    (stable_predictions(0.99, 3), Standing(agreements=[1.0, math.nan, 1.0]), False),  # two models named one class only
    (stable_predictions(0.99, 3), Standing(agreements=[0.1, 0.98, 1.0, 1.0]), True),  # the mean of the last three
    (stable_predictions(0.99, 3), Standing(agreements=[1.0, 0.9, 1.0, 1.0]), False),
    (falling_gain(0.01, 2), Standing(scores=[0.5, 0.5]), False),
    (falling_gain(0.01, 2), Standing(scores=[0.5, 0.80, 0.81, 0.815]), True),
    (falling_gain(0.01, 2), Standing(scores=[0.5, 0.80, 0.81, 0.83]), False),
    (falling_gain(0.01, 2), Standing(scores=[0.5, 0.8, 0.7, 0.6]), True),
    (classes_seen(2), Standing(texts_per_class={"a": 2, "b": 1}), False),
    (classes_seen(2), Standing(texts_per_class={"a": 2, "b": 2}), True),
    (classes_seen(2), Standing(), False),
]


@pytest.mark.parametrize(("rule", "standing", "met"), CASES)
def test_each_rule(rule: Rule, standing: Standing, met: bool) -> None:
    assert rule.judge(standing).met == met
    assert rule.source
    assert rule.recommendation(standing).startswith("You may stop: " if met else "Go on: ")


@pytest.mark.parametrize(("one", "other"), list(itertools.product([False, True], repeat=2)))
def test_and_or(one: bool, other: bool) -> None:
    first, second = (Rule(lambda _, met=met, name=name: Verdict(met, name)) for met, name in ((one, "A"), (other, "B")))
    assert (first & second).judge(Standing()).met == (one and other)
    assert (first | second).judge(Standing()).met == (one or other)


def test_the_person_hears_what_decided() -> None:
    now = Standing(n_labelled=120, texts_per_class={"spam": 1, "ham": 60}, accuracy_low=0.8)
    rule = (budget(100) & classes_seen(5)) | target_accuracy(0.9)
    assert rule.recommendation(now) == (
        "Go on: spam has fewer than 5 labelled texts, and the accuracy is at least 80.0%, and 90.0% is the target."
    )
    assert budget(100).recommendation(now) == "You may stop: 120 of 100 texts are labelled."


def test_what_is_compared_and_scored_is_told_with_the_labels_that_it_takes() -> None:
    rule = stable_predictions(apart=50) & falling_gain(apart=50)
    assert rule.recommendation(Standing(scores=[0.8])) == (
        "Go on: it is too early to tell whether the predictions still change (0 of 3 comparisons of two models trained "
        "at least 50 labels apart; about 150 more labels are needed), and it is too early to tell whether the accuracy "
        "still rises (known for 1 of 4 models trained at least 50 labels apart; about 150 more labels are needed)."
    )
    assert falling_gain(apart=50).judge(Standing()).reason.endswith("about 150 more labels are needed)")
    assert "; about 50 more labels" in stable_predictions(apart=50).judge(Standing(agreements=[1.0, 1.0])).reason
    assert rule.recommendation(Standing(agreements=[1.0] * 3, scores=[0.8, 0.9, 0.9, 0.803])) == (
        "You may stop: the predictions hardly change (agreement 1.000 over 3 comparisons of two models trained at "
        "least 50 labels apart), and the accuracy changed by +0.1 points a step of at least 50 labels, over the last 3."
    )


def test_names_of_classes_are_made_safe() -> None:
    told = classes_seen().recommendation(Standing(texts_per_class={"\x1b[31mred": 0}))
    assert "\x1b" not in told
