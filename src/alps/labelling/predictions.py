"""What a model of a project predicts for the texts of the pool, kept in a file beside the model."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError
from alps.labelling.class_names import ClassNames

FILE = "predictions.npz"
_SMALLEST = float(np.finfo(np.float32).tiny)


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

    def renamed(self, names: ClassNames, n_known: int) -> Predictions | None:
        """
        The same for the classes as they are called now; None where none of them is left.

        Probabilities of classes that became one add up. In the multi-label case, where nothing says how often both are
        there, the higher one is taken: it is as likely as not where one of them is. Without a class that was removed,
        those of the others are divided by their sum; in the multi-label case they stay as they are.

        Parameters
        ----------
        names
            What happened to the names.
        n_known
            How many of these changes the names here follow already.

        """
        now = [names.since([name], n_known) for name in self.classes]
        kept = tuple(dict.fromkeys(name for found in now for name in found))
        if kept == self.classes:
            return self
        if not kept:
            return None
        columns = [[column for column, found in enumerate(now) if name in found] for name in kept]
        whole = self.probabilities.astype(np.float32)
        if self.multi_label:
            probabilities = np.stack([whole[:, column].max(axis=1) for column in columns], axis=1)
        else:
            probabilities = np.stack([whole[:, column].sum(axis=1) for column in columns], axis=1)
            if not all(now):
                total = probabilities.sum(axis=1, keepdims=True)
                probabilities = np.where(total > 0, probabilities / np.maximum(total, _SMALLEST), 1 / len(kept))
        return replace(self, classes=kept, probabilities=probabilities.astype(np.float16))

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
