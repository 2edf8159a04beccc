"""
Algorithm 1 of the paper: query, label, and again.

    for t = 1 to T:
        Q_t <- k texts of U, chosen by the strategy through M_{t-1}
        y   <- the oracle's labels of Q_t
        D   <- D and (Q_t, y);  U <- U without Q_t
        M_t <- trained on D from the pre-trained weights
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from alps.classifiers.labelled import Answer
from alps.learning.learner import Learner
from alps.pool.labelled import Label
from alps.selection import Selection

Oracle = Callable[[Selection], Mapping[str, Answer]]  # the batch -> id -> label or labels, of all or some of its texts


@dataclass(frozen=True)
class Round:
    """
    One round.

    Attributes
    ----------
    number
        t, counted from 1.
    batch
        The texts that were queried.
    labels
        Id -> label, or sorted labels, of everything that is labelled after the round.

    """

    number: int
    batch: Selection
    labels: Mapping[str, Label]


def active_learning(learner: Learner, oracle: Oracle, k: int, rounds: int, *, done: int = 0) -> Iterator[Round]:
    """
    Go through Algorithm 1, one round at a time.

    Parameters
    ----------
    learner
        The pool and what is known of it; what it knows already counts.
    oracle
        Whoever answers. Texts of a batch that it does not answer stay pending.
    k
        Texts in a batch; the last batch may be smaller.
    rounds
        T; fewer where the pool runs out.
    done
        Rounds that the learner has gone through before.

    Yields
    ------
    Round
        After its labels are taken in. The model M_t is `Learner.train`, and is trained when that, or the next query,
        needs it.

    """
    for number in range(done + 1, rounds + 1):
        if not learner.n_left():
            return
        batch = learner.query(k)
        learner.teach(oracle(batch))
        yield Round(number, batch, dict(learner.states.labels))
