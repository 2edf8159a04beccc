"""What a model of a project predicts for the texts of the pool, kept in a file beside the model."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError

FILE = "predictions.npz"


@dataclass(frozen=True)
class Predictions:
    """
    Probabilities of n texts.

    Attributes
    ----------
    training
        The number of the training that made the model.
    classes
        Names of the C classes, in the order of the columns.
    multi_label
        Whether a text may have several labels; then each probability stands for itself.
    numbers
        Of the texts in the project, int64 (n,), rising.
    probabilities
        float16 (n, C).

    """

    training: int
    classes: tuple[str, ...]
    multi_label: bool
    numbers: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float16]

    def suggestion(self, number: int) -> tuple[str, float] | None:
        """The likeliest class of a text and its probability; None for a text that was not predicted."""
        place = int(np.searchsorted(self.numbers, number))
        if place == len(self.numbers) or self.numbers[place] != number:
            return None
        likeliest = int(self.probabilities[place].argmax())
        return self.classes[likeliest], round(float(self.probabilities[place, likeliest]), 3)

    def labels(self) -> list[list[str]]:
        """The predicted labels of each text: one, or in the multi-label case all that are likelier than not."""
        if self.multi_label:
            return [[self.classes[c] for c in np.flatnonzero(row > 0.5)] for row in self.probabilities]
        return [[self.classes[c]] for c in self.probabilities.argmax(axis=1)]

    def save(self, folder: Path) -> None:
        """Write the file into a folder."""
        np.savez(
            folder / FILE, training=self.training, classes=np.array(self.classes), multi_label=self.multi_label,
            numbers=self.numbers, probabilities=self.probabilities,
        )  # fmt: skip

    @staticmethod
    def load(folder: Path) -> Predictions:
        """
        Read what `save` wrote.

        Raises
        ------
        AlpsError
            When it is missing or damaged.

        """
        try:
            with np.load(io.BytesIO((folder / FILE).read_bytes()), allow_pickle=False) as found:
                return Predictions(
                    int(found["training"]), tuple(found["classes"].tolist()), bool(found["multi_label"]),
                    found["numbers"], found["probabilities"],
                )  # fmt: skip
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise AlpsError(f"{folder / FILE} is missing or damaged; train the model again.") from error
