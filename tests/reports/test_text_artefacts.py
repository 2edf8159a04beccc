"""What a report makes from texts, on a small run of the bundled model."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from alps.analysis.diversity import diversities
from alps.base.streams import Stream
from alps.models.entropy import predictive_entropy
from alps.reports.diversity_figure import measure
from alps.reports.run_report import write_run_report
from alps.reports.run_texts import TextFinder
from alps.reports.score_curves import Panel, gather_panels
from alps.selectors.kmeans import fit_centres
from alps.selectors.nearest import nearest_distinct
from alps.simulation.grid import Grid, Settings
from alps.simulation.results import FULL, read_run
from alps.simulation.runner import simulate
from tests.simulation.conftest import lines

STRATEGIES = ("alps", "alps-kmeans++", "alps-single", "alps-tokens", "alps-masked", "random", FULL)
FIGURES = {f"figure_{name}.{end}" for end in ("svg", "png", "csv") for name in (
    "1_panel_1", "2_panel_1", "3_panel_1", "4_panel_1_encoder", "4_panel_1_surprisal", "5_panel_1", "6_panel_1_alps",
    "6_panel_1_alps-kmeanspp",
)}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a data set, its run and the cache."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "tiny").mkdir()
    (folder / "tiny" / "train.tsv").write_text(lines(60), encoding="utf-8")
    (folder / "tiny" / "test.tsv").write_text(lines(20, start=60), encoding="utf-8")
    grid = Grid((str(folder / "tiny"),), STRATEGIES, ("probe",), (3, 4), Settings(k=6, rounds=2))
    simulate(grid, folder / "run", jobs=1, cache_folder=folder / "cache")
    return folder


def panel_of(place: Path) -> Panel:
    (panel,) = gather_panels(read_run(place / "run"))
    return panel


def test_every_figure_and_table_of_the_paper_is_there(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # another folder than that of the simulation
    out = tmp_path / "out"
    out.mkdir()
    write_run_report([place / "run"], out, finder=TextFinder(cache_folder=place / "cache"))
    names = {path.name for path in out.iterdir()}
    assert names >= FIGURES
    tables = ("1_data_sets", "2_runtime", "3_single_against_iterative", "4_token_fractions", "5_panel_1")
    assert names >= {f"table_{name}.{end}" for name in tables for end in ("csv", "md", "tex")}
    assert (out / "left_out.csv").read_text(encoding="utf-8") == "panel,left out,why\n"
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count('role="img"') == 8
    assert "Silhouette" in page
    assert "not comparable" in page
    with (out / "figure_4_panel_1_encoder.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 54
    assert sum(row["centre"] == "yes" for row in rows) == 6


def test_the_centres_of_figure_4_are_the_picks_of_the_first_round(place: Path) -> None:
    found = TextFinder(cache_folder=place / "cache").of(panel_of(place))
    features = found.surprisal(3, 0.15)
    rows, _ = nearest_distinct(features, fit_centres(features, 6, Stream(3).child("kmeans")))
    (alps,) = panel_of(place).only(["alps"]).lines
    assert {found.ids[row] for row in rows} == {*alps.curves[0].rounds[0].picks}


def test_diversity_and_uncertainty_are_those_of_the_picks(place: Path) -> None:
    found = TextFinder(cache_folder=place / "cache").of(panel_of(place))
    (line,) = panel_of(place).only(["random"]).lines
    first, second = measure("random", line.curves, found, predictive_entropy(found.probabilities))
    assert (first.n_labelled, second.n_labelled, second.n) == (6, 12, 2)
    picks = (
        [found.places(each.picks) for each in line.curves[0].rounds],
        [found.places(each.picks) for each in line.curves[1].rounds],
    )
    assert second.means[0] == pytest.approx(np.mean([diversities(found.tokens, each)[1] for each in picks]))
    assert first.means[0] == first.means[2]  # the first batch is all there is
    assert 0 < first.means[1] < np.log(2)


def test_absent_or_changed_texts_are_left_out_with_the_reason(place: Path, tmp_path: Path) -> None:
    moved = tmp_path / "tiny"
    shutil.copytree(place / "tiny", moved)
    other = tmp_path / "other"
    other.mkdir()
    (other / "train.tsv").write_text(lines(58), encoding="utf-8")
    (other / "test.tsv").write_text(lines(20, start=60), encoding="utf-8")
    (place / "tiny").rename(place / "away")
    try:
        for number, (folders, said) in enumerate((
            ({}, "not in"), ({"tiny": other}, "not those that the runs were computed on"), ({"tiny": moved}, ""),
        )):  # fmt: skip
            out = tmp_path / f"out{number}"
            out.mkdir()
            files = write_run_report([place / "run"], out, finder=TextFinder(folders, place / "cache"))
            left = (out / "left_out.csv").read_text(encoding="utf-8")
            assert said in left
            assert any(path.name.startswith("figure_1") for path in files) == (not said)
            assert (out / "figure_2_panel_1.svg").exists()
    finally:
        (place / "away").rename(place / "tiny")


def test_what_other_strategies_would_give_is_said(place: Path, tmp_path: Path) -> None:
    run = tmp_path / "run" / "cells"
    run.mkdir(parents=True)
    for path in (place / "run" / "cells").glob("*__random__*"):
        shutil.copy(path, run)
    write_run_report([run.parent], tmp_path, finder=TextFinder(cache_folder=place / "cache"))
    left = (tmp_path / "left_out.csv").read_text(encoding="utf-8")
    for what, options in (
        ("Figure 6", "--strategy alps --strategy alps-kmeans++"), ("Table 5", "--strategy alps."),
        ("Table 3", "--strategy alps --strategy alps-single"), ("the dashed line of Figure 2", "--strategy full"),
        ("Table 4", "--strategy alps --strategy alps-tokens --strategy alps-masked"),
    ):  # fmt: skip
        assert any(what in line and options in line for line in left.splitlines())
