"""
The results store of a run: one JSON Lines file per cell, one line per finished round.

A round is one line, flushed to disk before the next round begins. A line that a crash tore off is not read, and the
next run computes that round again. A cell that is being computed is locked; the lock ends with the process.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from hashlib import blake2b
from pathlib import Path
from statistics import fmean
from typing import Any

from filelock import FileLock, Timeout

from alps.base.counts import counted
from alps.base.errors import AlpsError
from alps.base.notebook import table_html

CELLS_FOLDER = "cells"
_LOCKS_FOLDER = "locks"
_LONGEST_NAME = 200  # bytes of a file's name; file systems allow 255
FULL = "full"  # in the place of a strategy: trained on the whole pool, the dashed line of Figure 2


@dataclass(frozen=True, order=True)
class Cell:
    """One curve of a grid: a data set, a strategy, a classifier and a seed."""

    dataset: str
    strategy: str
    classifier: str
    seed: int


@dataclass(frozen=True)
class Round:
    """
    What one round gave.

    Attributes
    ----------
    number
        t, counted from 1.
    n_labelled
        Texts that are labelled after the round.
    picks, labels
        Ids of the texts that were queried in the round, in the order of the picks, and their gold labels; empty where
        the whole pool is labelled (`FULL`).
    scores
        Part (``test``, ``dev``) -> name of the score (``micro_f1``, ``macro_f1``) -> value between 0 and 1.
    per_class
        Part -> label -> ``precision``, ``recall``, ``f1``, ``support``.
    seconds
        Of ``represent``, ``select``, ``train`` and ``evaluate``.
    shared
        Those of them that other cells had paid for in whole or in part.
    weights
        How much each pick counts in training; empty where all count alike.
    strategy
        Which one chose the picks; nothing in results that do not say it.
    bandit
        What a bandit had learnt when it chose them: the fields of `alps.learning.bandit.Bandit`; None without one.
    pool_entropy
        Predictive entropy in nats of every text of the pool, ordered by id, under a classifier that was fine-tuned on
        the whole pool; empty for all others.
    threads, jobs
        Of the processor that the round had, and processes that computed cells meanwhile; None in results that do not
        say it.
    versions
        Library -> the version that computed the round; empty in results that do not say it.
    device, dtype
        The kind of processor (`alps.models.device.processor`) and the type of the encoder's arithmetic, never ``auto``;
        nothing in results that do not say it.

    """

    number: int
    n_labelled: int
    picks: list[str]
    labels: list[str]
    scores: dict[str, dict[str, float]]
    per_class: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    shared: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    strategy: str = ""
    bandit: dict[str, Any] | None = None
    pool_entropy: list[float] = field(default_factory=list)
    threads: int | None = None
    jobs: int | None = None
    versions: dict[str, str] = field(default_factory=dict)
    device: str = ""
    dtype: str = ""


@dataclass(frozen=True)
class Curve:
    """
    A cell with its finished rounds.

    Attributes
    ----------
    cell
        Which one.
    settings
        What it was begun with: k, rounds, model, recipe, sizes of the parts, classes, source of the data, versions, ...
        JSON-able. Versions may be others later, and ``device`` and ``dtype`` may be ``auto``: the rounds say theirs.
    rounds
        Those that are finished: round 1 to the last, without a gap.

    """

    cell: Cell
    settings: Mapping[str, Any]
    rounds: tuple[Round, ...]

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        caption = f"{self.cell.strategy} on {self.cell.dataset}, seed {self.cell.seed}"
        header = ["round", "labelled", *(f"{part} micro-F1" for part in self.rounds[0].scores)] if self.rounds else []
        rows = [
            [done.number, done.n_labelled, *(scores.get("micro_f1") for scores in done.scores.values())]
            for done in self.rounds
        ]
        return table_html(caption, header, rows, len(rows))


class Run(tuple[Curve, ...]):
    """The curves of a run, ordered by cell."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        """What a notebook shows: the mean of the seeds after each strategy's last round that all of them have."""
        groups: dict[tuple[str, str, str], list[tuple[Round, ...]]] = {}
        for curve in self:
            cell = curve.cell
            groups.setdefault((cell.dataset, cell.classifier, cell.strategy), []).append(curve.rounds)
        rows = []
        for names, curves in groups.items():
            n_rounds = min(len(rounds) for rounds in curves)
            last = [rounds[n_rounds - 1] for rounds in curves if n_rounds]
            scores = [done.scores["test"]["micro_f1"] for done in last if "test" in done.scores]
            n_labelled = last[0].n_labelled if last else None
            rows.append([*names, len(curves), n_rounds, n_labelled, fmean(scores) if scores else None])
        header = ["data set", "classifier", "strategy", "seeds", "rounds", "labelled", "test micro-F1, mean"]
        return table_html(counted(len(self), "curve"), header, rows, len(rows))


