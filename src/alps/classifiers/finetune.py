"""The classifier `finetune`: a sequence classifier of transformers, all of it trained (the paper, section 5)."""

from __future__ import annotations

import numpy as np

from alps.base.streams import Stream
from alps.classifiers.labelled import Labelled
from alps.models.classifier import DRAWS, Classifier
from alps.models.device import resolve_device
from alps.models.fine_tuning import fine_tune
from alps.models.linear_head import LinearHead, fit_probe
from alps.models.recipes import recipe_called
from alps.models.sequence_classifier import as_encoder, load_sequence_classifier, split
from alps.representations.resources import Resources

DRAWN_DROPOUT = 0.1


def train_finetune(
    labelled: Labelled, resources: Resources, stream: Stream, *, samples: bool = False, recipe: str = "stable"
) -> Classifier:
    """
    A classifier trained on labelled texts, from the pre-trained weights, in float32.

    Parameters
    ----------
    labelled
        n texts and their labels.
    resources
        Name of the model, device and length limit; its encoder is not changed.
    stream
        Decides the new layer, the order of the texts, the dropout and the samples.
    samples
        Whether `Classifier.samples` is wanted: Monte-Carlo dropout (Gal & Ghahramani, ICML 2016) on the input of the
        last layer alone, at `DRAWN_DROPOUT` even where the recipe trains without. Each draw is the same for all texts,
        so that it is one function and needs no second pass.
    recipe
        See `alps.models.recipes`.

    Returns
    -------
    Classifier
        A constant one where all texts have the same labels; nothing is trained then.

    """
    settings = recipe_called(recipe)
    network, tokenizer = load_sequence_classifier(
        resources.model, labelled.labels, labelled.problem_type, stream.child("layer").integer()
    )
    network.to(resolve_device(resources.device))
    tokens = resources.tokenizer(as_encoder(network, tokenizer, resources.model))(labelled.strings())
    if not labelled.constant:
        fine_tune(
            network, tokens, labelled.targets, settings, stream.child("fine-tuning").integer(),
            padding_id=tokenizer.pad_token_id or 0, weights=labelled.weights, progress=resources.progress,
        )  # fmt: skip
    encoder, head = split(network, tokenizer, resources.model)
    if labelled.constant:
        nothing = np.zeros((labelled.n, head.weight.shape[1]), dtype=np.float32)
        head = fit_probe(nothing, labelled.targets, labelled.labels, problem_type=labelled.problem_type)
    drawn = _with_dropout(head, stream.child("dropout").generator()) if samples else ()
    return Classifier(head, encoder, drawn)


def _with_dropout(head: LinearHead, generator: np.random.Generator) -> tuple[LinearHead, ...]:
    kept = generator.random((DRAWS, head.weight.shape[1])) >= DRAWN_DROPOUT
    scales = (kept / (1.0 - DRAWN_DROPOUT)).astype(np.float32)
    return tuple(LinearHead(head.labels, head.weight * scale, head.bias, head.problem_type) for scale in scales)
