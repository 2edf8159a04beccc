"""
The runner of a grid: every cell of every data set, in this process or in several.

Workers are started afresh (spawn) on every system, compute one cell after another and write its rounds themselves; the
results store is all that they share. So whatever is killed, no finished round is computed again.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from threadpoolctl import threadpool_limits

from alps.base.errors import AlpsError, AlpsWarning
from alps.simulation.cell import Bench, check_curves, n_rounds, run_cell, warn_of_few_texts, warn_of_rare_classes
from alps.simulation.data_sets import DataSet, warn_of_shared_texts, warn_of_unknown_classes
from alps.simulation.grid import Grid
from alps.simulation.published import read_data_set
from alps.simulation.results import CELLS_FOLDER, Cell, CurveFile, Round, read_run
from alps.simulation.shared import compute_shared, load_models, resources_for

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 1.0  # seconds between looks at whether the workers live


@dataclass(frozen=True)
class Step:
    """
    A round that was finished.

    Attributes
    ----------
    cell, finished
        Which.
    n_done, n_total
        Rounds of the grid, those of earlier runs included.
    seconds_left
        At the speed so far.

    """

    cell: Cell
    finished: Round
    n_done: int
    n_total: int
    seconds_left: float


StepCallback = Callable[[Step], None]


def _nobody(_: Step) -> None:
    """Report to nobody."""


def simulate(
    grid: Grid, run: Path, *, jobs: int | None = None, cache_folder: Path | None = None, told: StepCallback = _nobody
) -> None:
    """
    Compute what is missing of a grid.

    Parameters
    ----------
    grid
        What to compute.
    run
        Folder of the results; read with `alps.simulation.results.read_run`. Several processes may compute into one:
        each leaves to the others the cells that they compute.
    jobs
        Worker processes, each with an equal share of the processor's threads; None takes one for each thread of the
        processor, but 1 where a graphics card computes, nothing is shared on disk, or times are to be measured.
    cache_folder
        Where what is shared is kept; None keeps it in memory, and everything in this process.
    told
        Called after every round.

    Raises
    ------
    AlpsError
        For any mistake in the grid or the data sets, when the folder holds results of other settings, or when a worker
        is killed.

    """
    grid.check()
    if cache_folder is None and (jobs or 1) > 1:
        raise AlpsError("Several processes share what they compute through the cache; leave the cache on.")
    _make_run(run)
    data_sets = {dataset: read_data_set(dataset) for dataset in grid.datasets}
    curves = read_run(run) if (run / CELLS_FOLDER).is_dir() else ()
    for data in data_sets.values():
        if data.name in grid.prompts:
            grid.prompts[data.name].check(data.name, data.classes)
        check_curves(curves, grid, data, run)
    for dataset, data in data_sets.items():
        part = grid.of(dataset)
        cells = [cell for _, cell in part.cells()]
        warn_of_shared_texts(data)
        warn_of_unknown_classes(data)
        warn_of_few_texts(cells, data, grid.settings)
        warn_of_rare_classes(cells, data, grid.settings)
        missing = [cell for cell in cells if _n_done(run, cell) < n_rounds(cell, data, grid.settings)]
        if not missing:
            continue
        n_jobs = _jobs(grid, jobs, len(missing), cache_folder)
        with _threads((os.cpu_count() or 1) // n_jobs or 1) as threads:
            counter = _Counter(grid, run, data, told)
            if n_jobs == 1:
                _run_here(part, missing, run, data, threads, cache_folder, counter)
            else:
                _run_apart(dataset, part, missing, run, data, threads, n_jobs, cache_folder, counter)
        _warn_of_others(cells, run, data, grid)


class _Counter:
    """How many rounds of a data set are done, and how long the others will take."""

    def __init__(self, grid: Grid, run: Path, data: DataSet, told: StepCallback) -> None:
        cells = [cell for _, cell in grid.cells()]
        rounds = [n_rounds(cell, data, grid.settings) for cell in cells]  # for the data sets to come, as for this one
        self.n_total, self.told = sum(rounds), told
        self.n_done = sum(min(_n_done(run, cell), n) for cell, n in zip(cells, rounds, strict=True))
        self.n_before, self.start = self.n_done, time.perf_counter()

    def start_clock(self) -> None:
        """Rounds are computed from now on."""
        self.start = time.perf_counter()

    def count(self, cell: Cell, finished: Round) -> None:
        """Tell of a round that is finished."""
        self.n_done += 1
        each = (time.perf_counter() - self.start) / (self.n_done - self.n_before)
        self.told(Step(cell, finished, self.n_done, self.n_total, each * (self.n_total - self.n_done)))


def _run_here(
    grid: Grid, cells: list[Cell], run: Path, data: DataSet, threads: int, cache: Path | None, counter: _Counter
) -> None:
    resources = resources_for(grid.settings, cache)
    load_models(grid, resources)
    seconds = compute_shared(data, grid, resources) if grid.settings.share else {}
    bench = Bench(data, grid.settings, resources, threads, 1, seconds, grid.prompts.get(data.name))
    counter.start_clock()
    for cell in cells:
        run_cell(cell, bench, CurveFile(run, cell), counter.count)


def _run_apart(
    dataset: str, grid: Grid, cells: list[Cell], run: Path, data: DataSet, threads: int, n_jobs: int,
    cache: Path | None, counter: _Counter,
) -> None:  # fmt: skip
    """The cells in processes of their own, which take the next one when they are free."""
    with _threads(os.cpu_count() or 1):
        seconds = compute_shared(data, grid, resources_for(grid.settings, cache)) if grid.settings.share else {}
    context = multiprocessing.get_context("spawn")
    tasks: Any = context.Queue()
    results: Any = context.Queue()
    for cell in [*cells, *[None] * n_jobs]:
        tasks.put(cell)
    arguments = (dataset, grid, run, threads, n_jobs, cache, seconds, tasks, results)
    workers = [context.Process(target=_work, args=arguments, daemon=True) for _ in range(n_jobs)]
    for worker in workers:
        worker.start()
    counter.start_clock()
    try:
        n_working = n_jobs
        while n_working:
            try:
                kind, *what = results.get(timeout=_PATIENCE)
            except queue.Empty:
                if any(worker.exitcode for worker in workers):
                    raise AlpsError(
                        "A worker process was killed, perhaps for want of memory; run the same command again, "
                        "with fewer --jobs, to go on."
                    ) from None
                continue
            if kind == "round":
                counter.count(*what)
            elif kind == "error":
                raise AlpsError(what[0])
            elif kind == "crash":
                raise RuntimeError(f"a worker process failed\n{what[0]}")
            else:
                n_working -= 1
        for worker in workers:
            worker.join()
    finally:
        for worker in workers:
            worker.terminate()


def _work(
    dataset: str, grid: Grid, run: Path, threads: int, jobs: int, cache: Path | None, seconds: dict[str, float],
    tasks: Any, results: Any,
) -> None:  # fmt: skip
    """What a worker does: cells until there are no more, or nobody is left to tell."""
    parent = multiprocessing.parent_process()

    def go_on() -> bool:
        return parent is not None and parent.is_alive()

    try:
        with _threads(threads):
            resources = resources_for(grid.settings, cache)
            load_models(grid, resources)
            data = read_data_set(dataset)
            bench = Bench(data, grid.settings, resources, threads, jobs, seconds, grid.prompts.get(data.name))
            while go_on() and (cell := tasks.get()) is not None:
                run_cell(cell, bench, CurveFile(run, cell), lambda *what: results.put(("round", *what)), go_on)
        results.put(("done",))
    except AlpsError as error:
        results.put(("error", str(error)))
    except Exception:  # told as what it is, where the workers are watched
        results.put(("crash", traceback.format_exc()))


@contextmanager
def _threads(n: int) -> Iterator[int]:
    """So many threads for every library."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    with threadpool_limits(n):
        yield n
    torch.set_num_threads(before)


def _jobs(grid: Grid, wanted: int | None, n_cells: int, cache: Path | None) -> int:
    """How many processes."""
    if wanted is None:
        alone = cache is None or not grid.settings.share or grid.settings.device not in ("auto", "cpu")
        wanted = 1 if alone or torch.cuda.is_available() else os.cpu_count() or 1
    return max(1, min(wanted, n_cells))


def _n_done(run: Path, cell: Cell) -> int:
    curve = CurveFile(run, cell).read()
    return 0 if curve is None else len(curve.rounds)


def _warn_of_others(cells: list[Cell], run: Path, data: DataSet, grid: Grid) -> None:
    """Warn of cells that were left to other processes and are not finished yet."""
    n = sum(_n_done(run, cell) < n_rounds(cell, data, grid.settings) for cell in cells)
    if n:
        warnings.warn(
            f"{data.name}: another process computes {n} of the {len(cells)} cells; when it has ended, run this command "
            "again to be sure of them.", AlpsWarning, stacklevel=3,
        )  # fmt: skip


def _make_run(run: Path) -> None:
    """Make the folder."""
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AlpsError(f"The folder {run} cannot be made ({error.strerror}); choose another --output-dir.") from error
