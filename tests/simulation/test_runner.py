"""Runs of tiny grids: their picks, and what a crash leaves and changes."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from alps.base.errors import AlpsError, AlpsWarning
from alps.base.streams import Stream
from alps.classifiers.labelled import Labelled
from alps.classifiers.train import train
from alps.learning.learner import Learner
from alps.learning.loop import active_learning
from alps.learning.plan import Plan
from alps.models.device import processor, resolve_device
from alps.pool.texts import Texts
from alps.representations.resources import Resources
from alps.selection import Clock, Task, select
from alps.simulation.authors import COLUMNS, authors_csv
from alps.simulation.data_sets import read_folder
from alps.simulation.grid import Grid, Settings
from alps.simulation.published import read_data_set
from alps.simulation.results import FULL, Cell, Curve, CurveFile, read_run
from alps.simulation.runner import Step, simulate
from tests.processes import wait_until

SETTINGS = Settings(k=6, rounds=3)
STRATEGIES = (
    "alps", "alps-single", "alps-then2-margin", "badge", "bandit:margin,badge,random", "bert-km-weighted", FULL,
    "margin,random", "random",
)  # fmt: skip
N_STEPS = (len(STRATEGIES) - 1) * SETTINGS.rounds + 1


def grid_of(folder: Path, strategies: tuple[str, ...] = STRATEGIES) -> Grid:
    return Grid((str(folder),), strategies, ("probe",), (3,), SETTINGS)


def without_times(curves: list[Curve]) -> list[Curve]:
    """What must not differ from run to run."""
    return [
        replace(
            curve,
            settings={name: value for name, value in curve.settings.items() if name != "seconds_shared"},
            rounds=tuple(replace(each, seconds={}, threads=None, jobs=None) for each in curve.rounds),
        )
        for curve in curves
    ]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def run(tiny: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of all `STRATEGIES`."""
    folder = tmp_path_factory.mktemp("runs") / "whole"
    steps: list[Step] = []
    simulate(grid_of(tiny), folder, jobs=1, cache_folder=cache, told=steps.append)
    assert [step.n_done for step in steps] == list(range(1, N_STEPS + 1))
    assert {step.n_total for step in steps} == {N_STEPS}
    assert steps[-1].seconds_left == 0
    return folder


def curve_of(run: Path, strategy: str) -> Curve:
    return next(curve for curve in read_run(run) if curve.cell.strategy == strategy)


def test_every_round_labels_new_texts_of_the_pool(run: Path, tiny: Path) -> None:
    data = read_folder(tiny)
    gold = dict(zip(data.train.pool.ids.to_pylist(), data.train.labels, strict=True))
    held_out = {*data.dev.pool.ids.to_pylist(), *data.test.pool.ids.to_pylist()}
    for curve in read_run(run):
        if curve.cell.strategy == FULL:
            continue
        picks = [name for each in curve.rounds for name in each.picks]
        assert len(picks) == len(set(picks)) == 18
        assert not {*picks} & held_out
        assert [each.n_labelled for each in curve.rounds] == [6, 12, 18]
        assert [gold[name] for name in picks] == [label for each in curve.rounds for label in each.labels]
        for each in curve.rounds:
            assert {*each.scores} == {*each.per_class} == {"test", "dev"}
            assert {*each.seconds} == {"represent", "select", "train", "evaluate"}


def test_the_first_batch_is_what_select_chooses(run: Path, tiny: Path, cache: Path) -> None:
    pool = read_folder(tiny).train.pool
    for strategy, first in (("alps", "alps"), ("badge", "random"), ("margin,random", "random")):
        chosen = select(pool, 6, strategy=first, seed=3, cache_dir=cache)
        assert curve_of(run, strategy).rounds[0].picks == chosen.ids


