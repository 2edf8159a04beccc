"""
A sequence classifier of transformers, seen as an encoder and its last linear layer.

Whatever the architecture puts between its encoder and its logits, the last module is a linear layer with one row for
each class. With that layer taken out, the network gives h, the layer's input: what BADGE, BERT-KM on a fine-tuned
encoder, CoreSet and CAL look at. Put back, it is the network that transformers saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from alps.base.errors import AlpsError
from alps.models import bundled
from alps.models.checkpoints import load_checkpoint, load_tokenizer
from alps.models.encoder import Encoder
from alps.models.linear_head import LinearHead

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def load_sequence_classifier(
    name: str, labels: Sequence[str], problem_type: str, seed: int
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """
    A pre-trained encoder with a new classification layer, in float32, and its tokenizer.

    Parameters
    ----------
    name
        ``bundled``, a folder, or a hub id.
    labels
        Names of the C classes.
    problem_type
        See `LinearHead`.
    seed
        Draws the weights that the checkpoint does not have.

    Raises
    ------
    AlpsError
        When the model cannot be loaded or its architecture classifies no sequences.

    """
    from transformers import AutoModelForSequenceClassification

    source = bundled.encoder_folder() if name == bundled.NAME else name
    settings: Mapping[str, Any] = {
        "num_labels": len(labels),
        "id2label": dict(enumerate(labels)),
        "label2id": {label: i for i, label in enumerate(labels)},
        "problem_type": problem_type,
        "ignore_mismatched_sizes": True,  # a checkpoint that was fine-tuned for other classes
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = load_checkpoint(AutoModelForSequenceClassification, source, may_be_missing=True, **settings)
    return network, load_tokenizer(source)


def read_sequence_classifier(folder: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A sequence classifier that was saved, and its tokenizer; errors as `load_checkpoint`."""
    from transformers import AutoModelForSequenceClassification

    return load_checkpoint(AutoModelForSequenceClassification, folder), load_tokenizer(folder)


def labels_of(network: PreTrainedModel) -> tuple[str, ...]:
    """The names of the classes of a sequence classifier."""
    names = network.config.id2label
    return tuple(str(names[i]) for i in range(len(names)))


def last_layer(network: PreTrainedModel) -> nn.Linear:
    """
    The linear layer that gives the logits.

    Raises
    ------
    AlpsError
        When the network ends in no such layer.

    """
    encoder = set(network.base_model.modules())
    linear = [module for module in network.modules() if isinstance(module, nn.Linear) and module not in encoder]
    last = [module for module in linear if module.out_features == network.config.num_labels]
    if len(last) > 1:  # a dense layer that happens to be as wide as there are classes stands before it
        last = [module for module in last if module.in_features == network.config.hidden_size][-1:]
    if not last:
        raise AlpsError(f"A model of type {network.config.model_type} ends in no linear layer; choose another.")
    return last[0]


def as_encoder(network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, name: str) -> Encoder:
    """The network as `Encoder` describes it; it has no digest, since it is one of many."""
    return Encoder(name, network, tokenizer, network.device, network.dtype, "", "classifier")


def split(network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, name: str) -> tuple[Encoder, LinearHead]:
    """
    A sequence classifier in two: the encoder that gives h, which shares the network's weights, and the last layer.

    Parameters
    ----------
    network, tokenizer
        The classifier, on its device; the network gives h instead of logits from now on.
    name
        What the encoder is called in messages.

    """
    layer = last_layer(network)
    bias = np.zeros(layer.out_features, np.float32) if layer.bias is None else layer.bias.detach().cpu().numpy()
    head = LinearHead(
        labels_of(network), layer.weight.detach().cpu().numpy().copy(), bias.copy(), network.config.problem_type
    )
    _replace(network, layer, _TakenOut())
    network.eval().requires_grad_(False)
    return as_encoder(network, tokenizer, name), head


def join(encoder: Encoder, head: LinearHead) -> PreTrainedModel:
    """The sequence classifier that `split` took apart; the encoder no longer gives h."""
    layer = nn.Linear(head.weight.shape[1], head.weight.shape[0], device=encoder.device)
    layer.weight.data.copy_(torch.from_numpy(head.weight))
    layer.bias.data.copy_(torch.from_numpy(head.bias))
    taken_out = next(module for module in encoder.network.modules() if isinstance(module, _TakenOut))
    _replace(encoder.network, taken_out, layer)
    return encoder.network


class _TakenOut(nn.Identity):
    """Stands where the last layer was."""


def _replace(network: nn.Module, old: nn.Module, new: nn.Module) -> None:
    for module in network.modules():
        for name, child in module.named_children():
            if child is old:
                setattr(module, name, new)
