"""Token surprisal, told where it stands in the text as it was written."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alps.models.tokens import _HEAD_CHARACTERS_PER_TOKEN, _LONGEST_TEXT, TextTokenizer
from alps.pool.texts import Texts
from alps.representations.evaluated_tokens import draw_evaluated_tokens
from alps.representations.resources import Resources
from alps.representations.token_surprisal import token_surprisal


@dataclass(frozen=True)
class TokenSpan:
    """
    One token of a text, special tokens left out.

    Attributes
    ----------
    start, end
        Its characters are ``text[start:end]``. Some tokenizers give several tokens to one character: all but the first
        are then empty.
    nats
        Its surprisal.
    evaluated
        Whether the selection looked at it.

    """

    start: int
    end: int
    nats: float
    evaluated: bool


@dataclass(frozen=True)
class Evaluation:
    """How a selection drew the tokens it looked at: the share p, and whether they were masked in the input."""

    fraction: float
    masked: bool


class SpanTokenizer(TextTokenizer):
    """A `TextTokenizer` that also says where in the text each token stands."""

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end, in characters, of each token that is not a special one; the same tokens as when called."""
        limit = self.max_length * _HEAD_CHARACTERS_PER_TOKEN
        encoding = self._backend.encode(text[:limit])
        if len(text) > limit and len(encoding.ids) < self.max_length:
            encoding = self._backend.encode(text[:_LONGEST_TEXT])
        offsets: list[tuple[int, int]] = encoding.offsets
        return offsets[self.n_prefix : len(offsets) - self.n_suffix]


def token_spans(
    texts: Texts, resources: Resources, *, seed: int, evaluation: Evaluation | None
) -> list[list[TokenSpan]]:
    """
    Every token of some texts with its surprisal.

    Parameters
    ----------
    texts
        n distinct texts.
    resources
        The masked language model.
    seed
        The seed of the selection.
    evaluation
        How it drew the evaluated tokens; None where it looked at none. Where they were masked in the input, so they are
        for their values here; the other tokens are read in the text as it is.

    """
    tokenizer = SpanTokenizer(resources.masked_language_model.tokenizer, resources.max_length)
    surprisal = token_surprisal(texts, resources, seed=seed, fraction=1.0)
    nats = surprisal.nats.copy()
    evaluated = np.zeros(len(nats), dtype=bool)
    if evaluation is not None:
        drawn = draw_evaluated_tokens(
            seed, evaluation.fraction, texts.keys, surprisal.n_tokens, first=tokenizer.n_prefix
        )
        at = surprisal.offsets[drawn.rows] + drawn.positions - tokenizer.n_prefix
        evaluated[at] = True
        if evaluation.masked:
            fraction = evaluation.fraction
            nats[at] = token_surprisal(texts, resources, seed=seed, fraction=fraction, masked=True).nats
    found = []
    for i, text in enumerate(texts.take(np.arange(texts.n))):
        here = slice(surprisal.offsets[i], surprisal.offsets[i + 1])
        found.append(_spans(text, tokenizer.spans(text), nats[here], evaluated[here]))
    return found


def _spans(
    text: str, offsets: list[tuple[int, int]], nats: npt.NDArray[np.float32], evaluated: npt.NDArray[np.bool_]
) -> list[TokenSpan]:
    """Tokens in order, none of which begins before the one before it ends; marks that were dropped go with theirs."""
    spans = []
    reached = 0
    following = [start for start, _ in offsets[1:]] + [len(text)]
    values = zip(offsets, following, nats.tolist(), evaluated.tolist(), strict=True)
    for (start, end), following_start, value, was_evaluated in values:
        start = max(start, reached)
        reached = max(end, start)
        while reached < following_start and unicodedata.combining(text[reached]):
            reached += 1  # an accent that lower-casing takes away still stands on its letter
        spans.append(TokenSpan(start, reached, value, was_evaluated))
    return spans
