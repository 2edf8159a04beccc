"""The report of runs."""

from __future__ import annotations

import csv
import io
import math
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from alps.base.errors import AlpsError
from alps.reports.learning_curves_figure import learning_curves
from alps.reports.run_report import write_run_report
from alps.reports.run_tables import area_table, data_sets, runtime, single_against_iterative
from alps.reports.score_curves import area_of, gather_panels, without_repetitions
from alps.reports.strategy_statistics import average_ranks, compare_settings, comparisons, labels_to_reach
from alps.reports.table import Table
from alps.simulation.results import FULL, Cell, Curve, CurveFile, Round, read_run

SETTINGS = {"k": 10, "model": "bundled", "share": False, "sizes": {"train": 1000, "dev": 50, "test": 70},
            "classes": ["a", "b"]}  # fmt: skip


def write_curve(
    run: Path, cell: Cell, scores: list[float], shared: tuple[str, ...] = (), jobs: int = 1, **settings: object
) -> None:
    file = CurveFile(run, cell)
    file.begin({**SETTINGS, **settings})
    with file.path.open("a", encoding="utf-8"):
        for number, score in enumerate(scores, 1):
            parts = {part: {"micro_f1": score, "macro_f1": score / 2} for part in ("test", "dev")}
            seconds = {"represent": 1.0, "select": 2.0, "train": 3.0, "evaluate": 4.0}
            file.append(Round(number, 10 * number, ["x"], ["a"], parts, seconds=seconds, shared=list(shared), threads=2,
                              jobs=jobs, strategy=cell.strategy))  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    for seed, gain in ((0, 0.0), (1, 0.2)):
        write_curve(folder, Cell("news", "alps", "probe", seed), [0.2 + gain, 0.4 + gain, 0.6 + gain])
        write_curve(folder, Cell("news", "alps-single", "probe", seed), [0.3, 0.3])
    write_curve(folder, Cell("news", FULL, "probe", 0), [0.9])
    return folder


def test_seeds_are_averaged_and_counted(run: Path) -> None:
    (panel,) = gather_panels(read_run(run))
    points = panel.lines[0].points()
    assert [(p.n_labelled, round(p.mean, 6), p.n) for p in points] == [(10, 0.3, 2), (20, 0.5, 2), (30, 0.7, 2)]
    assert points[0].deviation == pytest.approx(math.sqrt(0.02))
    assert math.isnan(panel.lines[-1].points()[0].deviation)


def test_the_area_is_the_mean_height(run: Path) -> None:
    first = read_run(run)[0]
    assert area_of(first, 3) == pytest.approx(0.4)
    assert area_of(first, 1) == pytest.approx(0.2)
    assert area_of(first, 4) is None


def test_areas_are_compared_over_the_rounds_that_all_have(run: Path) -> None:
    rows = area_table(gather_panels(read_run(run))).rows
    assert [(row[1], row[2], row[3], row[5]) for row in rows] == [
        ("alps", "20", "0.4000", "2"), ("alps-single", "20", "0.3000", "2"),
    ]  # fmt: skip
    assert rows[0][4] == "0.0000 to 1.0000"  # 0.4 +- 12.7 * 0.1, cut where no score can be


def test_pairs_are_compared_in_words_with_their_n(tmp_path: Path) -> None:
    for seed in range(3):
        for strategy, score in (("alps", 0.6), ("random", 0.4)):
            write_curve(tmp_path, Cell("news", strategy, "probe", seed), [score, score + 0.01 * seed])
    ((_, first, second, sentence, _, effect, n),) = comparisons(
        compare_settings(gather_panels(read_run(tmp_path)))
    ).rows
    assert (first, second, effect, n) == ("alps", "random", "+1.00", "3")
    assert "alps" in sentence


