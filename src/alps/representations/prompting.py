"""
What a masked language model answers to a prompt (PATRON, Yu et al., ACL 2023, section 4.1): classes without labels.

A text is followed by a template such as ``It was [MASK].``, and each class has label words. The probability of a class
is the share of its words, their mean where it has several, in what the model expects in the place of the mask. With
these predictions come the encoder's embeddings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch
from scipy.special import logsumexp, softmax

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.base.text_safety import for_terminal
from alps.models.batches import fill_up
from alps.models.device import dtype_name
from alps.models.tokens import TextTokenizer, Tokens
from alps.pool.texts import Texts
from alps.representations import encoding
from alps.representations.predicted import PredictedFeatures
from alps.representations.resources import Resources

if TYPE_CHECKING:
    from alps.models.masked_language_model import MaskedLanguageModel

TEMPLATE = "It was [MASK]."
MASK = "[MASK]"

LabelWords = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Prompt:
    """
    A template and label words as tokens of one model.

    Attributes
    ----------
    before, after
        Tokens of the template before and after the mask.
    words
        Tokens of the label words of all classes, int64 (W,).
    classes
        The class of each word, int64 (W,).

    """

    before: list[int]
    after: list[int]
    words: npt.NDArray[np.int64]
    classes: npt.NDArray[np.int64]

    @property
    def n_tokens(self) -> int:
        """Tokens of the template, the mask included."""
        return len(self.before) + 1 + len(self.after)


def represent(
    texts: Texts,
    copies: npt.NDArray[np.int64],
    resources: Resources,
    stream: Stream,
    *,
    label_words: LabelWords,
    template: str = TEMPLATE,
) -> PredictedFeatures:
    """
    Embeddings of texts, with the probabilities of the classes under the prompt.

    Parameters
    ----------
    texts, copies
        The texts and how many of the pool each stands for, n.
    resources
        The masked language model, encoder, runner and store.
    stream
        Not used: there is no randomness.
    label_words
        Class -> words that say it, each one piece of the model's vocabulary.
    template
        What follows a text; it has one ``[MASK]``. A text too long for both is cut.

    Returns
    -------
    PredictedFeatures
        Embeddings of norm 1, and float32 probabilities of the classes in the order of `label_words`.

    Raises
    ------
    AlpsError
        When there are fewer than two classes, a word is not one piece of the vocabulary or stands for two classes, or
        the template has not one mask.

    """
    probabilities = answers(texts, resources, label_words, template)
    encoded = encoding.represent(texts, copies, resources, stream)
    return PredictedFeatures(encoded.matrix, copies, encoded.facts, probabilities=probabilities)


def answers(texts: Texts, resources: Resources, label_words: LabelWords, template: str) -> npt.NDArray[np.float32]:
    """The probability of every class for each text under the prompt, float32 (n, C); errors as `represent`."""
    model = resources.masked_language_model
    whole = resources.tokenizer(model)
    prompt = prompt_of(model, whole, label_words, template)
    room = whole.max_length - prompt.n_tokens
    if room <= whole.n_prefix + whole.n_suffix:
        raise AlpsError(f"--max-length {whole.max_length} leaves no room for text beside the template; raise it.")
    tokenizer = model.text_tokenizer(room)
    width = len(prompt.words)
    schema = pa.schema({"digest": pa.binary(16), "nats": pa.list_(pa.float32(), width)})
    settings = {"kind": "prompt", "fast": model.head is not None, "template": [prompt.before, prompt.after]}
    store = resources.store(model, {**settings, "words": prompt.words.tolist()}, schema)

    def compute(tokens: Tokens, batch: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> dict[str, pa.Array]:
        nats = _nats(model, tokenizer, prompt, tokens, batch)
        return {"nats": pa.FixedSizeListArray.from_arrays(pa.array(nats.ravel()), width)}

    found = store.find(texts.digests)
    missing = np.setdiff1d(np.arange(texts.n), found["row"].to_numpy())
    if len(missing):
        resources.runner.run("prompt", texts, missing, tokenizer, compute, store)
        found = store.find(texts.digests)
    nats = np.full((texts.n, width), np.nan, dtype=np.float32)
    if found.num_rows:
        found = found.combine_chunks()
        nats[found["row"].to_numpy()] = found["nats"].combine_chunks().flatten().to_numpy().reshape(-1, width)
    if np.isnan(nats).any():
        raise AlpsError("Texts vanished from the store while it was read; run the command again.")
    return of_classes(nats, prompt.classes)


def of_classes(nats: npt.NDArray[np.float32], classes: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """
    Probabilities of the classes, float32 (n, C), from the surprisal of their words.

    Parameters
    ----------
    nats
        Surprisal of each word in the place of the mask, float32 (n, W).
    classes
        The class of each word, int64 (W,).

    >>> of_classes(-np.log([[0.2, 0.4, 0.1]]), np.array([0, 0, 1])).round(2).tolist()
    [[0.75, 0.25]]

    """
    logs = -nats.astype(np.float64)
    means = [
        logsumexp(logs[:, classes == c], axis=1) - np.log(np.sum(classes == c)) for c in range(int(classes.max()) + 1)
    ]
    return np.asarray(softmax(np.stack(means, axis=1), axis=1), dtype=np.float32)


def prompt_of(
    model: MaskedLanguageModel, tokenizer: TextTokenizer, label_words: LabelWords, template: str = TEMPLATE
) -> Prompt:
    """The tokens of a template and of label words; errors as `represent`."""
    if len(label_words) < 2 or not all(label_words.values()):
        raise AlpsError("A prompt tells at least two classes apart; give each of them at least one label word.")
    if template.count(MASK) != 1:
        raise AlpsError(f"The template '{for_terminal(template, 60)}' needs exactly one {MASK}; correct it.")
    if tokenizer.mask_id is None:
        raise AlpsError(f"The tokenizer of {model.name} has no mask token; choose another model.")
    before, after = template.split(MASK)
    words, classes = [], []
    for number, (label, given) in enumerate(label_words.items()):
        for word in given:
            pieces = _pieces(tokenizer, f" {word}")
            if len(pieces) != 1 or pieces[0] == tokenizer.unknown_id:
                raise AlpsError(
                    f"The label word '{for_terminal(word, 40)}' of the class '{for_terminal(label, 40)}' is not one "
                    f"piece of the vocabulary of {model.name}; choose a more common word."
                )
            words.append(pieces[0])
            classes.append(number)
    if len(set(words)) < len(words):
        raise AlpsError("A label word is given twice; each word may stand for one class.")
    return Prompt(
        _pieces(tokenizer, f" {before.strip()}"), _pieces(tokenizer, after.rstrip()), np.array(words), np.array(classes)
    )


def _pieces(tokenizer: TextTokenizer, text: str) -> list[int]:
    ids = tokenizer([text]).ids.tolist() if text.strip() else [0] * (tokenizer.n_prefix + tokenizer.n_suffix)
    return ids[tokenizer.n_prefix : len(ids) - tokenizer.n_suffix]


def _nats(
    model: MaskedLanguageModel, tokenizer: TextTokenizer, prompt: Prompt, tokens: Tokens, batch: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Surprisal of every label word in the place of the mask, for texts of one length, float32 (B, W)."""
    inputs = tokens.rectangle(batch)
    n, end = len(batch), inputs.shape[1] - tokens.n_suffix
    asked = np.array([*prompt.before, tokenizer.mask_id, *prompt.after])
    inputs = np.concatenate([inputs[:, :end], np.broadcast_to(asked, (n, len(asked))), inputs[:, end:]], axis=1)
    width = len(prompt.words)
    rows, targets = np.repeat(np.arange(n), width), np.tile(prompt.words, n)
    positions = np.full(n * width, end + len(prompt.before))
    arrays = (fill_up(inputs), rows, positions, targets)
    nats = model.surprisal(*(torch.from_numpy(array) for array in arrays)).numpy()
    if not np.isfinite(nats).all():
        raise AlpsError(f"The model {model.name} overflows in {dtype_name(model.dtype)}; use --dtype float32.")
    return nats.reshape(n, width)