class CurveFile:
    """The file of one cell, to which a runner appends its rounds."""

    def __init__(self, run: Path, cell: Cell) -> None:
        name = _file_name(cell)
        self.path = run / CELLS_FOLDER / f"{name}.jsonl"
        self.cell = cell
        self._lock = run / _LOCKS_FOLDER / f"{name}.lock"

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether nobody else computes the cell, and from now on nobody does: until the end, or that of the process."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._lock, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def read(self) -> Curve | None:
        """What is finished of the cell; None where it has not begun."""
        return _read(self.path)

    def begin(self, settings: Mapping[str, Any]) -> None:
        """Start the file, or leave nothing in one that is there but the rounds that are finished."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        curve = self.read()
        head = {"cell": asdict(self.cell), "settings": dict(settings if curve is None else curve.settings)}
        lines = [head, *([] if curve is None else map(asdict, curve.rounds))]
        temporary = self.path.with_suffix(".part")
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path)

    def append(self, finished: Round) -> None:
        """Add a round; it is on the disk when this returns."""
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(asdict(finished), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


def read_run(folder: Path) -> Run:
    """
    Every curve of a run, ordered by cell.

    Raises
    ------
    AlpsError
        When the folder holds no run, or a file of it is damaged.

    """
    cells = folder / CELLS_FOLDER
    if not cells.is_dir():
        raise AlpsError(
            f"{folder} holds no run: it has no folder {CELLS_FOLDER}; name the --output-dir of a simulation."
        )
    return Run(sorted(_curves(cells), key=lambda curve: curve.cell))


def _curves(cells: Path) -> Iterator[Curve]:
    for path in cells.glob("*.jsonl"):
        curve = _read(path)
        if curve is not None:
            yield curve


def _read(path: Path) -> Curve | None:
    try:
        lines = _whole_lines(path)
    except FileNotFoundError:
        return None
    if not lines:
        return None
    try:
        head, *rounds = (json.loads(line) for line in lines)
        newer = {name for line in rounds for name in line} - {each.name for each in fields(Round)}
        if newer:
            raise AlpsError(f"{path} was written by a newer alps (it has '{min(newer)}'); update alps to read it.")
        finished = {line["number"]: Round(**line) for line in reversed(rounds)}  # the first of each number counts
        return Curve(Cell(**head["cell"]), head["settings"], tuple(_without_gap(finished)))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AlpsError(
            f"{path} is damaged ({error}); delete it, and the simulation computes that cell again."
        ) from error


def _without_gap(finished: Mapping[int, Round]) -> Iterator[Round]:
    """Rounds from 1 on; those behind a missing one would rest on picks that nobody knows."""
    number = 1
    while number in finished:
        yield finished[number]
        number += 1


def _whole_lines(path: Path) -> list[str]:
    """The lines that end: a crash while the last one was written leaves it without an end."""
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return lines[:-1]


def _file_name(cell: Cell) -> str:
    """A name for any system: what is not plain is written as hex, and what is too long ends with a digest."""
    parts = (cell.dataset, cell.strategy, cell.classifier, str(cell.seed))
    name = "__".join(_plain(part) for part in parts)
    if len(name) <= _LONGEST_NAME:
        return name
    digest = blake2b(name.encode(), digest_size=8).hexdigest()
    return f"{name[: _LONGEST_NAME - len(digest) - 2]}__{digest}"


def _plain(name: str) -> str:
    kept = "abcdefghijklmnopqrstuvwxyz0123456789-."
    return "".join(sign if sign in kept else f"_{ord(sign):x}_" for sign in name)
