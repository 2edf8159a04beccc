"""Labelled texts, as classifiers take them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError
from alps.models.linear_head import MULTI_LABEL, SINGLE_LABEL
from alps.pool.texts import Texts

Answer = str | Collection[str]  # the label of a text, or all its labels: none, one or more


@dataclass(frozen=True)
class Labelled:
    """
    n labelled texts.

    Attributes
    ----------
    texts
        The distinct ones.
    rows
        Which of them each of the n is, int64 (n,).
    targets
        Indicators, bool (n, C).
    labels
        Names of the C classes.
    problem_type
        See `alps.models.linear_head.LinearHead`.
    weights
        Of the n texts, float64 (n,), such as how many texts each stands for; None for equal ones.

    """

    texts: Texts
    rows: npt.NDArray[np.int64]
    targets: npt.NDArray[np.bool_]
    labels: tuple[str, ...]
    problem_type: str
    weights: npt.NDArray[np.float64] | None

    @property
    def n(self) -> int:
        """The number of labelled texts."""
        return len(self.rows)

    @property
    def constant(self) -> bool:
        """Whether all texts have the same labels, so that there is nothing to learn."""
        return len(np.unique(self.targets, axis=0)) == 1

    def strings(self) -> list[str]:
        """The n texts themselves."""
        return self.texts.take(self.rows)

    def groups(self) -> npt.NDArray[np.int64]:
        """
        Which of the n are copies of one text, int64 (n,): the groups are numbered from 0 as they come.

        The text itself decides: in a simulation copies are texts of their own.
        """
        number: dict[str, int] = {}
        return np.array([number.setdefault(text, len(number)) for text in self.strings()], dtype=np.int64)

    def take(self, which: npt.NDArray[np.int64]) -> Labelled:
        """Some of the n labelled texts, for the same classes."""
        weights = None if self.weights is None else self.weights[which]
        return replace(self, rows=self.rows[which], targets=self.targets[which], weights=weights)

    @staticmethod
    def of(
        texts: Texts,
        answers: Sequence[Answer],
        *,
        rows: npt.NDArray[np.int64] | None = None,
        classes: Sequence[str] = (),
        weights: npt.ArrayLike | None = None,
    ) -> Labelled:
        """
        Put texts and their labels together.

        Parameters
        ----------
        texts
            Distinct texts.
        answers
            One label for each of n texts, or a collection of labels for each: the multi-label case.
        rows
            Which of the texts each answer is for, (n,); each is for its own where None.
        classes
            Names of classes that may have no text yet; all classes are put in alphabetical order.
        weights
            Positive, (n,).

        Raises
        ------
        AlpsError
            When nothing is labelled, some answers are one label and some are several, or a weight is not positive.

        """
        if not answers:
            raise AlpsError("There are no labelled texts to train on; label some first.")
        multi_label = not isinstance(answers[0], str)
        if any(isinstance(answer, str) == multi_label for answer in answers):
            raise AlpsError("Some texts have one label and some a list of labels; give a list for every text.")
        sets = [{answer} if isinstance(answer, str) else set(answer) for answer in answers]
        labels = tuple(sorted(set(classes).union(*sets)))
        if not labels:
            raise AlpsError("No text has a label; label some first, or name the classes.")
        targets = np.array([[label in given for label in labels] for given in sets], dtype=bool)
        scale = None if weights is None else np.asarray(weights, dtype=np.float64)
        if scale is not None and (scale.shape != (len(sets),) or not (scale > 0).all()):
            raise AlpsError(f"The weights are not {len(sets)} positive numbers, one for each text; correct them.")
        place = np.arange(len(sets)) if rows is None else rows
        return Labelled(texts, place, targets, labels, MULTI_LABEL if multi_label else SINGLE_LABEL, scale)
