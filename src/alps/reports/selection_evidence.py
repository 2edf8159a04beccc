"""What a selection's page tells, as numbers: computed here, drawn in `alps.reports.selection_report`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alps.analysis.near_duplicates import near_duplicates
from alps.analysis.nearest_members import Members, nearest_members
from alps.analysis.projection import Projection, project
from alps.analysis.token_spans import Evaluation, TokenSpan, token_spans
from alps.base.errors import AlpsError
from alps.pool.texts import Texts
from alps.representations import encoding
from alps.representations.features import Features
from alps.representations.token_surprisal import token_surprisal
from alps.selection import Basis
from alps.selectors.random import select as select_at_random
from alps.strategies import find_strategy

# Texts of the pool on the map, and in the distributions where the selection knows no token counts.
SAMPLE = 2000
# Picks, and as many of Random's texts, that are shown token by token: `text_lists` gives the 400 of them 2.8 MB.
SHOWN = 200
# Picks, and as many of Random's texts, on the map and in the distributions.
COMPARED = 1000
MEMBERS = 3

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """
    k texts that were chosen in one way.

    Attributes
    ----------
    kind, name
        ``picks`` or ``random``, and what one of them is called.
    rows
        Rows of the features, int64 (k,).
    texts, ids
        Of the first `SHOWN`.
    spans
        Their tokens; None where the model gives no surprisal.
    n_near_duplicates
        How many of the k have a near duplicate among them.

    """

    kind: str
    name: str
    rows: Rows
    texts: list[str]
    ids: list[str]
    spans: list[list[TokenSpan]] | None
    n_near_duplicates: int


@dataclass(frozen=True)
class Evidence:
    """
    What there is to show of a selection.

    Attributes
    ----------
    picks, random
        The chosen texts, and as many that Random chooses with the same seed; None for Random itself.
    evaluation
        How the selection drew the tokens it looked at; None where it looked at none.
    no_surprisal
        Why the model gives no surprisal; None where it does.
    members
        What the first `SHOWN` picks stand for; None where the strategy has no features.
    member_texts
        The texts that `members` names, by row.
    sample
        Rows of the pool that stand for it on the map.
    projection, mapped
        The map, and which row of the features each of its points is.
    beginnings
        The texts of the map's points, cut after a few words.
    n_tokens, surprisal
        By row of the features, a number for each text that the distributions show, NaN elsewhere, float64 (m,). The
        surprisal is the mean in nats over the evaluated tokens, or over all where `evaluation` is None.

    """

    picks: Batch
    random: Batch | None
    evaluation: Evaluation | None
    no_surprisal: str | None
    members: Members | None
    member_texts: Mapping[int, str]
    sample: Rows
    projection: Projection
    mapped: Rows
    beginnings: Mapping[int, str]
    n_tokens: npt.NDArray[np.float64]
    surprisal: npt.NDArray[np.float64] | None

    def batches(self) -> list[Batch]:
        """The picks, and Random's texts where they are compared."""
        return [self.picks] if self.random is None else [self.picks, self.random]


def gather_evidence(basis: Basis, projection: str) -> Evidence:
    """
    Compute what the page tells.

    Only the texts that are shown, and at most `SAMPLE` others, are read by a model again.

    Raises
    ------
    AlpsError
        When the projection is unknown or the encoder cannot be loaded.

    """
    is_random = basis.strategy.selector == find_strategy("random").selector
    random_rows = None if is_random else _random_rows(basis)
    evaluation = _evaluation(basis)
    no_surprisal = _why_no_surprisal(basis)
    sample = _sample(basis)
    compared = [sample, basis.picks.rows[:COMPARED]] + ([] if random_rows is None else [random_rows[:COMPARED]])
    mapped = np.unique(np.concatenate(compared))
    encoded = encoding.represent(_texts(basis, mapped), basis.features.copies[mapped], basis.resources, basis.stream)
    members = None
    if basis.features.matrix.shape[1]:
        members = nearest_members(basis.features, basis.view.candidates, basis.picks, MEMBERS)
        members = Members(members.sizes, members.nearest[:SHOWN])
    with_surprisal = no_surprisal is None
    return Evidence(
        picks=_batch("picks", "Pick", basis, basis.picks.rows, evaluation, with_surprisal),
        random=(
            None if random_rows is None else _batch("random", "Random", basis, random_rows, evaluation, with_surprisal)
        ),
        evaluation=evaluation,
        no_surprisal=no_surprisal,
        members=members,
        member_texts=_by_row(basis, np.unique(np.concatenate(members.nearest)) if members else mapped[:0]),
        sample=sample,
        projection=project(encoded.matrix, np.isin(mapped, sample), projection, basis.stream.child("report/map")),
        mapped=mapped,
        beginnings=_by_row(basis, mapped),
        n_tokens=_n_tokens(basis.features, encoded, mapped),
        surprisal=_mean_surprisal(basis, mapped, evaluation) if with_surprisal else None,
    )