def test_ranks_are_over_data_sets_and_seeds(tmp_path: Path) -> None:
    for dataset in ("news", "mail"):
        for seed in range(2):
            for strategy, score in (("alps", 0.6), ("badge", 0.5), ("random", 0.4)):
                write_curve(tmp_path, Cell(dataset, strategy, "probe", seed), [score], fingerprints={"train": dataset})
    rows = average_ranks(compare_settings(gather_panels(read_run(tmp_path)))).rows
    assert [(row[1], row[2], row[3], row[6]) for row in rows] == [
        ("alps", "1.00", "4", "4"), ("badge", "2.00", "4", "4"), ("random", "3.00", "4", "4"),
    ]  # fmt: skip
    assert rows[0][0] == "mail + news, probe, model bundled, k = 10"
    assert float(rows[0][7]) == pytest.approx(math.exp(-4), abs=5e-4)  # Friedman's 8 with 2 degrees of freedom


def test_runs_that_shared_nothing_give_what_the_others_lack(tmp_path: Path) -> None:
    """The longest curve of each cell counts: scores are the same either way."""
    write_curve(tmp_path / "shared", Cell("news", "random", "probe", 0), [0.4], share=True)
    for seed in range(2):
        for strategy in ("alps", "random"):
            write_curve(tmp_path / "alone", Cell("news", strategy, "probe", seed), [0.4, 0.5])
    panels = gather_panels([*read_run(tmp_path / "shared"), *read_run(tmp_path / "alone")])
    (panel,) = without_repetitions(panels)
    assert [(line.strategy, [len(curve.rounds) for curve in line.curves]) for line in panel.lines] == [
        ("alps", [2, 2]), ("random", [2, 2]),
    ]  # fmt: skip
    assert panel.title == "news, probe, model bundled, k = 10"


def test_panels_of_other_settings_are_told_apart(tmp_path: Path) -> None:
    for recipe in ("stable", "paper"):
        write_curve(tmp_path / recipe, Cell("news", "random", "probe", 0), [0.4], recipe=recipe, max_length=128)
    panels = gather_panels([*read_run(tmp_path / "stable"), *read_run(tmp_path / "paper")])
    assert [panel.title for panel in panels] == [
        f"news, probe, model bundled, k = 10, recipe {recipe}" for recipe in ("paper", "stable")
    ]


def test_data_sets_of_one_name_are_compared_apart(tmp_path: Path) -> None:
    for folder, score in (("one", 0.6), ("other", 0.3)):
        for strategy in ("alps", "random"):
            write_curve(tmp_path / folder, Cell("news", strategy, "probe", 0), [score], fingerprints={"train": folder})
    compared = compare_settings(gather_panels([*read_run(tmp_path / "one"), *read_run(tmp_path / "other")]))
    assert [(title[-9:].split()[-1], len(found.pairs)) for title, found in compared] == [("one", 1), ("other", 1)]


def test_picks_that_depend_on_the_rounds_are_not_averaged_over_others(tmp_path: Path) -> None:
    for seed, n_rounds in ((0, 1), (1, 3)):
        write_curve(tmp_path, Cell("news", "alps-single", "probe", seed), [0.5] * n_rounds, rounds=n_rounds)
    with pytest.raises(AlpsError, match="alps-single, probe with 3 and with 1 rounds"):
        gather_panels(read_run(tmp_path))


def test_what_is_no_strategy_here_is_reported_too(tmp_path: Path) -> None:
    for seed, n_rounds in ((0, 1), (1, 3)):
        for name in (FULL, "of another package"):
            write_curve(tmp_path, Cell("news", name, "probe", seed), [0.5], rounds=n_rounds)
    (panel,) = gather_panels(read_run(tmp_path))
    assert [(line.strategy, len(line.curves)) for line in panel.lines] == [(FULL, 2), ("of another package", 2)]


def test_curves_that_are_not_compared_are_counted(tmp_path: Path) -> None:
    for strategy, n_rounds in (("alps", 2), ("badge", 1), ("random", 2)):
        write_curve(tmp_path, Cell("news", strategy, "probe", 0), [0.5, 0.6][:n_rounds])
    compared = compare_settings(gather_panels(read_run(tmp_path)))
    for table in (average_ranks(compared), comparisons(compared)):
        assert "1 curve is not counted here" in table.caption
        assert "badge" not in str(table.rows)


