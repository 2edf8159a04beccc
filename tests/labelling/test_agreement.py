"""Agreement, by hand."""

from __future__ import annotations

import pytest

from alps.labelling.agreement import krippendorff_alpha, mean_cohen_kappa


def test_alpha_of_krippendorff_s_own_example() -> None:
    # "Computing Krippendorff's Alpha-Reliability" (2011), section C: four observers, twelve units, alpha = 0.743.
    observers = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
    units = [[row[i] for row in observers if row[i] != "."] for i in range(12)]
    assert krippendorff_alpha(units) == pytest.approx(0.743, abs=0.001)


def test_alpha_of_two_observers_on_ten_units() -> None:
    # The same paper, section A: binary data, alpha = 0.095.
    pairs = zip("0100000010", "1110010000", strict=True)
    assert krippendorff_alpha([list(pair) for pair in pairs]) == pytest.approx(0.095, abs=0.001)


def test_alpha_has_an_end_and_a_zero() -> None:
    assert krippendorff_alpha([["a", "a"], ["b", "b", "b"]]) == 1
    assert krippendorff_alpha([["a", "a"], ["a", "a"]]) is None
    assert krippendorff_alpha([]) is None


def test_kappa_by_hand() -> None:
    # Agreement 3/4; by chance 3/4 * 1/2 + 1/4 * 1/2 = 1/2; kappa = (3/4 - 1/2) / (1 - 1/2).
    pairs = [("a", "a"), ("a", "a"), ("b", "b"), ("a", "b")]
    answers = {str(i): {"Ann": first, "Bo": second} for i, (first, second) in enumerate(pairs)}
    assert mean_cohen_kappa(answers) == pytest.approx(0.5)
    assert mean_cohen_kappa({"1": {"Ann": "a"}}) is None


def test_kappa_of_three_is_the_mean_by_common_texts() -> None:
    answers = {
        "1": {"Ann": "a", "Bo": "a", "Cy": "a"}, "2": {"Ann": "b", "Bo": "b"}, "3": {"Ann": "a", "Bo": "a"},
        "4": {"Ann": "b", "Bo": "b", "Cy": "a"},
    }  # fmt: skip
    # Ann and Bo: 1 on four texts; Ann and Cy, Bo and Cy: 0 on two texts each.
    assert mean_cohen_kappa(answers) == pytest.approx(4 / 8)