def test_a_warm_strategy_looks_through_the_classifier_of_the_last_round(run: Path, tiny: Path, cache: Path) -> None:
    """The second batch is what BADGE chooses through the classifier that the first batch's labels give."""
    data = read_folder(tiny)
    first, second, _ = curve_of(run, "badge").rounds
    pool, rows = data.train.pool, [data.train.pool.ids.to_pylist().index(name) for name in first.picks]
    labels = np.full(pool.n, None, dtype=object)
    labels[rows] = first.labels
    task = Task(
        pool, labels, labels != None, 6, Stream(3), Resources(cache_folder=cache), "probe", "stable",  # noqa: E711
        {}, Clock(),
    )  # fmt: skip
    by_id = [row for row in pool.distinct().rows.tolist() if row in rows]
    examples = Labelled.of(Texts.of(pool, np.array(by_id)), labels[by_id].tolist(), weights=np.ones(6))
    mine = train("probe", "stable", examples, task.resources, Stream(3).child("train"))
    assert replace(task, trained=mine).run("badge").ids == second.picks


@pytest.mark.parametrize(
    ("strategy", "plan"),
    [
        ("alps-then2-margin", Plan("alps", "margin", texts_per_class=2, seed=3)),
        ("margin,random", Plan("random", "margin,random", texts_per_class=0, seed=3)),
        ("bandit:margin,badge,random", Plan("random", "bandit:margin,badge,random", 0, budget=18, seed=3)),
        ("bert-km-weighted", Plan("bert-km-weighted", None, seed=3)),
    ],
)
def test_a_learner_with_the_same_answers_is_asked_the_same(
    strategy: str, plan: Plan, run: Path, tiny: Path, cache: Path
) -> None:
    data = read_folder(tiny)
    gold = dict(zip(data.train.pool.ids.to_pylist(), data.train.labels, strict=True))
    learner = Learner(data.train.pool, plan, labels=data.classes, cache_dir=cache)
    rounds = active_learning(learner, lambda batch: {name: gold[name] for name in batch.ids}, 6, 3)
    for mine, theirs in zip(rounds, curve_of(run, strategy).rounds, strict=True):
        assert mine.batch.ids == theirs.picks
        assert mine.batch.summary["strategy"] == theirs.strategy


def test_cold_until_every_class_is_seen_and_then_warm(run: Path) -> None:
    seen: Counter[str] = Counter()
    for each in curve_of(run, "alps-then2-margin").rounds:
        assert each.strategy == ("margin" if len(seen) == 2 and min(seen.values()) >= 2 else "alps")
        seen.update(each.labels)
    assert {each.strategy for each in curve_of(run, "alps-then2-margin").rounds} == {"alps", "margin"}


def test_all_at_once_hands_out_one_selection(run: Path, tiny: Path, cache: Path) -> None:
    chosen = select(read_folder(tiny).train.pool, 18, strategy="alps-single", seed=3, cache_dir=cache)
    assert [name for each in curve_of(run, "alps-single").rounds for name in each.picks] == chosen.ids


def test_the_whole_pool_is_one_round(run: Path) -> None:
    (only,) = curve_of(run, FULL).rounds
    assert (only.n_labelled, only.picks) == (54, [])
    assert only.scores["test"]["micro_f1"] >= 0.9


def test_weights_are_kept_where_a_strategy_gives_them(run: Path) -> None:
    for each in curve_of(run, "bert-km-weighted").rounds:
        assert len(each.weights) == 6
        assert np.isclose(np.mean(each.weights), 1.0)
    assert curve_of(run, "alps").rounds[0].weights == []


def test_what_is_shared_is_flagged(run: Path) -> None:
    assert curve_of(run, "alps").rounds[1].shared == ["represent", "train", "evaluate"]
    assert curve_of(run, "random").rounds[1].shared == ["train", "evaluate"]