def test_a_run_that_never_reaches_a_score_counts(tmp_path: Path) -> None:
    for seed, scores in ((0, [0.2, 0.5, 0.7]), (1, [0.7, 0.7, 0.7]), (2, [0.1, 0.1, 0.1])):
        write_curve(tmp_path, Cell("news", "alps", "probe", seed), scores)
        write_curve(tmp_path, Cell("news", "random", "probe", seed), [0.1, 0.2, 0.5])
    found = {row[2]: row[3:] for row in labels_to_reach(gather_panels(read_run(tmp_path))).rows}
    assert found == {"alps": ("20", "2 of 3", "30", "3"), "random": ("30", "3 of 3", "", "3")}


def test_a_run_that_is_not_finished_has_not_failed(tmp_path: Path) -> None:
    for seed in range(5):
        n_rounds = 3 if seed < 2 else 1
        write_curve(tmp_path, Cell("news", "alps", "probe", seed), [0.2, 0.5, 0.7][:n_rounds])
        write_curve(tmp_path, Cell("news", "random", "probe", seed), [0.4, 0.5, 0.6])
    ((_, _, strategy, *found),) = [row for row in labels_to_reach(gather_panels(read_run(tmp_path))).rows
                                   if row[2] == "alps"]  # fmt: skip
    assert (strategy, found) == ("alps", ["30", "2 of 5", "10", "5"])


def test_the_score_to_reach_is_of_all_seeds(tmp_path: Path) -> None:
    write_curve(tmp_path, Cell("news", "random", "probe", 0), [0.2, 0.4, 0.9])
    write_curve(tmp_path, Cell("news", "random", "probe", 1), [0.2, 0.6])
    (row,) = labels_to_reach(gather_panels(read_run(tmp_path))).rows
    assert row[1:4] == ("0.5000: what random had after 20 labels, the mean of 2 seeds", "random", "25")


def test_runtime_is_only_of_rounds_that_shared_nothing(run: Path, tmp_path: Path) -> None:
    rows = runtime(gather_panels(read_run(run))).rows
    assert rows[0] == ("news, probe, model bundled, k = 10", "alps", "2", "1.00", "2.00", "3.00", "4.00", "10.00", "6")
    write_curve(tmp_path / "warm", Cell("news", "alps", "probe", 0), [0.5], ("represent",))
    write_curve(tmp_path / "warm", Cell("news", "random", "probe", 0), [0.5], share=True)
    write_curve(tmp_path / "warm", Cell("news", "badge", "probe", 0), [0.5], jobs=2)
    table = runtime(gather_panels(read_run(tmp_path / "warm")))
    assert not table.rows
    assert "--no-share" in table.caption


@pytest.mark.parametrize(
    ("cell", "chosen_by", "n", "mean"),
    [
        ("alps", ["alps", "alps", "alps"], 3, 3.0),
        ("badge", ["random", "badge", "badge"], 2, 4.0),  # seconds are 1, 3 and 5
        ("ft-bert-km", ["bert-km", "ft-bert-km"], 1, 3.0),
        ("margin:3,random", ["random", "margin:3,random"], 1, 3.0),
        ("alps-then-margin", ["alps", "alps", "margin"], 3, 3.0),
        (FULL, [FULL], 1, 1.0),
        ("badge", ["random"], 0, None),
        ("badge", ["", ""], 0, None),  # results that do not say it
    ],
)
def test_a_strategy_is_not_charged_with_rounds_that_another_chose(
    cell: str, chosen_by: list[str], n: int, mean: float | None
) -> None:
    rounds = tuple(timed_round(number, strategy) for number, strategy in enumerate(chosen_by, 1))
    rows = runtime(gather_panels([Curve(Cell("news", cell, "probe", 0), SETTINGS, rounds)])).rows
    assert [(row[1], row[3], row[-1]) for row in rows] == ([] if mean is None else [(cell, f"{mean:.2f}", str(n))])


def test_a_bandit_is_charged_with_what_it_followed() -> None:
    """Its first batch is of `random`, whether or not that is one of its strategies."""
    learnt = {"strategies": ["margin", "random"], "rounds": 3}
    rounds = (timed_round(1, "random"), timed_round(2, "random", learnt), timed_round(3, "margin", learnt))
    cell = Cell("news", "bandit:margin,random", "probe", 0)
    (row,) = runtime(gather_panels([Curve(cell, SETTINGS, rounds)])).rows
    assert (row[1], row[3], row[-1]) == ("bandit:margin,random", "4.00", "2")


