"""
Randomness: one integer seed decides everything, and every purpose has a stream of its own.

Two kinds of draws exist. A *stream* is a `numpy` generator for draws that happen in a fixed order (the start of
k-means, a random batch). `uniform_hash` is for draws that must not depend on any order: whether a token is evaluated
is decided by (seed, text, position) alone, so that it is the same in every batch, shard, process and order of the pool.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Stream:
    """
    The seed of a run and the purpose of the draws.

    Attributes
    ----------
    seed, purpose
        What tells one stream from another.
    turn
        Tells the draws of one batch from those of the next, whatever their purpose; 0 for the first batch.

    >>> bool(Stream(3, "kmeans").generator().integers(100) == Stream(3, "kmeans").generator().integers(100))
    True
    """

    seed: int
    purpose: str = "root"
    turn: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**64:
            raise AlpsError(f"The seed {self.seed} is not a whole number from 0 to 2**64 - 1; choose another.")

    def child(self, purpose: str) -> Stream:
        """A stream for a part of this purpose."""
        return replace(self, purpose=f"{self.purpose}/{purpose}")

    def at(self, turn: int) -> Stream:
        """The same stream in another turn, from 0 to 2**64 - 1."""
        return replace(self, turn=turn)

    def steady(self) -> Stream:
        """The same stream without its turn: for draws that are the same in every batch."""
        return self.at(0)

    def generator(self) -> np.random.Generator:
        """A fresh generator at the start of this stream."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=self._key()))

    def integer(self) -> int:
        """A seed in [0, 2**31) for a library that takes an integer."""
        return int(self.generator().integers(2**31))

    def _key(self) -> tuple[int, ...]:
        key = zlib.crc32(self.purpose.encode())
        return (key, self.turn) if self.turn else (key,)


def uniform_hash(
    seed: int, lane: int, keys: npt.NDArray[np.uint64], counters: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """
    Uniform numbers in [0, 1) from a counter-based hash.

    Parameters
    ----------
    seed
        The seed of the run.
    lane
        Which independent draw for the same key and counter (evaluated or not, which mask, ...).
    keys
        64-bit keys of the texts, any shape.
    counters
        Positions, broadcast against `keys`.

    Notes
    -----
    The finaliser of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014) over key, counter, lane and seed, each step mixed.

    """
    with np.errstate(over="ignore"):
        state = _mix(np.uint64(seed % 2**64) + _GOLDEN * np.uint64(lane + 1))
        state = _mix(np.asarray(keys, dtype=np.uint64) ^ state)
        state = _mix(state + _GOLDEN * (np.asarray(counters).astype(np.uint64) + np.uint64(1)))
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(x: npt.NDArray[np.uint64] | np.uint64) -> npt.NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))
