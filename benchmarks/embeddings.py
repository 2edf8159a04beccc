"""Surprisal embeddings of a part of a data file, for the benchmarks of what comes after them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from alps.base.streams import Stream
from alps.pool.read import read_pool
from alps.pool.texts import Texts
from alps.representations import surprisal
from alps.representations.features import Features
from alps.representations.resources import Resources


def surprisal_features(path: Path, n_rows: int, cache_folder: Path | None, seed: int = 0) -> Features:
    """
    Surprisal embeddings under the bundled model of at most `n_rows` distinct texts, drawn at random.

    Parameters
    ----------
    path
        A file that `alps select` reads.
    n_rows
        The most texts.
    cache_folder
        Where token surprisal is kept from run to run; None keeps nothing.
    seed
        Draws the texts and their evaluated tokens.

    """
    pool = read_pool(path)
    distinct = pool.distinct()
    rows, copies = distinct.rows, distinct.copies
    if len(rows) > n_rows:
        part = np.sort(np.random.default_rng(seed).choice(len(rows), n_rows, replace=False))
        rows, copies = rows[part], copies[part]
    texts = Texts.of(pool, rows)
    return surprisal.represent(texts, copies, Resources(cache_folder=cache_folder), Stream(seed))
