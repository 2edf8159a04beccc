"""The page that explains the picks of a selection, for the person who made it and the colleague it is shown to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from alps.analysis.near_duplicates import MIN_SIMILARITY, WORDS_PER_SHINGLE
from alps.analysis.projection import check_projection
from alps.base.atomic import atomic_file
from alps.base.errors import AlpsError
from alps.reports.pool_figures import draw_distributions, draw_map
from alps.reports.selection_evidence import COMPARED, Evidence, gather_evidence
from alps.reports.shaded_text import STRONGEST
from alps.reports.text_lists import text_lists
from alps.reports.visible_text import visible
from alps.selection import Selection

_LEGEND_NATS = (0.0, 0.5, 2.0, 4.5, STRONGEST)  # even steps of the shading
_COUNTS = ("texts_read", "texts_empty", "texts_excluded", "texts_in_pool", "texts_distinct", "copies")
_TOLD_ELSEWHERE = ("notes", "seconds", "versions", "texts_sampled_from")


def write_selection_report(
    selection: Selection, path: str | Path, *, command: str | None = None, projection: str = "pca", force: bool = False
) -> None:
    """
    Write the page that explains a selection: one file, without scripts, that loads nothing.

    Parameters
    ----------
    selection
        As `alps.select` returned it.
    path
        The file to make.
    command
        The command line or call that made the selection, to be told on the page.
    projection
        How the pool is mapped: ``pca`` or ``tsne``.
    force
        Whether an existing file may be replaced.

    Raises
    ------
    AlpsError
        When the projection is unknown, the file cannot be written, the encoder for the map cannot be loaded, or the
        selection is a copy that has lost what it was made from.

    """
    with atomic_file(Path(path), force=force) as temporary:
        temporary.write_text(selection_report(selection, command=command, projection=projection), encoding="utf-8")


def selection_report(selection: Selection, *, command: str | None = None, projection: str = "pca") -> str:
    """
    The page as HTML: the same bytes for the same selection, seconds apart.

    Parameters and errors are those of `write_selection_report`.
    """
    check_projection(projection)
    basis = selection.basis
    if basis is None:
        raise AlpsError("The selection is a copy without what it was made from; call alps.select again.")
    evidence = gather_evidence(basis, projection)
    environment = Environment(
        loader=PackageLoader("alps.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"number": "{:,}".format, "percent": _percent, "visible": visible}
    return environment.get_template("selection_report.html").render(
        version=selection.summary["versions"]["alps-learn"],
        summary=selection.summary,
        strategy=basis.strategy,
        model=selection.summary.get("model", basis.resources.model),
        seconds=sum(selection.summary["seconds"].values()),
        evidence=evidence,
        k=len(selection),
        has_clusters=selection.cluster_sizes is not None,
        map=draw_map(evidence),
        distributions=draw_distributions(basis, evidence),
        lists=text_lists(basis, evidence),
        legend=_LEGEND_NATS,
        strongest=STRONGEST,
        compared=COMPARED,
        duplicates=_duplicates(evidence),
        words_per_shingle=WORDS_PER_SHINGLE,
        min_similarity=MIN_SIMILARITY,
        settings=_settings(selection),
        command=command,
    )


def _duplicates(evidence: Evidence) -> list[tuple[str, int, int, float]]:
    """Kind, near duplicates, texts and share of each batch."""
    counts = [(batch.kind, batch.n_near_duplicates, len(batch.rows)) for batch in evidence.batches()]
    return [(kind, n, k, n / k) for kind, n, k in counts]


def _settings(selection: Selection) -> Sequence[tuple[str, str]]:
    """What made the selection, by name: everything of the summary that stands nowhere else on the page."""
    summary = selection.summary
    settings = [
        (name.replace("_", " "), str(value))
        for name, value in summary.items()
        if name not in (*_TOLD_ELSEWHERE, *_COUNTS) and value is not None
    ]
    seconds = ", ".join(f"{stage} {value:,.1f}" for stage, value in summary["seconds"].items())
    versions = ", ".join(f"{name} {value}" for name, value in summary["versions"].items())
    return [*settings, ("seconds", seconds), ("versions", versions)]


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 or share == 0 else f"{share:.1%}"