def test_a_cell_alone_gives_the_same(run: Path, tiny: Path, tmp_path: Path) -> None:
    grid = grid_of(tiny, ("alps", "badge"))
    alone = replace(grid, settings=replace(SETTINGS, share=False))
    simulate(alone, tmp_path)
    for curve in read_run(tmp_path):
        theirs = curve_of(run, curve.cell.strategy)
        assert [each.picks for each in curve.rounds] == [each.picks for each in theirs.rounds]
        assert [each.scores for each in curve.rounds] == [each.scores for each in theirs.rounds]
        assert all(each.shared == [] for each in curve.rounds)


@pytest.mark.parametrize("n_lines", [0, 2])
def test_after_a_torn_line_the_run_goes_on_as_if_nothing_had_happened(
    n_lines: int, run: Path, tiny: Path, cache: Path, tmp_path: Path
) -> None:
    for path in (run / "cells").iterdir():
        lines = path.read_bytes().splitlines(keepends=True)
        (tmp_path / "cells").mkdir(exist_ok=True)
        torn = lines[n_lines][:40] if n_lines < len(lines) else b""
        (tmp_path / "cells" / path.name).write_bytes(b"".join(lines[:n_lines]) + torn)
    simulate(grid_of(tiny), tmp_path, jobs=1, cache_folder=cache)
    assert without_times(read_run(tmp_path)) == without_times(read_run(run))


def test_a_finished_run_is_not_computed_again(run: Path, tiny: Path, cache: Path) -> None:
    before = {path: path.read_bytes() for path in (run / "cells").iterdir()}
    steps: list[Step] = []
    simulate(grid_of(tiny), run, jobs=1, cache_folder=cache, told=steps.append)
    assert steps == []
    assert before == {path: path.read_bytes() for path in (run / "cells").iterdir()}


def test_other_settings_do_not_mix(run: Path, tiny: Path, cache: Path) -> None:
    other = replace(grid_of(tiny, ("random",)), settings=replace(SETTINGS, k=5, rounds=4))
    with pytest.raises(AlpsError, match="another k"):
        simulate(other, run, jobs=1, cache_folder=cache)


def test_cells_of_other_settings_are_not_put_beside_finished_ones(run: Path, tiny: Path, cache: Path) -> None:
    before = sorted((run / "cells").iterdir())
    other = replace(grid_of(tiny), seeds=(4,), settings=replace(SETTINGS, max_length=16))
    with pytest.raises(AlpsError, match=r"another max_length \(128, not 16\)"):
        simulate(other, run, jobs=1, cache_folder=cache)
    assert sorted((run / "cells").iterdir()) == before


def test_another_data_set_of_the_same_name_is_refused(run: Path, tiny: Path, cache: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny, tmp_path / "tiny")
    train = tmp_path / "tiny" / "train.tsv"
    train.write_text(train.read_text(encoding="utf-8").replace("of 7\t", "of seven\t"), encoding="utf-8")
    with pytest.raises(AlpsError, match="another fingerprints"):
        simulate(replace(grid_of(tmp_path / "tiny"), seeds=(4,)), run, jobs=1, cache_folder=cache)


def test_gold_labels_that_have_changed_are_noticed(tiny: Path, cache: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny, tmp_path / "tiny")
    shutil.copy(tiny / "test.tsv", tmp_path / "tiny" / "dev.tsv")  # a part that is split off depends on the labels
    grid, train = grid_of(tmp_path / "tiny", ("random",)), tmp_path / "tiny" / "train.tsv"
    simulate(replace(grid, settings=replace(SETTINGS, rounds=1)), tmp_path / "run", cache_folder=cache)
    swapped = train.read_text(encoding="utf-8").replace("\tsport", "\tx").replace("\ttrade", "\tsport")
    train.write_text(swapped.replace("\tx", "\ttrade"), encoding="utf-8")
    with pytest.raises(AlpsError, match="another label_digests"):
        simulate(grid, tmp_path / "run", cache_folder=cache)


