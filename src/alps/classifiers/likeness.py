"""
Whether new texts look like the texts that a classifier comes from.

Kept beside the classifier are embeddings of some texts of the pool, and for some others of the pool how similar each
is to its k-th nearest among the first: Sun et al., "Out-of-distribution detection with deep nearest neighbors", ICML
2022. If the new texts come from where the pool does, their similarities and the kept ones are exchangeable, so that the
rank-sum test (Mann & Whitney, 1947) raises a false alarm as seldom as its level says. The encoder is the pre-trained
one: in the space of a fine-tuned one the texts that it was trained on are closer together than any new text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.pool.texts import Texts
from alps.representations import encoding
from alps.representations.resources import Resources

FILE = "pool.safetensors"
MOST = 500  # texts of either half: 0.4 MB for the bundled encoder
FEWEST = 30  # texts of either half, and new texts; of fewer nothing is said
LEVEL = 0.001  # how often texts from where the pool is from raise an alarm
_NEIGHBOUR = 5  # the k of the k-th nearest
_ODD = 0.05  # the share of the pool that is called odd
_MANY_ODD = 0.15  # fewer odd texts raise no alarm, however sure it is that they are more than in the pool


class Verdict(NamedTuple):
    """What is said of some new texts: is it an alarm, the share of odd ones (0.05 of the pool's are), and p."""

    unlike: bool
    odd: float
    p_value: float


@dataclass(frozen=True)
class Likeness:
    """
    What is kept of a pool.

    Attributes
    ----------
    reference
        Embeddings of m texts, float16 (m, d), rows of norm 1.
    similarities
        Of c other texts, to their k-th nearest of the m; float32 (c,).
    encoder
        Model, digest, pooling and max_length of the encoder.

    """

    reference: npt.NDArray[np.float16]
    similarities: npt.NDArray[np.float32]
    encoder: dict[str, str | int]

    @staticmethod
    def of(texts: Sequence[str], resources: Resources, stream: Stream) -> Likeness | None:
        """
        Look at a sample of a pool.

        Parameters
        ----------
        texts
            The pool; copies are looked at once.
        resources
            The pre-trained encoder.
        stream
            Draws the sample.

        Returns
        -------
        Likeness or None
            None for a pool of too few texts.

        """
        distinct = sorted(set(texts))
        half = min(MOST, len(distinct) // 2)
        if half < FEWEST:
            return None
        drawn = stream.generator().permutation(len(distinct))[: 2 * half]
        embeddings = _embed([distinct[i] for i in drawn], resources)
        reference = embeddings[:half].astype(np.float16)
        encoder: dict[str, str | int] = {
            "model": resources.model, "digest": resources.encoder.digest, "pooling": resources.encoder.pooling,
            "max_length": resources.max_length,
        }  # fmt: skip
        return Likeness(reference, similarities(embeddings[half:], reference), encoder)

    def resources(self, *, device: str = "auto", dtype: str = "auto") -> Resources | None:
        """The encoder to look at new texts with; None where it is not on this machine or another one has its name."""
        model, pooling, max_length = (self.encoder[name] for name in ("model", "pooling", "max_length"))
        found = Resources(
            str(model), device=device, dtype=dtype, pooling=str(pooling), max_length=int(max_length)
        )  # fmt: skip
        try:
            return found if found.encoder.digest == self.encoder["digest"] else None
        except AlpsError:
            return None

    def judge(
        self, texts: Sequence[str], resources: Resources, *, level: float = LEVEL
    ) -> Verdict | None:  # fmt: skip
        """
        Compare new texts with the pool.

        Parameters
        ----------
        texts
            A sample of the new texts; copies are looked at once.
        resources
            What `resources` gave.
        level
            The probability of an alarm about texts from where the pool is from, at most.

        Returns
        -------
        Verdict or None
            None for too few texts.

        """
        distinct = sorted(set(texts))
        if len(distinct) < FEWEST:
            return None
        return compare(similarities(_embed(distinct, resources), self.reference), self.similarities, level)

    def save(self, folder: Path) -> None:
        """Write the file into a folder."""
        tensors: dict[str, npt.NDArray[Any]] = {"reference": self.reference, "similarities": self.similarities}
        save_file(tensors, folder / FILE, metadata={"encoder": json.dumps(self.encoder)})

    @staticmethod
    def load(folder: Path) -> Likeness | None:
        """
        Read what `save` wrote; None where there is nothing.

        Raises
        ------
        AlpsError
            When it is damaged.

        """
        path = folder / FILE
        if not path.is_file():
            return None
        try:
            with safe_open(path, framework="numpy") as file:
                encoder = json.loads(file.metadata()["encoder"])
                return Likeness(file.get_tensor("reference"), file.get_tensor("similarities"), encoder)
        except (OSError, KeyError, TypeError, ValueError, SafetensorError) as error:
            raise AlpsError(f"{path} is damaged; train the classifier again.") from error


def compare(new: npt.NDArray[np.float32], kept: npt.NDArray[np.float32], level: float = LEVEL) -> Verdict:
    """A verdict from the similarities of new texts, (n,), and of texts of the pool, (c,)."""
    from scipy.stats import mannwhitneyu

    p_value = float(mannwhitneyu(new, kept, alternative="less").pvalue)
    odd = float(np.mean(new < np.quantile(kept, _ODD)))
    return Verdict(p_value < level and odd >= _MANY_ODD, odd, p_value)


def similarities(embeddings: npt.NDArray[np.float32], reference: npt.NDArray[np.float16]) -> npt.NDArray[np.float32]:
    """The cosine of each text with its k-th nearest of the reference, float32 (n,)."""
    cosines = embeddings @ reference.astype(np.float32).T
    place = cosines.shape[1] - min(_NEIGHBOUR, cosines.shape[1])
    # Not a view: safetensors would write other numbers.
    return np.ascontiguousarray(np.partition(cosines, place, axis=1)[:, place], dtype=np.float32)


def _embed(texts: Sequence[str], resources: Resources) -> npt.NDArray[np.float32]:
    pool = Texts.of_strings(list(texts))
    features = encoding.represent(pool, np.ones(pool.n, np.int64), resources, Stream(0))
    return np.asarray(features.matrix, dtype=np.float32)