def timed_round(number: int, strategy: str, bandit: dict[str, object] | None = None) -> Round:
    """A round alone, whose representing took 1, 3, 5, ... seconds."""
    return Round(number, 10 * number, ["x"], ["a"], {}, seconds={"represent": 2.0 * number - 1}, strategy=strategy,
                 bandit=bandit, threads=2, jobs=1)  # fmt: skip


def test_single_stands_beside_iterative_with_both_n(run: Path) -> None:
    rows = single_against_iterative(gather_panels(read_run(run))).rows
    assert rows[0][2:] == ("10", "0.300 ± 0.000", "2", "0.300 ± 0.141", "2")
    assert data_sets(gather_panels(read_run(run))).rows == (("news", "1,000", "50", "70", "2"),)


def test_a_name_does_not_make_a_strategy_a_single_batch(tmp_path: Path) -> None:
    for strategy in ("random", "random-single", "alps", "alps-single"):
        write_curve(tmp_path, Cell("news", strategy, "probe", 0), [0.5])
    rows = single_against_iterative(gather_panels(read_run(tmp_path))).rows
    assert [row[1] for row in rows] == ["alps"]


def test_other_settings_are_another_panel_and_the_same_cell_twice_is_refused(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_curve(other, Cell("news", "alps", "probe", 0), [0.5], k=20)
    assert len(gather_panels([*read_run(run), *read_run(other)])) == 2
    with pytest.raises(AlpsError, match="twice"):
        gather_panels([*read_run(run), *read_run(run)])
    with pytest.raises(AlpsError, match="no finished round"):
        gather_panels([])


def test_a_hostile_name_stays_a_text_in_every_format(tmp_path: Path) -> None:
    name = '=<script>alert("1")</script>|$x_&\u202e'
    write_curve(tmp_path / "run", Cell(name, name, "probe", 0), [0.1, 0.5])
    (panel,) = gather_panels(read_run(tmp_path / "run"))
    drawing = learning_curves(panel, 1).drawing
    ElementTree.fromstring(drawing.svg())
    assert drawing.png().startswith(b"\x89PNG")
    out = tmp_path / "out"
    out.mkdir()
    files = write_run_report([tmp_path / "run"], out)
    page = files[0].read_text(encoding="utf-8")
    assert "<script" not in page
    assert "\u202e" not in page
    table = Table("t", "T", "C", ("a", "b"), ((name, "x"),))
    assert next(csv.reader(io.StringIO(table.csv().split("\n", 1)[1])))[0] == f"'{name}"
    assert "\\|" in table.markdown()
    assert r"\$x\_\&" in table.latex()


def test_files_are_written_once_unless_forced(run: Path, tmp_path: Path) -> None:
    names = {path.name for path in write_run_report([run], tmp_path)}
    assert {"report.html", "figure_2_panel_1.svg", "figure_2_panel_1.png", "table_2_runtime.csv"} <= names
    assert {"area_under_curve.md", "scores_dev.tex", "table_3_single_against_iterative.csv"} <= names
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "n = 2 seeds" in page
    with pytest.raises(AlpsError, match="exists"):
        write_run_report([run], tmp_path)
    write_run_report([run], tmp_path, force=True)


@pytest.mark.slow
def test_a_run_of_five_thousand_cells_reports_in_seconds(tmp_path: Path) -> None:
    cells = tmp_path / "run"
    write_curve(cells, Cell("d0", "s0", "probe", 0), [0.5] * 10)
    (first,) = (cells / "cells").iterdir()
    head, rest = first.read_text(encoding="utf-8").split("\n", 1)
    for number in range(1, 5000):
        dataset, strategy = f"d{number % 10}", f"s{number // 10 % 10}"
        named = head.replace('"d0"', f'"{dataset}"').replace('"s0"', f'"{strategy}"')
        text = named.replace('"seed": 0', f'"seed": {number // 100}') + "\n" + rest
        first.with_name(f"{number}.jsonl").write_text(text, encoding="utf-8")
    start = time.process_time()  # which other work on the machine does not lengthen much
    write_run_report([cells], tmp_path)
    assert time.process_time() - start < 20
