"""Surprisal embeddings as a transformer of scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from alps.base.streams import Stream
from alps.pool.texts import Texts
from alps.representations.resources import Resources
from alps.representations.surprisal import represent


class SurprisalTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """
    Texts to surprisal embeddings (paper 4.2).

    Parameters
    ----------
    model
        ``bundled``, a folder, or a hub id.
    evaluated_fraction
        Probability that a token is evaluated.
    masked
        Whether the evaluated tokens are masked in the input.
    max_length
        The length l of the embeddings, special tokens included.
    device, dtype
        Where and in which type the model computes.
    cache_dir
        Where computed values are kept; None keeps nothing.
    random_state
        The seed, which decides which tokens are evaluated.

    Attributes
    ----------
    resources_
        The models, loaded when first needed.

    Examples
    --------
    >>> SurprisalTransformer(max_length=16).fit_transform(["rain in Rome", "a goal in extra time"]).shape
    (2, 16)

    """

    def __init__(
        self,
        model: str = "bundled",
        evaluated_fraction: float = 0.15,
        masked: bool = False,
        max_length: int = 128,
        device: str = "auto",
        dtype: str = "auto",
        cache_dir: str | Path | None = None,
        random_state: int = 0,
    ) -> None:
        self.model = model
        self.evaluated_fraction = evaluated_fraction
        self.masked = masked
        self.max_length = max_length
        self.device = device
        self.dtype = dtype
        self.cache_dir = cache_dir
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> SurprisalTransformer:  # noqa: N803 - the library's name
        """Check the texts (n,); the model is trained already, and y is not looked at."""
        _checked(X)
        folder = None if self.cache_dir is None else Path(self.cache_dir)
        self.resources_ = Resources(
            self.model, device=self.device, dtype=self.dtype, max_length=self.max_length, cache_folder=folder
        )
        return self

    def transform(self, X: Any) -> sp.csr_array:  # noqa: N803 - the library's name
        """
        Surprisal embeddings of texts (n,): CSR float32 (n, max_length).

        Raises
        ------
        ValueError
            When these are no texts.

        """
        check_is_fitted(self)
        texts, inverse = np.unique(_checked(X), return_inverse=True)
        features = represent(
            Texts.of_strings(texts.tolist()), np.ones(len(texts), dtype=np.int64), self.resources_,
            Stream(self.random_state), evaluated_fraction=self.evaluated_fraction, masked=self.masked,
        )  # fmt: skip
        return features.matrix[inverse]

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Names of the columns: positions of tokens."""
        return np.array([f"position{i}" for i in range(self.max_length)], dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = True
        return tags


def _checked(texts: Sequence[str]) -> npt.NDArray[np.object_]:
    """Texts as an array (n,)."""
    if isinstance(texts, str):
        raise ValueError("Give several texts, not one: a list or an array of strings.")
    array = np.asarray(texts, dtype=object)
    if array.ndim != 1 or not all(isinstance(text, str) for text in array):
        raise ValueError("Give texts as a list or a one-dimensional array of strings.")
    if not len(array):
        raise ValueError("Give at least one text.")
    return array
