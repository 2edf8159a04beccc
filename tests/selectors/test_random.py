"""The Random baseline: every text of the pool equally likely, every prefix a random batch."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import scipy.sparse as sp
from scipy.stats import chisquare

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors.picks import Picks
from alps.selectors.random import select

N_SEEDS = 3000


def pick(copies: list[int], k: int, seed: int, candidates: list[int] | None = None) -> Picks:
    some = Features(sp.csr_array((len(copies), 0), dtype=np.float32), np.array(copies))
    rows = np.arange(some.n) if candidates is None else np.array(candidates)
    return select(some, rows, np.empty(0, np.int64), k, Stream(seed, "random"))


def assert_drawn(counts: np.ndarray, probabilities: list[float]) -> None:
    assert chisquare(counts, counts.sum() * np.array(probabilities) / np.sum(probabilities)).pvalue > 1e-4


def test_every_text_has_the_same_chance() -> None:
    rows = np.array([pick([1] * 10, 4, seed).rows for seed in range(N_SEEDS)])
    counts = np.bincount(rows.ravel())
    assert len(counts) == 10
    assert np.abs(counts / N_SEEDS - 0.4).max() < 5 * np.sqrt(0.24 / N_SEEDS)


def test_copies_weigh() -> None:
    firsts = [pick([1, 1, 1, 7], 2, seed).rows[0] for seed in range(N_SEEDS)]
    assert_drawn(np.bincount(firsts), [1, 1, 1, 7])


def test_a_batch_in_its_order_is_a_draw_one_by_one_without_replacement() -> None:
    copies = np.array([1, 2, 3])
    rows = [tuple(pick(copies.tolist(), 3, seed).rows.tolist()) for seed in range(N_SEEDS)]
    orders = list(permutations(range(3)))
    expected = [copies[a] / 6 * copies[b] / (6 - copies[a]) for a, b, _ in orders]
    assert_drawn(np.array([rows.count(order) for order in orders]), expected)


def test_a_smaller_batch_is_the_beginning_of_a_larger_one() -> None:
    assert pick([1] * 50, 5, 3).rows.tolist() == pick([1] * 50, 20, 3).rows[:5].tolist()


def test_distinct_rows_of_the_candidates_and_nothing_said_of_clusters() -> None:
    picks = pick([1] * 9, 4, 0, candidates=[1, 3, 5, 7])
    assert sorted(picks.rows.tolist()) == [1, 3, 5, 7]
    assert picks.cluster_sizes is None and picks.distances is None


def test_equal_seeds_draw_equally_and_others_do_not() -> None:
    first, again, other = (pick([1] * 100, 10, seed).rows.tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_successive_batches_are_parts_of_one_order_whatever_the_order_of_the_pool() -> None:
    keys = np.random.default_rng(0).integers(2**63, size=200).astype(np.uint64)

    def batch(places: np.ndarray, taken: set[int], k: int, turn: int) -> list[int]:
        """Keys of the batch that is drawn of a pool in that order when some texts are taken."""
        some = Features(sp.csr_array((len(places), 0), dtype=np.float32), np.ones(len(places), np.int64),
                        {"key": keys[places]})  # fmt: skip
        free = np.array([i for i, key in enumerate(keys[places].tolist()) if key not in taken])
        rows = select(some, free, np.empty(0, np.int64), k, Stream(0, "random").at(turn)).rows
        return keys[places][rows].tolist()

    order = np.arange(200)
    whole = batch(order, set(), 40, 0)
    taken: set[int] = set()
    for turn in range(4):
        found = batch(order[::-1] if turn % 2 else order, taken, 10, turn)
        assert found == whole[10 * turn : 10 * turn + 10]
        taken |= {*found}


def test_a_batch_is_not_made_of_the_neighbours_of_the_last() -> None:
    """Of 2,000 texts in the order of their rows, 1 in 100 stands beside a text of the batch before by chance."""
    first = pick([1] * 2000, 10, 0).rows
    free = np.setdiff1d(np.arange(2000), first)
    second = pick([1] * 2000, 10, 0, candidates=free.tolist()).rows
    assert np.abs(second[:, None] - first).min(axis=1).mean() > 10