def _random_rows(basis: Basis) -> Rows:
    """What the strategy Random picks from the same candidates with the same seed."""
    view = basis.view
    k = len(basis.picks.rows)
    return select_at_random(basis.features, view.candidates, view.known, k, basis.stream.child("random")).rows


def _evaluation(basis: Basis) -> Evaluation | None:
    if "evaluated_fraction" not in basis.options:
        return None
    return Evaluation(float(basis.options["evaluated_fraction"]), bool(basis.options.get("masked", False)))


def _why_no_surprisal(basis: Basis) -> str | None:
    try:
        _ = basis.resources.masked_language_model
    except AlpsError as error:
        return str(error)
    return None


def _sample(basis: Basis) -> Rows:
    candidates = basis.view.candidates
    if len(candidates) <= SAMPLE:
        return candidates
    generator = basis.stream.child("report/sample").generator()
    return np.sort(generator.choice(candidates, SAMPLE, replace=False))


def _texts(basis: Basis, rows: Rows) -> Texts:
    return Texts.of(basis.pool, basis.view.rows[rows])


def _by_row(basis: Basis, rows: Rows) -> dict[int, str]:
    texts = _texts(basis, rows)
    return dict(zip(rows.tolist(), texts.take(np.arange(len(rows))), strict=True))


def _batch(
    kind: str, name: str, basis: Basis, rows: Rows, evaluation: Evaluation | None, with_surprisal: bool
) -> Batch:
    shown = _texts(basis, rows[:SHOWN])
    every = _texts(basis, rows).take(np.arange(len(rows)))
    spans = None
    if with_surprisal:
        spans = token_spans(shown, basis.resources, seed=basis.stream.seed, evaluation=evaluation)
    ids = basis.pool.ids.take(shown.rows).to_pylist()
    return Batch(kind, name, rows, every[:SHOWN], ids, spans, int(near_duplicates(every).sum()))


def _n_tokens(features: Features, encoded: Features, mapped: Rows) -> npt.NDArray[np.float64]:
    """Tokens of each text: of all where the selection counted them, else of those on the map."""
    if "n_tokens" in features.facts:
        return features.facts["n_tokens"].astype(np.float64)
    numbers = np.full(features.n, np.nan)
    numbers[mapped] = encoded.facts["n_tokens"]
    return numbers


def _mean_surprisal(basis: Basis, mapped: Rows, evaluation: Evaluation | None) -> npt.NDArray[np.float64]:
    """
    Mean surprisal of each text: of all where the selection looked at it, else of those on the map.

    Over the tokens that the cards of the page count: the evaluated ones, or all where the selection looked at none.
    """
    if "surprisal" in basis.features.facts:
        return basis.features.facts["surprisal"].astype(np.float64)
    tokens = Evaluation(1.0, masked=False) if evaluation is None else evaluation
    found = token_surprisal(
        _texts(basis, mapped), basis.resources, seed=basis.stream.seed, fraction=tokens.fraction, masked=tokens.masked
    )
    numbers = np.full(basis.features.n, np.nan)
    numbers[mapped] = found.mean()
    return numbers
