"""How one real text becomes a surprisal embedding (Figure 1)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from alps.analysis.token_spans import Evaluation, TokenSpan, token_spans
from alps.base.text_safety import for_terminal
from alps.reports.drawing import COLOURS, Drawing, Line, Marks, Words
from alps.reports.figure import Figure
from alps.reports.run_texts import RunTexts
from alps.reports.score_curves import Panel
from alps.representations.token_surprisal import token_surprisal

_WIDTH, _LEFT, _BAR = 640, 20, 84  # pixels; a bar is at most so high
_TOKENS, _NATS, _ENTRIES = 84, 214, 340  # where the rows have their ground line
_WANTED_TOKENS, _WANTED_EVALUATED = (9, 14), 3


def embedding_figure(panel: Panel, found: RunTexts, number: int) -> Figure:
    """Figure 1, from a text of the panel's pool under the first seed."""
    seed, fraction = panel.lines[0].curves[0].cell.seed, float(str(panel.settings["evaluated_fraction"]))
    features = found.surprisal(seed, fraction)
    evaluated = token_surprisal(found.texts, found.resources, seed=seed, fraction=fraction)
    row = choose_text(evaluated.n_tokens, nth_largest(evaluated.nats, evaluated.offsets, _WANTED_EVALUATED))
    subset = found.texts.subset(np.array([row]))
    (text,) = subset.take(np.array([0]))
    (spans,) = token_spans(subset, found.resources, seed=seed, evaluation=Evaluation(fraction, masked=False))
    spans = spans[: _WANTED_TOKENS[1] + 4]
    first = found.tokens.n_prefix
    entries = features.dense(np.array([row]))[0][first : first + len(spans)]
    words = [for_terminal(text[span.start : span.end]) for span in spans]
    length = features.matrix.shape[1]
    caption = (
        f"{panel.title}; n = 1 text of the pool of {found.texts.n:,} (split train), seed {seed}. Above: each token's "
        f"surprisal -log p in nats under the masked language model; in strong colour: the tokens that are evaluated, "
        f"each with probability {fraction:g}. Below: the surprisal embedding, 0 where no token is evaluated, scaled to "
        f"length 1; it has {length} entries, of which those of the text's first {len(spans)} tokens are drawn."
    )
    rows = tuple(
        (str(first + i), word, f"{span.nats:.4f}", "yes" if span.evaluated else "no", f"{entry:.4f}")
        for i, (word, span, entry) in enumerate(zip(words, spans, entries.tolist(), strict=True))
    )
    return Figure(
        f"figure_1_panel_{number}", "Figure 1: a text becomes a surprisal embedding", panel.dataset, caption,
        draw(words, spans, entries, caption),
        ("position", "token", "surprisal in nats", "evaluated", "entry of the embedding"), rows,
    )  # fmt: skip


def choose_text(n_tokens: npt.NDArray[np.int64], nats: npt.NDArray[np.float64]) -> int:
    """
    A text that is short enough to draw and shows most: of those, the one with the largest of some nats.

    >>> choose_text(np.array([4, 10, 11]), np.array([0.5, 0.1, 0.3]))
    2
    """
    too_short = np.maximum(_WANTED_TOKENS[0] - n_tokens, 0)
    too_long = np.maximum(n_tokens - _WANTED_TOKENS[1], 0)
    return int(np.lexsort((-nats, too_short + too_long))[0])


def nth_largest(values: npt.NDArray[np.float32], offsets: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.float64]:
    """
    The n-th largest value of each row of a ragged array, 0 where it has fewer.

    >>> nth_largest(np.array([3, 1, 2, 5], np.float32), np.array([0, 3, 4]), 2).tolist()
    [2.0, 0.0]
    """
    rows = (values[start:end] for start, end in itertools.pairwise(offsets.tolist()))
    return np.array([float(np.sort(row)[-n]) if len(row) >= n else 0.0 for row in rows])


def draw(words: Sequence[str], spans: Sequence[TokenSpan], entries: npt.NDArray[np.float32], label: str) -> Drawing:
    """The tokens, their surprisal and the entries of the embedding, one above the other."""
    step = (_WIDTH - 2 * _LEFT) / len(words)
    places = [_LEFT + (i + 0.5) * step for i in range(len(words))]
    most = max([span.nats for span in spans], default=1.0) or 1.0
    parts: list[Line | Marks | Words] = [
        Words(_LEFT, 16, "tokens"),
        Words(_LEFT, _TOKENS + 24, "surprisal in nats; strong colour: evaluated"),
        Words(_LEFT, _NATS + 24, "surprisal embedding"),
        Line(np.array([[_LEFT, _NATS], [_WIDTH - _LEFT, _NATS]]), opacity=0.4),
        Line(np.array([[_LEFT, _ENTRIES], [_WIDTH - _LEFT, _ENTRIES]]), opacity=0.4),
    ]
    for x, word, span, entry in zip(places, words, spans, entries.tolist(), strict=True):
        parts.append(Words(x - 4, _TOKENS, for_terminal(word, 12), angle=40))
        opacity = 1.0 if span.evaluated else 0.25
        parts += _bar(x, step, _NATS, span.nats / most, opacity, f"{span.nats:.2f}", COLOURS[1])
        parts += _bar(x, step, _ENTRIES, abs(entry), 1.0, f"{entry:.2f}" if entry else "0", COLOURS[0])
    return Drawing(_WIDTH, _ENTRIES + 12, label, parts)


def _bar(
    x: float, step: float, ground: float, share: float, opacity: float, number: str, colour: str
) -> list[Line | Marks | Words]:
    half, top = step * 0.3, ground - share * _BAR
    corners = np.array([[x - half, ground], [x - half, top], [x + half, top], [x + half, ground]])
    return [Line(corners, colour, opacity=opacity, filled=True), Words(x, top - 4, number, "middle", 10)]
