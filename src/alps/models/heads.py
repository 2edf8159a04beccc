"""
The fast path: which part of a masked language model is its encoder and which its head.

The head of every architecture here is a small transformation and then a linear decoder over the vocabulary, so it can
be computed at the evaluated positions only, and the log-sum-exp over blocks of the vocabulary, without ever holding a
row of logits. An architecture that is not listed goes through its full logits (`MaskedLanguageModel`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    Head = tuple[Callable[[torch.Tensor], torch.Tensor], nn.Linear]

# Words of the vocabulary at a time: the block stays in the cache. 1,024 ran 1.07 x faster than 4,096 and 1.7 x faster
# than all 30,522 at once.
_VOCABULARY_BLOCK = 1024


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


class GatheredHead:
    """
    The head of a masked language model, for the hidden states of single positions.

    Logits are float32. Beside an encoder in bfloat16, the two factors of the decoder's product are rounded to bfloat16
    too and their products summed in float32: processors that have units for that compute them several times as fast.
    """

    def __init__(
        self,
        transform: Callable[[torch.Tensor], torch.Tensor],
        weight: torch.Tensor,
        bias: torch.Tensor,
        *,
        rounded: bool = False,
    ) -> None:
        self._transform = transform
        self._weight = _rounded(weight) if rounded else weight
        self._bias = bias
        self._is_rounded = rounded

    @staticmethod
    def of(model: PreTrainedModel, dtype: torch.dtype = torch.float32) -> GatheredHead | None:
        """The head of a float32 model for an encoder of a type, or None for an architecture without a fast path."""
        make = _HEADS.get(model.config.model_type)
        if make is None:
            return None
        transform, decoder = make(model)
        bias = (
            decoder.bias
            if decoder.bias is not None
            else torch.zeros(decoder.out_features, device=decoder.weight.device)
        )
        return GatheredHead(transform, decoder.weight.detach(), bias.detach(), rounded=dtype == torch.bfloat16)

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
        states = self._transform(hidden)
        if self._is_rounded:
            states = _rounded(states)
        parts = []
        with _bfloat16_products() if self._is_rounded else nullcontext():
            for start in range(0, len(self._weight), _VOCABULARY_BLOCK):
                block = slice(start, start + _VOCABULARY_BLOCK)
                logits = torch.addmm(self._bias[block], states, self._weight[block].T)  # (P, block)
                parts.append(torch.logsumexp(logits, dim=1))
        # One reduction for each position. logaddexp, element by element, ends in other last bits for the elements that
        # do not fill a vector, so a value would depend on how many positions are computed together.
        log_sum = torch.logsumexp(torch.stack(parts, dim=1), dim=1)
        target_logits = (states * self._weight[targets]).sum(dim=1) + self._bias[targets]
        return (log_sum - target_logits).clamp_min(0.0)


def _rounded(numbers: torch.Tensor) -> torch.Tensor:
    """The nearest numbers of bfloat16, as float32."""
    return numbers.bfloat16().float()


@contextmanager
def _bfloat16_products() -> Iterator[None]:
    """
    Let the CPU's matrix library multiply float32 numbers as bfloat16, where the processor is faster at it.

    It makes no difference to factors that are rounded already. The setting is the process's, not the thread's.
    """
    library: Any = torch.backends.mkldnn
    settings = library.matmul
    before = settings.fp32_precision
    settings.fp32_precision = "bf16"
    try:
        yield
    finally:
        settings.fp32_precision = before
