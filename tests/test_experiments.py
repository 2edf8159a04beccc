"""The experiments draw with the library's own selectors, and compare like with like."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors import kmeans, stratified
from alps.selectors.equal_size_clusters import equal_size_clusters
from alps.simulation.data_sets import read_folder
from alps.simulation.results import Cell, Curve, Round

FEATURES = Features(np.random.default_rng(0).normal(size=(200, 5)).astype(np.float32), np.ones(200, dtype=np.int64))
EVERYTHING, NOTHING = np.arange(200), np.empty(0, dtype=np.int64)
STREAM, K = Stream(3, "encoder"), 16


@pytest.fixture
def experiments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parents[1] / "experiments"), *sys.path])


@pytest.fixture
def cold_start(experiments: None) -> ModuleType:
    return import_module("cold_start")


def test_equal_random_is_stratified(cold_start: ModuleType) -> None:
    groups = equal_size_clusters(FEATURES, K, STREAM.child("strata"))
    arms = {name: picks for name, picks, _ in cold_start.equal_arms(FEATURES, groups, K, STREAM)}
    expected = stratified.select(FEATURES, EVERYTHING, NOTHING, K, STREAM).rows
    assert sorted(arms["equal random none"]) == sorted(expected)
    assert all(len(np.unique(picks)) == K for picks in arms.values())


def test_free_nearest_is_k_means_and_its_weights_are_the_sizes(cold_start: ModuleType) -> None:
    arms = {name: (picks, weights) for name, picks, weights in cold_start.free_arms(FEATURES, K, STREAM)}
    expected = kmeans.select(FEATURES, EVERYTHING, NOTHING, K, STREAM.child("kmeans"))
    picks, weights = arms["free nearest full"]
    assert np.array_equal(picks, expected.rows)
    assert np.array_equal(weights, expected.cluster_sizes)
    assert arms["free nearest none"][1] is None
    assert np.allclose(arms["free nearest sqrt"][1] ** 2, weights)
    assert sum(arms["free random full"][1]) == 200


def test_core_is_the_nearer_half(cold_start: ModuleType) -> None:
    line = Features(np.array([[0.0], [3.0], [1.0], [2.0], [9.0]], dtype=np.float32), np.ones(5, dtype=np.int64))
    assert cold_start.core(line, np.array([1, 2, 3, 4]), np.array([0.5], dtype=np.float32)).tolist() == [2, 3]


def curve(data_set: str, strategy: str, seed: int, scores: list[float], rounds: int = 2) -> Curve:
    done = [
        Round(
            i + 1, 100 * (i + 1), [], [], {"test": {"micro_f1": score, "macro_f1": score / 2}}, seconds={"select": 1.0}
        )
        for i, score in enumerate(scores)
    ]
    settings = {"rounds": rounds, "k": 100, "sizes": {"train": 100 if data_set == "tiny" else 1_000}}
    return Curve(Cell(data_set, strategy, "probe", seed), settings, tuple(done))


def test_gains_of_learning_curves_are_those_of_the_same_seed_and_finished(
    experiments: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tables = import_module("learning_curve_tables")
    run = [
        curve("news", "random", 0, [0.5, 0.7]),
        curve("news", "random", 1, [0.6, 0.8]),
        curve("news", "alps", 0, [0.6, 0.7]),
        curve("news", "alps", 1, [0.9]),  # not finished
        curve("mail", "random", 0, [0.5, 0.5]),
        curve("mail", "alps", 0, [0.4, 0.3]),
        curve("mail", "alps", 7, [1.0, 1.0]),  # Random has no such seed
    ]
    monkeypatch.setattr(tables, "read_run", lambda folder: run)
    curves = tables.read(tmp_path)
    rounds = tables.round_lines(curves)
    alps_rounds = [(line["data_set"], line["n_labelled"], line["n"]) for line in rounds if line["strategy"] == "alps"]
    assert alps_rounds == [("mail", 100, 1), ("mail", 200, 1), ("news", 100, 1), ("news", 200, 1)]
    gains = [line["gain"] for line in rounds if line["strategy"] == "alps"]
    assert np.allclose(gains, [-10, -20, 10, 0])
    monkeypatch.setattr(tables, "read_run", lambda folder: [curve("tiny", "random", 0, [0.5])])
    assert [*tables.read(tmp_path)] == [("tiny", "random")]  # whose pool ran out after a round
    areas = {(line["data_set"], line["strategy"]): line["area_gain"] for line in tables.set_lines(curves)}
    assert np.allclose([areas["mail", "alps"], areas["news", "alps"], areas["news", "random"]], [-15, 5, 0])
    columns, (first, second) = tables.strategy_lines(curves, rounds)
    assert (first["strategy"], second["strategy"]) == ("random", "alps")
    assert np.allclose([second["area_gain"], second["gain_100"], second["gain_200"]], [-5, 0, -10])
    assert (second["worst_cell"], second["n_curves"]) == ("mail 200", 2)
    assert set(second) == set(columns)
    (line,) = tables.comparison_lines(curves)
    assert (line["strategy"], line["n"], line["wins"]) == ("alps", 2, 1)
    assert line["area_gain"] == pytest.approx(-5)


def test_a_seed_with_fewer_rounds_counts_where_it_has_them(experiments: None) -> None:
    tables = import_module("learning_curve_tables")
    short = curve("news", "alps", 1, [0.9])
    curves = {
        ("news", "random"): {0: curve("news", "random", 0, [0.5, 0.7]), 1: curve("news", "random", 1, [0.5, 0.8])},
        ("news", "alps"): {0: curve("news", "alps", 0, [0.6, 0.8]), 1: short},
    }
    lines = [line for line in tables.round_lines(curves) if line["strategy"] == "alps"]
    assert [(line["n_labelled"], line["n"]) for line in lines] == [(100, 2), (200, 1)]
    assert np.allclose([line["gain"] for line in lines], [25, 10])


def test_weights_bring_classes_back_to_their_shares(experiments: None) -> None:
    anatomy = import_module("rounds_anatomy")
    targets = np.array([[1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0]], dtype=bool)  # the third class was never chosen
    weights = anatomy.weights_to(np.array([0.5, 0.3, 0.2]), targets)
    assert np.allclose(weights, [2 / 3, 2 / 3, 2 / 3, 1.2])


def test_the_first_labels_of_a_curve_are_those_of_its_picks(experiments: None, tmp_path: Path) -> None:
    rows = {"train": "x,a,good\nc,b,bad\na,c,good\nb,d,bad\n", "dev": "e,e,bad\n", "test": "f,f,good\n"}
    for name, lines in rows.items():
        (tmp_path / f"{name}.csv").write_text("id,text,label\n" + lines, encoding="utf-8")
    rounds = (Round(1, 1, ["b"], ["bad"], {}), Round(2, 2, ["x"], ["good"], {}), Round(3, 3, ["a"], ["good"], {}))
    picked = Curve(Cell("news", "random", "probe", 0), {}, rounds)
    found = import_module("trained_again").first_labels(picked, read_folder(tmp_path), 2)
    assert list(found.texts.take(np.arange(2))) == ["d", "a"]
    assert [found.labels[target] for target in found.targets.argmax(axis=1)] == ["bad", "good"]


def labelling_run(module: ModuleType, accuracy: float, saved: dict[str, int | None]) -> dict[str, Any]:
    """A simulated labelling whose models say the truth of 9 in 10 texts of the audit, and change nothing any more."""
    sizes = range(module.EVERY, module.LOOKS[-1] + module.NEXT + 1, module.EVERY)
    gold = [i % 2 for i in range(module.AUDIT)]
    predicted = [1 - label if i % 10 == 0 else label for i, label in enumerate(gold)]
    return {
        "accuracy": {str(n): accuracy for n in sizes},
        "predicted": {str(n): predicted for n in sizes},
        "gold": gold,
        "looks": [{"n": 1000, "saved": saved}],
        "random": [[0.5 + n / 10_000 for n in module.RANDOM_SIZES]] * module.RANDOM_DRAWS,
    }


def test_what_was_foretold_is_held_against_what_came(
    experiments: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    foretold = import_module("foretold")
    told: list[dict[str, int | None]] = [
        {"low": -500, "estimate": 100, "high": None, "n": 100, "most": 2000},  # 0.65 takes 1,500 random labels
        {"low": 600, "estimate": 700, "high": 800, "n": 100, "most": 2000},
        {"low": 2000, "estimate": None, "high": None, "n": 100, "most": 2000},  # "more than 2,000" is wrong too
        {"low": 100, "estimate": 200, "high": 300, "n": 100, "most": 2000},
    ]
    for seed, saved in enumerate(told):
        run = labelling_run(foretold, 0.65, saved)
        (tmp_path / f"{seed:03d}-news.json").write_text(json.dumps(run))
    table = {(line["foretold"], line["data_set"]): line for line in foretold.lines(tmp_path)}
    saved = table["saved", "news"]
    assert (saved["n"], saved["inside"], saved["truth_below"], saved["truth_above"]) == (4, 0.25, 0.5, 0.25)
    assert saved["certain"] == 0.75
    assert saved["truth_median"] == pytest.approx(500)
    gain = table["gain", "all"]
    assert (gain["n"], gain["inside"], gain["truth_median"]) == (4 * len(foretold.LOOKS), 1.0, 0.0)


def test_random_labels_that_never_come_so_far_are_infinitely_many(experiments: None) -> None:
    foretold = import_module("foretold")
    curve = np.linspace(0.5, 0.8, len(foretold.RANDOM_SIZES))
    assert foretold.labels_for(curve, 0.81) == np.inf
    assert foretold.labels_for(curve, 0.8) == pytest.approx(foretold.RANDOM_SIZES[-1])
    assert foretold.labels_for(curve, curve[3]) == pytest.approx(foretold.RANDOM_SIZES[3])
