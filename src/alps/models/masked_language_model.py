"""A pre-trained encoder h(x; W0) with its masked-language-modelling head, and the token surprisal that it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from alps.models.device import dtype_name
from alps.models.fixed_rows import fix_rows
from alps.models.gathered_encoder import hidden_states_at
from alps.models.heads import GatheredHead
from alps.models.tokens import TextTokenizer, text_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

# Positions are filled up to a multiple of this. A matrix product of very few rows takes another path through the
# library, which would show in the last bits of a value: it would then depend on how many positions happen to be
# computed together.
_POSITION_MULTIPLE = 16
_VOCABULARY_ROWS = 2**24  # numbers of a block of logits on the full-logits path (64 MB)


@dataclass(frozen=True)
class MaskedLanguageModel:
    """
    A loaded masked language model; make one with `alps.models.load_masked_language_model`.

    Attributes
    ----------
    name
        The id or path it was loaded from, or ``bundled``.
    network
        The transformers model, in evaluation mode on `device`.
    tokenizer
        Its tokenizer, unchanged.
    device, dtype
        Where and in which type the encoder computes.
    digest
        Hexadecimal digest of configuration, weights and tokenizer.
    head
        The fast path, or None for full logits.

    """

    name: str
    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    device: torch.device
    dtype: torch.dtype
    digest: str
    head: GatheredHead | None

    @staticmethod
    def prepare(
        name: str,
        network: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        device: torch.device,
        dtype: torch.dtype,
        digest: str,
        *,
        fast: bool = True,
    ) -> MaskedLanguageModel:
        """Move a float32 model to its device, its encoder to its type; `fast` allows the fast path (`GatheredHead`)."""
        network.eval().requires_grad_(False).to(device)
        if dtype != torch.float32:
            _untie_decoder(network)
        head = GatheredHead.of(network, dtype) if fast else None
        if dtype != torch.float32:
            network.base_model.to(dtype)
            fix_rows(network.base_model, device, dtype)
            _take_float32_input(network, skip=network.base_model)
        return MaskedLanguageModel(name, network, tokenizer, device, dtype, digest, head)

    @property
    def max_length(self) -> int:
        """The most tokens that the model reads, special tokens included."""
        return length_limit(self.network, self.tokenizer)

    def text_tokenizer(self, max_length: int) -> TextTokenizer:
        """A tokenizer for exact lengths; see `TextTokenizer`."""
        return text_tokenizer(self.tokenizer, max_length)

    @torch.inference_mode()
    def surprisal(
        self, inputs: torch.Tensor, rows: torch.Tensor, positions: torch.Tensor, targets: torch.Tensor
    ) -> torch.Tensor:
        """
        Token surprisal -log p(target | inputs) at chosen positions of texts of one length.

        Parameters
        ----------
        inputs
            Token ids as the model sees them, int64 (B, L), without padding.
        rows, positions
            Which text and position each value is for, int64 (P,).
        targets
            The tokens asked about, int64 (P,).

        Returns
        -------
        torch.Tensor
            Nats, float32 (P,) on the CPU.

        """
        inputs = inputs.to(self.device)
        rows, positions, targets = rows.to(self.device), positions.to(self.device), targets.to(self.device)
        if self.head is not None:
            n = len(targets)
            filled = torch.arange(-(-n // _POSITION_MULTIPLE) * _POSITION_MULTIPLE, device=self.device) % n
            hidden = hidden_states_at(self.network, inputs, rows[filled], positions[filled])  # (P, H)
            return self.head.surprisal(hidden.float(), targets[filled])[:n].cpu()
        logits = self.network(input_ids=inputs, attention_mask=torch.ones_like(inputs)).logits  # (B, L, V)
        step = max(1, _VOCABULARY_ROWS // logits.shape[-1])
        parts = [
            nn.functional.cross_entropy(logits[rows[at], positions[at]].float(), targets[at], reduction="none")
            for at in torch.split(torch.arange(len(targets), device=self.device), step)
        ]
        return torch.cat(parts).clamp_min(0.0).cpu()

    def __repr__(self) -> str:
        path = "fast path" if self.head is not None else "full logits"
        return f"MaskedLanguageModel({self.name!r}, {self.device}, {dtype_name(self.dtype)}, {path})"


def length_limit(network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int:
    """The most tokens of an input: the tokenizer's word on it, bounded by the position embeddings and by 16 bits."""
    limit = int(min(tokenizer.model_max_length, 2**16 - 1))
    for name, module in network.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            # RoBERTa's kind counts positions from behind the padding index.
            unused = 0 if module.padding_idx is None else module.padding_idx + 1
            return min(limit, module.num_embeddings - unused)
    return min(limit, getattr(network.config, "max_position_embeddings", None) or limit)


def _untie_decoder(network: PreTrainedModel) -> None:
    """Give the decoder weights of its own, so that it stays in float32 when the embeddings do not."""
    decoder = network.get_output_embeddings()
    if decoder is not None:
        decoder.weight = nn.Parameter(decoder.weight.detach().clone(), requires_grad=False)


def _take_float32_input(network: PreTrainedModel, skip: nn.Module) -> None:
    """Let the parts outside the encoder, which stay in float32, accept the encoder's type."""
    inner = set(skip.modules())
    for module in network.modules():
        if module not in inner and not list(module.children()) and list(module.parameters(recurse=False)):
            module.register_forward_pre_hook(_to_float32)


def _to_float32(_: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(x.float() if torch.is_tensor(x) and x.is_floating_point() else x for x in inputs)
