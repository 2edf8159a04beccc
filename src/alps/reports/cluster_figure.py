"""Embeddings in a plane, coloured by label, the centres enlarged (Figures 4 and 6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from alps.analysis.cluster_quality import ClusterQuality, cluster_quality
from alps.analysis.projection import project
from alps.base.streams import Stream
from alps.reports.chart import Key, legend, legend_height
from alps.reports.drawing import Drawing, Line, Marks, Points, Words, look_of
from alps.reports.figure import Figure
from alps.reports.learning_curves_figure import KMEANS_PAIR
from alps.reports.run_texts import RunTexts
from alps.reports.score_curves import Panel
from alps.representations.features import Features
from alps.selectors.kmeans import assign, fit_centres
from alps.selectors.nearest import nearest_distinct

_DRAWN = 1_000  # texts beside the centres; t-SNE of so many takes some five seconds
_MOST_CLASSES = 11  # with colours of their own
_WIDTH, _HEIGHT, _MARGIN = 520, 420, 12

Rows = npt.NDArray[np.int64]


def cluster_figures(panel: Panel, found: RunTexts, number: int) -> list[Figure]:
    """Figure 4 of one panel: the clusters of encoder embeddings and of surprisal embeddings in the first round."""
    seed, fraction = panel.lines[0].curves[0].cell.seed, float(str(panel.settings["evaluated_fraction"]))
    k = min(int(str(panel.settings["k"])), found.texts.n)
    figures = []
    for name, kind, features in (
        ("encoder", "encoder embeddings, as bert-km clusters them", found.encodings),
        ("surprisal", "surprisal embeddings, as alps clusters them", found.surprisal(seed, fraction)),
    ):
        preset = str(panel.settings.get("kmeans", "default"))
        centres = fit_centres(features, k, Stream(seed).child("kmeans"), preset)
        enlarged, _ = nearest_distinct(features, centres)
        quality = cluster_quality(features.matrix, assign(features, centres), Stream(seed).child("silhouette"))
        stream = Stream(seed).child("map")
        rows = drawn_rows(found.texts.n, enlarged, stream)
        points = lay_out(features, rows, stream)
        caption = (
            f"{panel.title}; split train; {kind}, seed {seed}. {_drawn(found, len(rows))}, coloured by label; "
            f"enlarged: the texts nearest to the k = {k:,} centres of k-means on all texts, which are the first batch. "
            f"{describe_quality(quality)}"
        )
        figures.append(
            _figure(f"figure_4_panel_{number}_{name}", "Figure 4: clusters of embeddings",
                    f"{panel.dataset}: {kind.partition(',')[0]}", caption, found, rows, points, enlarged)
        )  # fmt: skip
    return figures


def centre_figures(panel: Panel, found: RunTexts, number: int) -> list[Figure]:
    """Figure 6 of one panel: what k-means and k-means++ chose in the first round, in one plane."""
    first = [line.curves[0] for line in panel.only(KMEANS_PAIR).lines]
    seed = first[0].cell.seed
    chosen = [found.places(curve.rounds[0].picks) for curve in first]
    features = found.surprisal(seed, float(str(panel.settings["evaluated_fraction"])))
    stream = Stream(seed).child("map")
    rows = drawn_rows(found.texts.n, np.concatenate(chosen), stream)
    points = lay_out(features, rows, stream)
    figures = []
    for curve, enlarged in zip(first, chosen, strict=True):
        caption = (
            f"{panel.title}; split train; surprisal embeddings. {_drawn(found, len(rows))}, coloured by label; "
            f"enlarged: the {len(enlarged):,} texts that {curve.cell.strategy} chose in round 1 (n = 1 run, seed "
            f"{curve.cell.seed}). "
            f"{np.mean(features.facts['zero']):.0%} of the texts have no entry but 0."
        )
        name = f"figure_6_panel_{number}_{curve.cell.strategy.replace('+', 'p')}"
        section = "Figure 6: centres of k-means and k-means++"
        figures.append(
            _figure(name, section, f"{panel.dataset}: {curve.cell.strategy}", caption, found, rows, points, enlarged)
        )
    return figures


def describe_quality(quality: ClusterQuality) -> str:
    """The silhouette with its k, metric, rows and share of zero rows, in words."""
    follows = quality.follows_position
    said = "" if follows is None else (
        f" Adjusted mutual information of cluster and position of the largest value: {follows:.2f} "
        "(1: the clusters only follow the position)."
    )  # fmt: skip
    return (
        f"Silhouette {quality.silhouette:.3f} (k = {quality.k:,}, {quality.metric}, n = {quality.n_measured:,} texts; "
        f"{quality.zero_rows:.0%} of the rows have no entry but 0)." + said
    )


def drawn_rows(n: int, enlarged: Rows, stream: Stream) -> Rows:
    """Texts to draw: some at random, and all that are enlarged."""
    drawn = stream.generator().choice(n, size=min(n, _DRAWN), replace=False)
    return np.union1d(drawn, enlarged)


def lay_out(features: Features, rows: Rows, stream: Stream) -> Points:
    """The rows in a plane by t-SNE."""
    return project(features.dense(rows), np.ones(len(rows), dtype=bool), "tsne", stream).points


def draw(points: Points, labels: Sequence[str], enlarged: npt.NDArray[np.bool_], label: str) -> Drawing:
    """The points, one colour and shape for each label, the rarest labels together."""
    low, high = points.min(axis=0), points.max(axis=0)
    scale = min((_WIDTH - 2 * _MARGIN) / (high[0] - low[0] or 1), (_HEIGHT - 2 * _MARGIN) / (high[1] - low[1] or 1))
    at = (points - (low + high) / 2) * (scale, -scale) + (_WIDTH / 2, _HEIGHT / 2)
    common = sorted(name for name, _ in Counter(labels).most_common(_MOST_CLASSES))
    names = np.array([name if name in common else "" for name in labels], dtype=object)
    parts: list[Line | Marks | Words] = []
    keys = []
    for size, which, outlined in ((2.2, ~enlarged, False), (5.0, enlarged, True)):
        for number, name in enumerate([*common, ""]):
            own = at[(names == name) & which]
            colour, shape = look_of(number) if name else ("#b5b5b5", 0)
            if len(own):
                parts.append(Marks(own, shape, colour, size, 0.9 if outlined else 0.55, outlined))
            if outlined and (names == name).any():
                keys.append(Key(f"{name or 'other'} (n = {np.sum(names == name):,})", colour, shape, is_line=False))
    parts += legend(keys, _HEIGHT, left=_MARGIN, width=_WIDTH)
    return Drawing(_WIDTH, _HEIGHT + legend_height(len(keys)), label, parts)


def _figure(
    name: str, section: str, title: str, caption: str, found: RunTexts, rows: Rows, points: Points, enlarged: Rows
) -> Figure:
    labels = found.labels[rows].tolist()
    is_enlarged = np.isin(rows, enlarged)
    table = tuple(
        (found.ids[row], label, f"{x:.3f}", f"{y:.3f}", "yes" if big else "no")
        for row, label, (x, y), big in zip(rows.tolist(), labels, points.tolist(), is_enlarged.tolist(), strict=True)
    )
    drawing = draw(points, labels, is_enlarged, caption)
    return Figure(name, section, title, caption, drawing, ("id", "label", "x", "y", "centre"), table)


def _drawn(found: RunTexts, n: int) -> str:
    return f"t-SNE of n = {n:,} of the {found.texts.n:,} texts"
