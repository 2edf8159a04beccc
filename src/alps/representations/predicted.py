"""Features that a classifier gives: the inputs of its last layer, and what it predicts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError
from alps.representations.features import Features

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PredictedFeatures(Features):
    """
    Embeddings h of n texts, with predictions.

    Attributes
    ----------
    matrix
        Inputs h of the classifier's last linear layer, float32 (n, d).
    copies, facts
        As in `Features`.
    probabilities
        Of the C classes, float32 (n, C).
    samples
        Probabilities under draws from the classifier's posterior, float32 (n, draws, C); None where there are none.
    multi_label
        Whether the classes are C questions of their own (a text has any number of them), so that rows of
        probabilities do not add up to 1.

    """

    probabilities: Array = field(kw_only=True)
    samples: Array | None = field(kw_only=True, default=None)
    multi_label: bool = field(kw_only=True, default=False)

    def take(self, rows: npt.NDArray[np.int64]) -> PredictedFeatures:
        """The features of some rows, in that order."""
        facts = {name: values[rows] for name, values in self.facts.items()}
        samples = None if self.samples is None else self.samples[rows]
        return PredictedFeatures(
            self.matrix[rows], self.copies[rows], facts, probabilities=self.probabilities[rows], samples=samples,
            multi_label=self.multi_label,
        )  # fmt: skip


def predicted(features: Features) -> PredictedFeatures:
    """
    The same features, known to have predictions.

    Raises
    ------
    AlpsError
        When they have none: a selector was put together with a representation that does not fit it.

    """
    if not isinstance(features, PredictedFeatures):
        raise AlpsError("This selector looks at predictions; put it together with the representation prediction.")
    return features
