"""The result of `select`: the texts to label, and what they were chosen from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from alps.base.errors import require
from alps.base.notebook import table_html
from alps.base.streams import Stream
from alps.pool.pool import Pool
from alps.pool.rows import take_rows
from alps.representations.features import Features
from alps.representations.resources import Resources
from alps.selectors.picks import Picks
from alps.strategies import Strategy
from alps.view import View

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Basis:
    """
    What a selection was made from, for those who explain it.

    Attributes
    ----------
    pool, view
        All texts, and the m distinct ones that were looked at.
    features
        Of those m texts.
    picks
        The chosen rows of the features, in the order of the selection.
    strategy
        The row of the table of strategies.
    resources
        The models, loaded when first needed.
    stream
        The seed of the selection.
    options
        What the representation was told.

    """

    pool: Pool
    view: View
    features: Features
    picks: Picks
    strategy: Strategy
    resources: Resources
    stream: Stream
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Selection:
    """
    The texts to label, in an order of which every prefix is a good batch.

    Attributes
    ----------
    indices
        Positions of the texts in the input as it was given, int64 (k,).
    ids
        Their ids.
    texts
        The texts.
    cluster_sizes
        How many texts of the pool are in the cluster of each, int64 (k,); None where the strategy has no clusters.
    distances
        Euclidean distance to the cluster centre, float32 (k,); None where there are no centres.
    surprisal
        Mean surprisal over the evaluated tokens in nats, float32 (k,), NaN where none was evaluated; None where the
        strategy does not look at surprisal.
    columns
        Every original column of the texts.
    summary
        What was read, left out and computed, with what settings and versions: JSON-able.
    basis
        What it was made from, models included; a pickle or a copy goes without, and has None.

    """

    indices: npt.NDArray[np.int64]
    ids: list[str]
    texts: list[str]
    cluster_sizes: npt.NDArray[np.int64] | None
    distances: npt.NDArray[np.float32] | None
    surprisal: npt.NDArray[np.float32] | None
    columns: pa.Table
    summary: dict[str, Any]
    basis: Basis | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, basis: Basis, summary: dict[str, Any]) -> Selection:
        """The picks of a basis as a selection."""
        pool, picks = basis.pool, basis.picks
        rows = basis.view.rows[picks.rows]
        surprisal = basis.features.facts.get("surprisal")
        return cls(
            indices=pool.row_numbers[rows],
            ids=take_rows(pool.ids, rows).to_pylist(),
            texts=take_rows(pool.texts, rows).to_pylist(),
            cluster_sizes=picks.cluster_sizes,
            distances=picks.distances,
            surprisal=None if surprisal is None else surprisal[picks.rows],
            columns=pool.take(rows),
            summary=summary,
            basis=basis,
        )

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "basis": None}

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        said = self.summary
        settings = ", ".join(f"{name}={said[name]!r}" for name in ("strategy", "model", "seed") if name in said)
        return f"<Selection of {len(self)} of {said.get('texts_in_pool', 'unknown')} texts: {settings}>"

    @property
    def weights(self) -> npt.NDArray[np.float64] | None:
        """
        How much each text counts in training, of mean 1, float64 (k,); None where the strategy gives no weights.

        They are the cluster sizes, so that a text stands for its cluster and the batch for the pool; what takes them
        is `train_classifier` and, by itself, a `Learner`.
        """
        if not self.summary.get("gives_weights") or self.cluster_sizes is None:
            return None
        sizes = np.maximum(self.cluster_sizes, 1).astype(np.float64)
        return np.asarray(sizes / sizes.mean())

    def take(self, rows: npt.NDArray[np.int64]) -> Selection:
        """Some of the texts, in that order, with what is known of each; the summary stays that of the whole choice."""
        return Selection(
            indices=self.indices[rows],
            ids=_in_order(self.ids, rows),
            texts=_in_order(self.texts, rows),
            cluster_sizes=None if self.cluster_sizes is None else self.cluster_sizes[rows],
            distances=None if self.distances is None else self.distances[rows],
            surprisal=None if self.surprisal is None else self.surprisal[rows],
            columns=self.columns.take(rows),
            summary=self.summary,
        )

    def to_table(self) -> pa.Table:
        """
        Rank, id, text, what is known of the pick, and every original column, as an Arrow table of k rows.

        The columns of texts and ids are not repeated where they are called ``text`` and ``id``; any other original
        column of a name that is taken keeps its values under ``input_`` and that name.
        """
        empty = pa.nulls(len(self))
        table = pa.table(
            {
                "rank": pa.array(np.arange(1, len(self) + 1)),
                "id": pa.array(self.ids, pa.string()),
                "text": pa.array(self.texts, pa.large_string()),
                "cluster_size": empty if self.cluster_sizes is None else pa.array(self.cluster_sizes),
                "distance_to_centre": empty if self.distances is None else pa.array(self.distances),
                "mean_surprisal": empty if self.surprisal is None else pa.array(self.surprisal, from_pandas=True),
            }
        )
        repeated = {"text": self.summary["text_column"], "id": self.summary["id_column"]}
        for name, column in zip(self.columns.column_names, self.columns.columns, strict=True):
            if repeated.get(name) == name:
                continue
            while name in table.column_names:
                name = f"input_{name}"
            table = table.append_column(name, column)
        return table

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        sizes, surprisal = (
            [None] * len(self) if values is None else values.tolist() for values in (self.cluster_sizes, self.surprisal)
        )
        rows = zip(range(1, len(self) + 1), self.ids, self.texts, sizes, surprisal, strict=True)
        caption = f"{len(self)} texts of {self.summary['source']}, chosen by {self.summary['strategy']}"
        return table_html(caption, ["rank", "id", "text", "texts like it", "nats a token"], rows, len(self))

    def to_pandas(self) -> pd.DataFrame:
        """The table as a pandas data frame; needs the extra ``pandas``."""
        require("pandas", "pandas")
        frame: pd.DataFrame = self.to_table().to_pandas()
        return frame


def joined(parts: Sequence[Selection], order: npt.NDArray[np.int64], summary: dict[str, Any]) -> Selection:
    """Several selections of one pool in one order, without what belongs to the clusters of one of them."""
    surprisal = [part.surprisal for part in parts if part.surprisal is not None]
    return Selection(
        indices=np.concatenate([part.indices for part in parts])[order],
        ids=_in_order([name for part in parts for name in part.ids], order),
        texts=_in_order([text for part in parts for text in part.texts], order),
        cluster_sizes=None,
        distances=None,
        surprisal=np.concatenate(surprisal)[order] if len(surprisal) == len(parts) else None,
        columns=pa.concat_tables([part.columns for part in parts]).take(order),
        summary=summary,
    )


def _in_order(values: list[str], order: npt.NDArray[np.int64]) -> list[str]:
    return [values[i] for i in order.tolist()]