def test_a_gap_in_the_rounds_is_computed_again(run: Path, tiny: Path, cache: Path, tmp_path: Path) -> None:
    """Rounds behind a missing one rest on picks that nobody knows."""
    shutil.copytree(run, tmp_path / "run")
    (path,) = (tmp_path / "run" / "cells").glob("*__random__*")
    head, first, _, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(head + first + third)
    assert [each.number for each in curve_of(tmp_path / "run", "random").rounds] == [1]
    simulate(grid_of(tiny, ("random",)), tmp_path / "run", jobs=1, cache_folder=cache)
    assert without_times([curve_of(tmp_path / "run", "random")]) == without_times([curve_of(run, "random")])


def test_a_cell_that_another_process_computes_is_left_to_it(tiny: Path, cache: Path, tmp_path: Path) -> None:
    grid = grid_of(tiny, ("random", "badge"))
    with (
        CurveFile(tmp_path, Cell("tiny", "random", "probe", 3)).alone() as is_mine,
        pytest.warns(AlpsWarning, match="another process computes 1 of the 2 cells"),
    ):
        assert is_mine
        simulate(grid, tmp_path, jobs=1, cache_folder=cache)
    assert [curve.cell.strategy for curve in read_run(tmp_path)] == ["badge"]
    simulate(grid, tmp_path, jobs=1, cache_folder=cache)
    assert [len(curve.rounds) for curve in read_run(tmp_path)] == [3, 3]


def test_a_mistake_in_a_worker_is_told_as_what_it_is(tiny: Path, cache: Path, tmp_path: Path) -> None:
    (tmp_path / "cells" / "tiny__random__probe__3.part").mkdir(parents=True)
    with pytest.raises(RuntimeError, match=r"a worker process failed(.|\n)*IsADirectoryError"):
        simulate(grid_of(tiny, ("badge", "random")), tmp_path, jobs=2, cache_folder=cache)


@pytest.mark.parametrize("before", [
    {"versions": {"numpy": "1.0"}, "device": "cuda of old", "dtype": "float32"},
    {},  # rounds of before do not say it
])  # fmt: skip
def test_a_cell_that_goes_on_elsewhere_says_what_computed_each_round(
    before: dict[str, object], run: Path, tiny: Path, cache: Path, tmp_path: Path
) -> None:
    (whole,) = (run / "cells").glob("*__random__*")
    head, first, *_ = map(json.loads, whole.read_text(encoding="utf-8").splitlines())
    head["settings"]["versions"] = {"numpy": "1.0"}
    first = {name: value for name, value in first.items() if name not in ("versions", "device", "dtype")} | before
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / whole.name).write_text(f"{json.dumps(head)}\n{json.dumps(first)}\n", encoding="utf-8")
    simulate(grid_of(tiny, ("random",)), tmp_path, jobs=1, cache_folder=cache)
    curve = curve_of(tmp_path, "random")
    old, *new = curve.rounds
    assert curve.settings["versions"] == {"numpy": "1.0"}
    assert (old.versions, old.device, old.dtype) == (
        before.get("versions", {}), before.get("device", ""), before.get("dtype", ""),
    )  # fmt: skip
    assert len(new) == 2
    for each in new:
        assert each.versions["numpy"] == np.__version__
        assert each.device == processor(resolve_device())
        assert each.dtype == "float32"


def test_results_of_a_newer_alps_are_not_called_damaged(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "run")
    (path,) = (tmp_path / "run" / "cells").glob("*__random__*")
    path.write_bytes(path.read_bytes().replace(b'"number"', b'"colour": 1, "number"'))
    with pytest.raises(AlpsError, match="written by a newer alps"):
        read_run(tmp_path / "run")


def test_what_can_never_turn_warm_is_told(tiny: Path, cache: Path, tmp_path: Path) -> None:
    grid = replace(grid_of(tiny, ("random-then40-margin",)), settings=replace(SETTINGS, rounds=1))
    with pytest.warns(AlpsWarning, match="waits for 40 texts of every class, and the pool has 27 of 'sport': random"):
        simulate(grid, tmp_path, jobs=1, cache_folder=cache)


