"""A trained classifier, as strategies look through it: an encoder and a linear head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError
from alps.models.encoder import Encoder
from alps.models.linear_head import MULTI_LABEL, LinearHead

DRAWS = 20  # heads that a classifier draws for BALD


@dataclass(frozen=True)
class Classifier:
    """
    The acquisition model M_t of a warm strategy.

    Attributes
    ----------
    head
        The last linear layer.
    encoder
        What gives its inputs h; None for the frozen pre-trained encoder, whose embeddings are shared with cold
        strategies.
    drawn_heads
        Heads drawn from their posterior, such as by bootstrap; empty where there are none.

    """

    head: LinearHead
    encoder: Encoder | None = None
    drawn_heads: tuple[LinearHead, ...] = ()

    @property
    def multi_label(self) -> bool:
        """Whether a text may have any number of the classes."""
        return self.head.problem_type == MULTI_LABEL

    def samples(self, embeddings: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """
        Probabilities under every drawn head, float32 (n, draws, C).

        Raises
        ------
        AlpsError
            When this classifier has none.

        """
        if not self.drawn_heads:
            raise AlpsError("This classifier gives no samples; train it with some, or choose another strategy.")
        return np.stack([head.probabilities(embeddings) for head in self.drawn_heads], axis=1)
