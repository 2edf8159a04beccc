"""The authors' numbers: beside ours where the setting is theirs, and in a table of their own where it is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from alps.analysis.published import PublishedResult, published_results
from alps.reports.run_tables import spread
from alps.reports.score_curves import Line, Panel
from alps.reports.table import Table
from alps.simulation.published import PUBLISHED
from alps.simulation.results import Curve
from alps.strategies.mixture import is_chosen_at_once

CREDIT = (
    "Theirs: Yuan, Lin & Boyd-Graber, EMNLP 2020, from the authors' released results; mean ± standard deviation over "
    "n seeds. Their BADGE normalises the gradients, as badge-normalised does."
)
_OURS: Mapping[str, str] = MappingProxyType({"badge": "badge-normalised"})
_SETTING: Mapping[str, object] = MappingProxyType({"k": 100, "recipe": "paper", "max_length": 128})
_MODELS = ("bert-base-uncased", "google-bert/bert-base-uncased")
_KMEANS = ("released", "paper")
_POOLED = ("bert-km", "ft-bert-km")  # clustered on the pooler output in their code
_SAME_POOL = ("ag_news", "imdb", "sst2")  # of PubMed the hub has fewer sentences


def published_beside(panels: Sequence[Panel]) -> Table:
    """Their scores beside ours where pool, test set, model, strategy and number of labels are the same."""
    rows = []
    for panel in panels:
        for theirs in published_results():
            for line in comparable_lines(theirs, panel):
                ours = [each for each in line.points(theirs.part) if theirs.n_labelled in (None, each.n_labelled)]
                rows += [(panel.title, line.strategy, theirs.part, f"{each.n_labelled:,}", spread(each),
                          str(each.n), _spread(theirs), str(theirs.n)) for each in ours]  # fmt: skip
    return Table(
        "published",
        "Published results beside ours",
        f"Micro-F1. {CREDIT} Pool and test set are of one source and size; which rows of the training part they kept "
        "for validation is not published.",
        ("panel", "strategy", "split", "labels", "ours", "n seeds", "theirs", "n seeds "),
        tuple(rows),
    )


def published_elsewhere(panels: Sequence[Panel]) -> Table:
    """Their test scores of the strategies that ran here in another setting."""
    strategies = {line.strategy for panel in panels for line in panel.lines}
    cells: dict[tuple[str, str], dict[str, PublishedResult]] = defaultdict(dict)
    for theirs in published_results():
        strategy = _OURS.get(theirs.strategy, theirs.strategy)
        is_ours = theirs.strategy in strategies or strategy in strategies
        if theirs.part == "test" and is_ours and not any(comparable_lines(theirs, panel) for panel in panels):
            labels = "all" if theirs.n_labelled is None else f"{theirs.n_labelled:,}"
            cells[theirs.dataset, strategy][labels] = theirs
    rows = [
        (dataset, strategy, labels, _spread(theirs), str(theirs.n))
        for (dataset, strategy), found in cells.items()
        for labels, theirs in found.items()
    ]
    return Table(
        "published_elsewhere",
        "Published, another setting; not comparable",
        f"Micro-F1 on test. {CREDIT} BERT-base-uncased, SciBERT for pubmed, fine-tuned, k = 100. They are not "
        "comparable with the numbers of this report: pool, test set, model, strategy or number of labels differ.",
        ("data set", "strategy", "labels", "theirs", "n seeds"),
        tuple(rows),
    )


def comparable_lines(theirs: PublishedResult, panel: Panel) -> list[Line]:
    """
    The lines of a panel, one or none, with the pool, test set, model and strategy of a published result.

    Where a strategy chooses all texts at once, theirs chose anew for each number of labels, so that only the number
    that a curve is to end with is comparable.
    """
    settings = panel.settings
    is_same_setting = (
        theirs.dataset == panel.dataset
        and panel.dataset in _SAME_POOL
        and panel.source == panel.dataset
        and settings.get("sizes") == dict(zip(("train", "dev", "test"), PUBLISHED[panel.dataset].sizes, strict=True))
        and panel.classifier == "finetune"
        and all(settings.get(name) == value for name, value in _SETTING.items())
        and settings.get("model") in _MODELS
        and settings.get("kmeans") in _KMEANS
        and settings.get("evaluated_fraction") == (theirs.evaluated_fraction or 0.15)
    )
    if not is_same_setting:
        return []
    strategy = _OURS.get(theirs.strategy, theirs.strategy)
    return [
        line
        for line in panel.lines
        if line.strategy == strategy
        and (strategy not in _POOLED or settings.get("pooling") == "pooler")
        and (line.is_full or not is_chosen_at_once(strategy) or theirs.n_labelled == _n_chosen(line.curves[0]))
    ]


def _n_chosen(curve: Curve) -> int:
    """How many labels a curve has when it is complete."""
    return int(curve.settings["k"]) * int(curve.settings["rounds"])


def _spread(theirs: PublishedResult) -> str:
    return f"{theirs.mean:.3f}" + ("" if theirs.sd is None else f" ± {theirs.sd:.3f}")