def test_a_long_mixture_has_a_file(tiny: Path, cache: Path, tmp_path: Path) -> None:
    mixture = ",".join(["stratified-systematic", "alps-kmeans++", "least-confidence", "badge-normalised", "random",
                        "bert-km", "margin", "entropy", "typiclust", "maxherding", "coreset", "probcover"])  # fmt: skip
    cells = [Cell("tiny", mixture + end, "probe", 3) for end in ("", ",alps")]
    for cell in cells:
        CurveFile(tmp_path, cell).begin({})
    assert [curve.cell for curve in read_run(tmp_path)] == cells


def test_processes_give_what_one_process_gives(run: Path, tiny: Path, cache: Path, tmp_path: Path) -> None:
    simulate(grid_of(tiny, ("badge", "random")), tmp_path, jobs=2, cache_folder=cache)
    expected = [curve for curve in without_times(read_run(run)) if curve.cell.strategy in ("badge", "random")]
    assert without_times(read_run(tmp_path)) == expected
    assert {each.jobs for curve in read_run(tmp_path) for each in curve.rounds} == {2}
    assert {each.jobs for curve in read_run(run) for each in curve.rounds} == {1}


def test_kill_9_loses_nothing_that_is_finished(run: Path, tiny: Path, cache: Path, tmp_path: Path) -> None:
    line = [
        sys.executable, "-m", "alps.cli.main", "simulate", "--dataset", str(tiny), "--seeds", "3,", "-k", "6",
        "--rounds", "3", "--output-dir", str(tmp_path), "--cache-dir", str(cache), "--jobs", "1", "--quiet",
        "--strategy", "badge", "--strategy", "random",
    ]  # fmt: skip
    process = subprocess.Popen(line)
    assert wait_until(lambda: any(b'"number"' in path.read_bytes() for path in tmp_path.glob("cells/*.jsonl")), process)
    process.kill()
    process.wait()
    finished = {path: path.read_bytes().rpartition(b"\n")[0] for path in tmp_path.glob("cells/*.jsonl")}
    assert finished
    subprocess.run(line, check=True)
    for path, before in finished.items():
        assert path.read_bytes().startswith(before)
    expected = [curve for curve in without_times(read_run(run)) if curve.cell.strategy in ("badge", "random")]
    assert without_times(read_run(tmp_path)) == expected
    assert (tmp_path / "authors_test.csv").read_text().startswith("score,metric,ranking,size,seed,task,model\n")


def test_the_authors_schema(run: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(authors_csv(read_run(run)))))
    assert tuple(rows[0]) == COLUMNS
    assert {row["ranking"] for row in rows} >= {"mlmKM", "OSmlmKM", "rand", "base"}
    alps = [row for row in rows if row["ranking"] == "mlmKM"]
    assert [int(row["size"]) for row in alps] == [6, 12, 18]
    first = curve_of(run, "alps").rounds[0].scores["test"]["micro_f1"]
    assert np.isclose(float(alps[0]["score"]), first, atol=5e-5)
    assert (alps[0]["metric"], alps[0]["seed"], alps[0]["task"]) == ("f1", "3", "tiny")


def test_a_pool_that_runs_out_ends_the_curve(tiny: Path, cache: Path, tmp_path: Path) -> None:
    grid = replace(grid_of(tiny, ("random", "badge")), settings=Settings(k=40, rounds=5))
    with pytest.warns(AlpsWarning, match="54 texts, which are labelled after 2 of 5 rounds of 40"):
        simulate(grid, tmp_path, jobs=1, cache_folder=cache)
    for curve in read_run(tmp_path):
        assert [each.n_labelled for each in curve.rounds] == [40, 54]


def test_the_data_set_is_found_again_from_anywhere(run: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = curve_of(run, "alps").settings
    data = read_data_set(settings["source"])
    assert data.digests() == settings["fingerprints"]
