"""Embeddings of a part of a data file, for the benchmarks of what comes after them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream
from alps.pool.read import read_pool
from alps.pool.texts import Texts
from alps.representations import encoding, surprisal
from alps.representations.features import Features
from alps.representations.resources import Resources


def surprisal_features(path: Path, n_rows: int, cache_folder: Path | None, seed: int = 0) -> Features:
    """Surprisal embeddings of what `part_of` draws, with evaluated tokens of the same seed."""
    texts, copies = part_of(path, n_rows, seed)
    return surprisal.represent(texts, copies, Resources(cache_folder=cache_folder), Stream(seed))


def encoder_features(path: Path, n_rows: int, cache_folder: Path | None, seed: int = 0) -> Features:
    """Encoder embeddings of what `part_of` draws."""
    texts, copies = part_of(path, n_rows, seed)
    return encoding.represent(texts, copies, Resources(cache_folder=cache_folder), Stream(seed))


def part_of(path: Path, n_rows: int, seed: int) -> tuple[Texts, npt.NDArray[np.int64]]:
    """
    At most `n_rows` distinct texts of a file, drawn at random, and how many copies there are of each.

    Parameters
    ----------
    path
        A file that `alps select` reads.
    n_rows
        The most texts.
    seed
        Draws them.

    """
    pool = read_pool(path)
    distinct = pool.distinct()
    rows, copies = distinct.rows, distinct.copies
    if len(rows) > n_rows:
        part = np.sort(np.random.default_rng(seed).choice(len(rows), n_rows, replace=False))
        rows, copies = rows[part], copies[part]
    return Texts.of(pool, rows), copies
