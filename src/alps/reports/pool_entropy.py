"""How unsure a classifier that saw every label is of each text of a pool: what equation 4 is a mean of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from alps.analysis.uncertainty import check_scores
from alps.models.entropy import predictive_entropy
from alps.reports.run_texts import RunTexts
from alps.reports.score_curves import Panel
from alps.simulation.results import Round


class PoolEntropy(NamedTuple):
    """Predictive entropy of n texts in nats, float64 (n,), ordered by id, and whose it is, in words."""

    values: npt.NDArray[np.float64]
    whose: str


def pool_entropy(panel: Panel, found: RunTexts) -> PoolEntropy:
    """
    The entropies of a panel: of its classifiers that were fine-tuned on the whole pool, or else of a probe.

    Raises
    ------
    AlpsError
        When such a classifier knows nothing of the test texts; see `alps.analysis.uncertainty.check_trained`.

    """
    n = found.texts.n
    kept = [
        curve.rounds[0]
        for line in panel.lines
        if line.is_full
        for curve in line.curves
        if len(curve.rounds[0].pool_entropy) == n
    ]
    if kept:
        for each in kept:
            _check(each, len(found.data.classes))
        seeds = "n = 1 seed" if len(kept) == 1 else f"the mean over n = {len(kept)} seeds"
        values = np.mean([each.pool_entropy for each in kept], axis=0)
        return PoolEntropy(values, f"the classifier that was fine-tuned on the whole pool ({seeds})")
    whose = "a probe that was trained on the whole pool"
    if panel.classifier != "probe":
        whose += (
            f", not the classifier of the runs: they hold none of {panel.classifier} on the whole pool that kept it"
        )
    return PoolEntropy(predictive_entropy(found.probabilities), whose)


def _check(finished: Round, n_classes: int) -> None:
    """Refuse a classifier that knows nothing, by its scores on test."""
    support = [each["support"] for each in finished.per_class["test"].values()]
    entropy, accuracy = float(np.mean(finished.pool_entropy)), finished.scores["test"]["micro_f1"]
    check_scores(entropy, accuracy, max(support) / sum(support), n=round(sum(support)), n_classes=n_classes)
