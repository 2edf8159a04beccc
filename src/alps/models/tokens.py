"""
Texts to word pieces: ragged token ids without padding.

Text is untrusted, so a literal ``[MASK]`` or ``</s>`` in it is text like any other and never a special token.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from alps.base.errors import AlpsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transformers import PreTrainedTokenizerBase

# A text longer than this is cut before tokenising when its head alone fills the length limit: a text may have 50 MB.
_HEAD_CHARACTERS_PER_TOKEN = 64
# Of a text with fewer tokens than that in its head, this much is read: 50 MB of one word took half a minute.
_LONGEST_TEXT = 2**20
_NO_TEXT = "\U0010ffff"  # not a character

# The library's encodings take a hundred bytes a token until their ids are copied out.
_TEXTS_AT_ONCE = 2048

_WITHOUT_SPACES = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")  # how Unicode names begin


@dataclass(frozen=True)
class Tokens:
    """
    Token ids of n texts, with the special tokens of the model around each.

    Attributes
    ----------
    ids
        Token ids of all texts one after another, int32 (total,).
    offsets
        Where each text begins in `ids`, int64 (n + 1,).
    cut
        Whether the text was longer than the length limit, bool (n,).
    n_prefix, n_suffix
        Special tokens before and after every text; they are never evaluated.

    """

    ids: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]
    cut: npt.NDArray[np.bool_]
    n_prefix: int
    n_suffix: int

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens per text, special tokens included, int64 (n,)."""
        return np.asarray(np.diff(self.offsets), dtype=np.int64)

    def rectangle(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Token ids of texts that have the same length, int64 (len(rows), length)."""
        length = int(self.offsets[rows[0] + 1] - self.offsets[rows[0]])
        at = self.offsets[rows][:, None] + np.arange(length)
        return np.asarray(self.ids[at], dtype=np.int64)


class TextTokenizer:
    """
    A model's tokenizer, set up for exact lengths.

    Parameters
    ----------
    tokenizer
        A tokenizer of transformers that stands on the `tokenizers` library; it is not changed.
    max_length
        The length limit in tokens, special tokens included.

    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, max_length: int) -> None:
        backend = getattr(tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise AlpsError(
                f"The tokenizer of {tokenizer.name_or_path} has no tokenizer.json; convert it to a fast one."
            )
        self._backend = Tokenizer.from_str(_without_special_pieces(backend.to_str()))
        self._backend.no_padding()
        self._backend.no_truncation()
        special = np.asarray(self._backend.encode("a").special_tokens_mask, dtype=bool)
        self.n_prefix = int(np.argmin(special))
        self.n_suffix = int(np.argmin(special[::-1]))
        if max_length <= self.n_prefix + self.n_suffix:
            raise AlpsError(
                f"--max-length {max_length} leaves no room for text beside the special tokens; "
                f"use at least {self.n_prefix + self.n_suffix + 1}."
            )
        self.max_length = max_length
        self._backend.encode_special_tokens = True
        self._backend.enable_truncation(max_length)
        self.unknown_id: int | None = tokenizer.unk_token_id
        self.mask_id: int | None = tokenizer.mask_token_id
        self.special_ids = np.unique(np.asarray(tokenizer.all_special_ids, dtype=np.int64))
        self.short_pieces = _short_pieces(self._backend)

    def __call__(self, texts: Sequence[str]) -> Tokens:
        """Tokenise; releases the interpreter's lock while it works."""
        ids, lengths, cut = [np.empty(0, dtype=np.int32)], [0], []
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            for is_cut, tokens in self._encode(texts[start : start + _TEXTS_AT_ONCE]):
                ids.append(np.asarray(tokens, dtype=np.int32))
                lengths.append(len(tokens))
                cut.append(is_cut)
        return Tokens(
            np.concatenate(ids), np.cumsum(lengths), np.asarray(cut, dtype=bool), self.n_prefix, self.n_suffix
        )

    def _encode(self, texts: Sequence[str]) -> Iterator[tuple[bool, list[int]]]:
        """Whether each text is cut at the length limit, and its token ids."""
        limit = self.max_length * _HEAD_CHARACTERS_PER_TOKEN
        heads = self._backend.encode_batch_fast([text[:limit] for text in texts])
        for head, text in zip(heads, texts, strict=True):
            ids = head.ids
            if len(text) <= limit:
                yield bool(head.overflowing), ids
            elif len(ids) == self.max_length:
                yield True, ids
            else:  # few tokens in many characters, such as white space: the head is not enough
                longer = self._backend.encode_batch_fast([text[:_LONGEST_TEXT]])[0]
                yield bool(longer.overflowing) or len(text) > _LONGEST_TEXT, longer.ids

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The word pieces of token ids, as the vocabulary spells them."""
        return [cast("str", self._backend.id_to_token(int(i))) for i in ids]


@lru_cache(maxsize=4)
def text_tokenizer(tokenizer: PreTrainedTokenizerBase, max_length: int) -> TextTokenizer:
    """The `TextTokenizer` of a tokenizer and a length limit; to set one up takes as long as thousands of texts."""
    return TextTokenizer(tokenizer, max_length)


def _without_special_pieces(tokenizer: str) -> str:
    """
    A tokenizer as JSON, in which no text can become a special token.

    A unigram model (XLM-R) has the special tokens among its pieces and finds them in a text such as ``<s>``, so there
    they are spelt as no text is.
    """
    state = json.loads(tokenizer)
    if state["model"].get("type") != "Unigram":
        return tokenizer
    special = {token["content"] for token in state["added_tokens"] if token["special"]}
    state["added_tokens"] = [token for token in state["added_tokens"] if not token["special"]]
    state["model"]["vocab"] = [
        (_NO_TEXT + piece if piece in special else piece, score) for piece, score in state["model"]["vocab"]
    ]
    return json.dumps(state)


def _short_pieces(backend: Tokenizer) -> npt.NDArray[np.bool_]:
    """
    Which pieces are scraps of words, bool (vocabulary,): a single letter, or up to three that continue a word.

    Under the bundled vocabulary they are 9 to 16 % of English (news, films, medicine, chat), 37 % of French, 50 % of
    German, 64 % of Finnish, 98 % of Russian and Arabic. Where writing has no spaces they say nothing, so such scripts
    are left out; a vocabulary that lacks them shows it by unknown pieces.
    """
    vocabulary = backend.get_vocab(with_added_tokens=True)
    marks_beginnings = any(piece.startswith(("Ġ", "▁")) for piece in vocabulary)  # else "##" marks continuations
    short = np.zeros(max(vocabulary.values()) + 1, dtype=bool)
    for piece, i in vocabulary.items():
        letters = piece.removeprefix("##").lstrip("Ġ▁")
        continues = not piece.startswith(("Ġ", "▁")) if marks_beginnings else piece.startswith("##")
        if letters.isalpha() and len(letters) <= (3 if continues else 1):
            short[i] = not unicodedata.name(letters[0], "").startswith(_WITHOUT_SPACES)
    return short
