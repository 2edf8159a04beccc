"""The paper's experiments: what is planned, and that a small machine can run it."""

from __future__ import annotations

import csv
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from alps.reports.run_report import write_run_report
from alps.reports.run_texts import TextFinder
from alps.simulation.data_sets import read_folder
from alps.simulation.grid import PAPER_SEEDS
from alps.simulation.reproduction import full_plan, small_data, small_plan
from alps.simulation.results import FULL, read_run
from alps.simulation.runner import simulate
from tests.checkpoints import save_checkpoint
from tests.processes import run_alps
from tests.simulation.conftest import lines


def test_the_full_plan_is_the_published_setting() -> None:
    plan = {run.name: run for run in full_plan()}
    assert {*plan} == {
        f"{name}{end}" for name in ("ag_news", "imdb", "pubmed", "sst2") for end in ("", "-0.1", "-0.2", "-alone")
    }
    for run in plan.values():
        run.grid.check()
        settings = run.grid.settings
        assert (settings.k, settings.recipe, settings.max_length, settings.kmeans) == (100, "paper", 128, "released")
        assert run.grid.classifiers == ("finetune",)
        scibert = run.grid.datasets == ("pubmed",)
        assert settings.model == ("allenai/scibert_scivocab_uncased" if scibert else "bert-base-uncased")
        assert (settings.share is False) == (run.jobs == 1) == run.name.endswith("alone")
    assert plan["sst2"].grid.seeds == PAPER_SEEDS
    assert plan["sst2"].grid.settings.rounds == 10
    assert {"alps", "badge-normalised", "ft-bert-km", "entropy", "random", FULL} <= {*plan["sst2"].grid.strategies}


def test_the_full_setting_runs_from_local_folders_and_fine_tunes(tiny: Path, tmp_path: Path) -> None:
    model = save_checkpoint("bert", tmp_path / "bert", lines(60).splitlines())
    main, _, _, alone = full_plan([str(tiny)], str(model))
    main = replace(main, grid=replace(
        main.grid, strategies=("alps", "ft-bert-km", "badge-normalised", FULL), seeds=(3,),
        settings=replace(main.grid.settings, k=6, rounds=2),
    ))  # fmt: skip
    alone = replace(alone, grid=replace(alone.grid, settings=replace(alone.grid.settings, k=6)))
    runs = []
    for run in (main, alone):
        runs.append(tmp_path / run.name)
        simulate(run.grid, runs[-1], jobs=1, cache_folder=tmp_path / "cache")
    curves = {curve.cell.strategy: curve for curve in read_run(runs[0])}
    assert {name: len(curve.rounds) for name, curve in curves.items()} == {
        "alps": 2, "ft-bert-km": 2, "badge-normalised": 2, FULL: 1,
    }  # fmt: skip
    assert all(0 <= each.scores["test"]["micro_f1"] <= 1 for curve in curves.values() for each in curve.rounds)
    out = tmp_path / "out"
    out.mkdir()
    write_run_report(runs, out, finder=TextFinder(cache_folder=tmp_path / "cache"))
    _, *rows = csv.reader((out / "table_2_runtime.csv").read_text(encoding="utf-8").splitlines())
    assert {row[1]: row[-1] for row in rows} == {  # how many rounds each chose itself
        "alps": "2", "random": "2", "bert-km": "2",
        "badge": "1", "badge-normalised": "1", "entropy": "1", "ft-bert-km": "1",
    }  # fmt: skip
    names = {path.name for path in out.iterdir()}
    assert "figure_2_panel_1.svg" in names
    assert "figure_2_panel_2.svg" not in names  # the run that is only timed has no figures of its own


def test_a_large_data_set_is_cut_and_stays_what_it_was(tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.mkdir()
    (large / "train.tsv").write_text(lines(2600), encoding="utf-8")
    (large / "test.tsv").write_text(lines(700, start=2600), encoding="utf-8")
    place = small_data(large, tmp_path / "data")
    data = read_folder(place)
    assert data.name == "large"
    assert data.sizes() == {"train": 2000, "dev": 260, "test": 600}
    assert data.train.labels.tolist().count("sport") == 1000
    before = (place / "train.csv").stat().st_mtime_ns
    assert small_data(large, tmp_path / "data") == place
    assert (place / "train.csv").stat().st_mtime_ns == before


def test_the_small_plan_needs_neither_network_nor_fine_tuning(tiny: Path) -> None:
    for run in small_plan(str(tiny)):
        run.grid.check()
        assert run.grid.classifiers == ("probe",)
        assert run.grid.settings.model == "bundled"
    assert run.jobs == 1
    assert {*run.grid.strategies} == {"alps", "random", "bert-km", "badge", "badge-normalised", "entropy"}


@pytest.mark.slow
def test_the_command_simulates_and_reports_and_goes_on(tiny: Path, tmp_path: Path) -> None:
    line = [sys.executable, "-m", "alps.cli.main", "reproduce", "--data", str(tiny), "--output-dir", "out"]
    line += ["--jobs", "1", "--cache-dir", "cache"]
    first = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Run 4 of 4: tiny-alone." in first.stderr
    names = {path.name for path in (tmp_path / "out" / "report").iterdir()}
    assert {"report.html", "table_2_runtime.csv", "table_4_token_fractions.csv"} <= names
    assert any(name.startswith("figure_6") for name in names)
    again = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "rounds:" not in again.stderr


def test_a_place_for_the_results_is_asked_for(tmp_path: Path) -> None:
    result = run_alps(["reproduce"], tmp_path)
    assert result.code == 2
    assert "--output-dir" in result.err
