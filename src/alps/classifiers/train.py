"""The classifiers behind one interface: the table of how to train them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.classifiers.finetune import train_finetune
from alps.classifiers.labelled import Labelled
from alps.classifiers.probe import train_probe
from alps.models.classifier import Classifier
from alps.models.recipes import recipe_called
from alps.representations.resources import Resources

CLASSIFIERS: Mapping[str, Callable[..., Classifier]] = MappingProxyType(
    {"probe": train_probe, "finetune": train_finetune}
)


def train(
    kind: str, recipe: str, labelled: Labelled, resources: Resources, stream: Stream, *, samples: bool = False
) -> Classifier:
    """
    Train a classifier.

    Parameters
    ----------
    kind
        A row of `CLASSIFIERS`.
    recipe
        See `alps.models.recipes`; `probe` has none and passes it over.
    labelled
        The texts.
    resources
        The pre-trained model, runner and store.
    stream
        The randomness.
    samples
        Whether `Classifier.samples` is wanted.

    """
    check_classifier(kind, recipe)
    options: dict[str, Any] = {"recipe": recipe} if kind == "finetune" else {}
    return CLASSIFIERS[kind](labelled, resources, stream, samples=samples, **options)


def check_classifier(kind: str, recipe: str) -> None:
    """
    Refuse what is not there.

    Raises
    ------
    AlpsError
        When there is no such classifier or recipe; lists those there are.

    """
    if kind not in CLASSIFIERS:
        raise AlpsError(f"There is no classifier {kind!r}; choose one of {', '.join(CLASSIFIERS)}.")
    recipe_called(recipe)
