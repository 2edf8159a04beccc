"""
The fast path: which part of a masked language model is its encoder and which its head.

The head of every architecture here is a small transformation and then a linear decoder over the vocabulary, so it can
be computed at the evaluated positions only, and the log-sum-exp over blocks of the vocabulary, without ever holding a
row of logits. An architecture that is not listed goes through its full logits (`MaskedLanguageModel`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import nn

from alps.models.fixed_rows import depends_on_rows, product

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    Head = tuple[Callable[[torch.Tensor], torch.Tensor], nn.Linear]

# Words of the vocabulary at a time: the block stays in the cache. 1,024 ran 1.07 x faster than 4,096 and 1.7 x faster
# than all 30,522 at once.
_VOCABULARY_BLOCK = 1024
_PIECES = 3  # of a float32 number in bfloat16: 3 times 8 bits
_LARGEST = 1e30  # a bias as good as infinite: the word is never, or always, predicted


def _bert(model: Any) -> Head:
    return model.cls.predictions.transform, model.cls.predictions.decoder


def _roberta(model: Any) -> Head:
    head = model.lm_head
    return lambda hidden: head.layer_norm(nn.functional.gelu(head.dense(hidden))), head.decoder


def _distilbert(model: Any) -> Head:
    return (
        lambda hidden: model.vocab_layer_norm(model.activation(model.vocab_transform(hidden))),
        model.vocab_projector,
    )


def _electra(model: Any) -> Head:
    return model.generator_predictions, model.generator_lm_head


def _modernbert(model: Any) -> Head:
    return model.head, model.decoder


_HEADS: dict[str, Callable[[Any], Head]] = {
    "bert": _bert,
    "camembert": _roberta,
    "distilbert": _distilbert,
    "electra": _electra,
    "modernbert": _modernbert,
    "roberta": _roberta,
    "xlm-roberta": _roberta,
}


class Decoder(Protocol):
    """The last, linear part of a head: its weights, and the surprisal that they give."""

    def surprisal(self, states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Nats of target tokens (P,), float32 (P,), from transformed states, float32 (P, width)."""
        ...


class Float32Decoder:
    """Logits in float32."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        self._weight = weight
        self._bias = bias

    def surprisal(self, states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """See `Decoder`."""
        blocks = zip(*(torch.split(x, _VOCABULARY_BLOCK) for x in (self._weight, self._bias)), strict=True)
        log_sum = _log_sum(torch.addmm(bias, states, weight.T) for weight, bias in blocks)
        return log_sum - ((states * self._weight[targets]).sum(dim=1) + self._bias[targets])


class BFloat16Decoder:
    """
    Differences of logits, at the speed of an encoder in bfloat16 on a CPU.

    A product in bfloat16 is added up in float32, but what comes out is rounded to 8 bits: a logit of 20 would be wrong
    by up to 0.06, however small the surprisal. So further columns take the target's logit, in float32, off within the
    product. With prediction p, the rounded difference of word v is surprisal + log p_v, so that rounding moves a
    surprisal by at most (surprisal + entropy of p) / 256; on real text it is much less than what rounding the factors
    costs (docs/speed.md). The log-sum-exp is in float32.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        self._rounded = weight.bfloat16()
        self._bias = bias.clamp(-_LARGEST, _LARGEST)  # infinity minus infinity would be no number
        self._ones = torch.ones(1, _PIECES, dtype=torch.bfloat16, device=weight.device)
        columns = weight.shape[1] + 2 * _PIECES
        # A width that is no multiple of 32 is cut otherwise for other numbers of rows, where a width is cut at all.
        spare = -columns % 32 if depends_on_rows(weight.device) else 0
        self._zeros = torch.zeros(1, spare, dtype=torch.bfloat16, device=weight.device)
        parts = [
            self._rounded,
            _pieces(self._bias),
            self._ones.expand(len(bias), -1),
            self._zeros.expand(len(bias), -1),
        ]
        self._words = torch.cat(parts, dim=1)
        self._product = product if depends_on_rows(weight.device) else nn.functional.linear

    def surprisal(self, states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """See `Decoder`."""
        rounded = states.bfloat16()
        target = (rounded.float() * self._rounded[targets].float()).sum(dim=1) + self._bias[targets]
        n = len(rounded)
        asked = torch.cat([rounded, self._ones.expand(n, -1), _pieces(-target), self._zeros.expand(n, -1)], dim=1)
        return _log_sum(self._product(asked, words).float() for words in torch.split(self._words, _VOCABULARY_BLOCK))


def _pieces(numbers: torch.Tensor) -> torch.Tensor:
    """Float32 numbers (n,) as sums of bfloat16 ones, (n, `_PIECES`)."""
    rest, pieces = numbers, []
    for _ in range(_PIECES):
        pieces.append(rest.bfloat16())
        rest = rest - pieces[-1].float()
    return torch.stack(pieces, dim=1)


def _log_sum(blocks: Iterable[torch.Tensor]) -> torch.Tensor:
    """Log-sum-exp of float32 rows (P, V) that come in blocks of columns, (P,)."""
    # One reduction for each position. logaddexp, element by element, ends in other last bits for the elements that
    # do not fill a vector, so a value would depend on how many positions are computed together.
    return torch.logsumexp(torch.stack([torch.logsumexp(block, dim=1) for block in blocks], dim=1), dim=1)


class GatheredHead:
    """The head of a masked language model for the hidden states of single positions."""

    def __init__(self, transform: Callable[[torch.Tensor], torch.Tensor], decoder: Decoder) -> None:
        self._transform = transform
        self._decoder = decoder

    @staticmethod
    def of(model: PreTrainedModel, dtype: torch.dtype = torch.float32) -> GatheredHead | None:
        """
        The head of a model, or None for an architecture without a fast path.

        Parameters
        ----------
        model
            A masked language model in float32.
        dtype
            The type that its encoder computes in.

        """
        make = _HEADS.get(model.config.model_type)
        if make is None:
            return None
        transform, linear = make(model)
        bias = linear.bias if linear.bias is not None else torch.zeros(linear.out_features, device=linear.weight.device)
        # Elsewhere a product in bfloat16 may be added up in bfloat16 (split over its inner dimension), without a bound.
        rounds = dtype == torch.bfloat16 and linear.weight.device.type == "cpu"
        decoder = BFloat16Decoder if rounds else Float32Decoder
        return GatheredHead(transform, decoder(linear.weight.detach(), bias.detach()))

    def surprisal(self, hidden: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """
        Cross-entropy of the head against the target tokens, in nats.

        Parameters
        ----------
        hidden
            Hidden states of the positions, float32 (P, hidden size).
        targets
            Token ids, int64 (P,).

        Returns
        -------
        torch.Tensor
            float32 (P,), not negative.

        """
        return self._decoder.surprisal(self._transform(hidden), targets).clamp_min(0.0)
