"""A pre-trained encoder and the embedding it gives each text (BERT-KM and everything that clusters meaning)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from alps.models.masked_language_model import length_limit
from alps.models.tokens import TextTokenizer, text_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

POOLINGS = ("cls", "mean", "pooler")


@dataclass(frozen=True)
class Encoder:
    """
    A loaded encoder; make one with `alps.models.load_encoder`.

    Attributes
    ----------
    pooling
        ``cls``: the last hidden state of the first token (paper 5.2); ``mean``: the mean over all tokens (what the
        bundled encoder was trained for); ``pooler``: BERT's pooler output (what the published code uses);
        ``classifier``: the input of the last layer of a sequence classifier (`alps.models.sequence_classifier`).

    The other attributes are those of `MaskedLanguageModel`.

    """

    name: str
    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    device: torch.device
    dtype: torch.dtype
    digest: str
    pooling: str

    @property
    def max_length(self) -> int:
        """The most tokens that the encoder reads, special tokens included."""
        return length_limit(self.network, self.tokenizer)

    def text_tokenizer(self, max_length: int) -> TextTokenizer:
        """A tokenizer for exact lengths; see `TextTokenizer`."""
        return text_tokenizer(self.tokenizer, max_length)

    @torch.inference_mode()
    def embed(self, inputs: torch.Tensor) -> torch.Tensor:
        """
        Embeddings of texts of one length.

        Parameters
        ----------
        inputs
            Token ids, int64 (B, L), without padding.

        Returns
        -------
        torch.Tensor
            float32 (B, hidden size) on the CPU, not normalised.

        """
        output = self.network(input_ids=inputs.to(self.device))
        if self.pooling == "classifier":
            embeddings: torch.Tensor = output.logits.float()
        elif self.pooling == "pooler":
            embeddings = output.pooler_output.float()
        else:
            hidden = output.last_hidden_state.float()  # (B, L, H)
            embeddings = hidden[:, 0] if self.pooling == "cls" else hidden.mean(dim=1)
        return embeddings.cpu()
