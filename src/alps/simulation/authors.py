"""A run in the schema of the results that the ALPS paper's authors released: one line for each score."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from alps.base.errors import AlpsError
from alps.simulation.grid import USUAL_FRACTION
from alps.simulation.plan import looks_at_surprisal
from alps.simulation.results import FULL, Curve

COLUMNS = ("score", "metric", "ranking", "size", "seed", "task", "model")

# What the authors call strategies, data sets and models; other names stay as they are.
_RANKINGS: Mapping[str, str] = MappingProxyType(
    {
        "alps": "mlmKM",
        "alps-kmeans++": "mlmKP",
        "alps-masked": "maskedmlmKM",
        "alps-single": "OSmlmKM",
        "badge-normalised": "rand-badge",
        "bert-km": "embedKM",
        "entropy": "rand-entropy",
        "ft-bert-km": "embedKM-FTembedKM",
        "random": "rand",
        FULL: "base",
    }
)
_TASKS: Mapping[str, str] = MappingProxyType({"ag_news": "agnews", "sst2": "sst-2"})
_MODELS: Mapping[str, str] = MappingProxyType({"bert-base-uncased": "bert", "allenai/scibert_scivocab_uncased": "bert"})


def authors_csv(curves: Iterable[Curve], part: str = "test") -> str:
    """
    The micro-F1 of every round.

    Our `badge` has no name of theirs: their ``rand-badge`` ran on normalised gradients, which is `badge-normalised`.
    Another share of tokens than the usual one ends the name of a strategy that looks at surprisal, as in their
    ``mlmKMs0.1``; all tokens, which is our `alps-tokens`, are ``mlmKMs1.0``.

    Parameters
    ----------
    curves
        Of a run.
    part
        ``test`` or ``dev``.

    Returns
    -------
    str
        CSV with the columns `COLUMNS`; ``model`` is the classifier too where it is not their fine-tuned one.

    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for curve in curves:
        cell = curve.cell
        ranking, task = _ranking(curve), _TASKS.get(cell.dataset, cell.dataset)
        model = str(curve.settings["model"])
        model = _MODELS.get(model, model) if cell.classifier == "finetune" else f"{model} {cell.classifier}"
        for each in curve.rounds:
            if part in each.scores:
                score = f"{each.scores[part]['micro_f1']:.4f}"
                writer.writerow([score, "f1", ranking, each.n_labelled, cell.seed, task, model])
    return text.getvalue()


def _ranking(curve: Curve) -> str:
    """Their name of a strategy and of the share of tokens that it evaluates, or ours."""
    strategy, fraction = curve.cell.strategy, float(curve.settings.get("evaluated_fraction", USUAL_FRACTION))
    if strategy == "alps-tokens":  # alps itself, of all tokens where nobody says otherwise
        strategy, fraction = "alps", 1.0 if fraction == USUAL_FRACTION else fraction
    name = _RANKINGS.get(strategy)
    if fraction == USUAL_FRACTION or not _looks_at_surprisal(strategy):
        return name or strategy
    return f"{name}s{fraction}" if name else f"{strategy} s{fraction}"


def _looks_at_surprisal(strategy: str) -> bool:
    """Whether it does, as far as is known here: a strategy of a package that is not installed may."""
    try:
        return strategy != FULL and looks_at_surprisal(strategy)
    except AlpsError:
        return True
