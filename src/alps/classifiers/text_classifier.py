"""A trained classifier that reads texts, and the folder in which it is kept."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from alps.base.atomic import atomic_folder
from alps.base.errors import AlpsError, AlpsWarning
from alps.base.progress import ProgressCallback, no_progress
from alps.base.streams import Stream
from alps.base.versions import versions
from alps.classifiers.card import model_card
from alps.classifiers.cross_validation import cross_validate
from alps.classifiers.folder import CLASSIFIER_FOLDER, PROBE_FILE
from alps.classifiers.labelled import Answer, Labelled
from alps.classifiers.likeness import Likeness
from alps.classifiers.train import train
from alps.models.batches import TOKENS_PER_BATCH
from alps.models.checkpoints import quiet_transformers
from alps.models.classifier import Classifier
from alps.models.device import resolve_device
from alps.models.linear_head import LinearHead
from alps.models.recipes import recipe_called, recipe_for
from alps.models.sequence_classifier import join, read_sequence_classifier, split
from alps.pool.texts import Texts
from alps.representations import prediction
from alps.representations.resources import Resources

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_NO_LENGTH_SAID = int(1e30)  # what transformers gives a tokenizer that knows no limit


@dataclass(frozen=True)
class TextClassifier:
    """
    What `train_classifier` gives.

    Attributes
    ----------
    kind
        ``probe`` or ``finetune``.
    classifier
        The last layer and the encoder under it.
    resources
        The models and settings that it reads texts with.
    facts
        How it was made, JSON-able.
    held_out
        Of the n texts that it was trained on, what classifiers of a cross-validation that had not seen them say,
        float32 (n, C); None where there was none.
    likeness
        What is kept of the pool, to tell whether new texts look like it; None where nothing is.

    Examples
    --------
    >>> import alps
    >>> texts = ["rain in Rome", "sun in Oslo", "a late goal", "the cup final"]
    >>> classifier = alps.train_classifier(texts, ["weather", "weather", "sport", "sport"])
    >>> classifier.predict(["snow in Lima", "a goal in the final"])
    ['weather', 'sport']
    >>> classifier
    <TextClassifier probe of 2 classes, trained on 4 texts>

    """

    kind: str
    classifier: Classifier
    resources: Resources
    facts: dict[str, Any] = field(default_factory=dict)
    held_out: npt.NDArray[np.float32] | None = None
    likeness: Likeness | None = None

    def __repr__(self) -> str:
        n = self.facts.get("n_texts", "an unknown number of")
        return f"<TextClassifier {self.kind} of {len(self.labels)} classes, trained on {n} texts>"

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the C classes."""
        return self.classifier.head.labels

    @property
    def multi_label(self) -> bool:
        """Whether a text may have any number of labels."""
        return self.classifier.multi_label

    def probabilities(self, texts: Iterable[str] | Texts) -> npt.NDArray[np.float32]:
        """Probability of every class for each of n texts, float32 (n, C)."""
        distinct, rows = (texts, np.arange(texts.n)) if isinstance(texts, Texts) else _distinct(texts)
        features = prediction.represent(distinct, np.ones(distinct.n, np.int64), self.resources, Stream(0))
        return features.probabilities[rows]

    def predict(self, texts: Iterable[str]) -> list[str] | list[list[str]]:
        """The likeliest class of each text; in the multi-label case all classes that are likelier than not."""
        probabilities = self.probabilities(texts)
        if self.multi_label:
            return [[label for label, p in zip(self.labels, row, strict=True) if p > 0.5] for row in probabilities]
        return [self.labels[c] for c in probabilities.argmax(axis=1)]

    def save(self, folder: str | Path, *, force: bool = False) -> None:
        """
        Write the classifier into a new folder, without pickle.

        ``finetune`` becomes a folder of Hugging Face's kind that ``pipeline("text-classification", folder)`` loads, and
        whose tokenizer has the length limit of the training as its ``model_max_length``; ``probe`` becomes its last
        layer and the name of the encoder under it. Either has a model card.

        Raises
        ------
        AlpsError
            When the folder is there already and `force` is not set, is not that of a classifier, or cannot be written;
            and where a fine-tuned classifier has a single class, which transformers cannot load.

        """
        path = Path(folder)
        if self.kind == "finetune" and len(self.labels) == 1 and not self.multi_label:
            raise AlpsError("A fine-tuned classifier of one class cannot be saved; label texts of another class first.")
        with atomic_folder(path, replaces=CLASSIFIER_FOLDER if force else None) as temporary:
            if self.classifier.encoder is None:
                self.classifier.head.save(temporary)
                (temporary / PROBE_FILE).write_text(json.dumps(self._probe_facts(), indent=2), encoding="utf-8")
            else:
                encoder = self.classifier.encoder
                with quiet_transformers():
                    join(encoder, self.classifier.head).save_pretrained(temporary)
                split(encoder.network, encoder.tokenizer, encoder.name)
                _save_tokenizer(encoder.tokenizer, self.resources.max_length, temporary)
            card = model_card(path.name, self.kind, self.labels, self.facts, multi_label=self.multi_label)
            (temporary / "README.md").write_text(card, encoding="utf-8")
            if self.likeness is not None:
                self.likeness.save(temporary)
            mode = (temporary / "README.md").stat().st_mode
            for file in temporary.iterdir():  # safetensors makes files that their owner alone may read
                file.chmod(mode)

    @staticmethod
    def load(folder: str | Path, *, device: str = "auto", dtype: str = "auto") -> TextClassifier:
        """
        Read what `save` wrote, or any sequence classifier of transformers.

        The length limit is the one that it was saved with: of a folder of Hugging Face's kind the ``model_max_length``
        of its tokenizer, or where that says nothing what the encoder reads, and at most 512.

        Raises
        ------
        AlpsError
            When there is none, it is damaged, or the encoder under a probe is not the one that it was trained on.

        """
        path = Path(folder)
        if (path / PROBE_FILE).is_file():
            return _load_probe(path, device, dtype)
        network, tokenizer = read_sequence_classifier(str(path))
        network.to(resolve_device(device))
        encoder, head = split(network, tokenizer, str(path))
        is_said = tokenizer.model_max_length < _NO_LENGTH_SAID
        max_length = encoder.max_length if is_said else min(encoder.max_length, 512)
        resources = Resources(str(path), device=device, max_length=max_length)
        classifier = Classifier(head, encoder)
        known = resources.with_classifier(classifier)
        return TextClassifier("finetune", classifier, known, likeness=Likeness.load(path))

    def _probe_facts(self) -> dict[str, Any]:
        resources = self.resources
        return {
            "kind": "probe",
            "model": resources.model,
            "digest": resources.encoder.digest,
            "pooling": resources.encoder.pooling,
            "max_length": resources.max_length,
            "facts": self.facts,
        }


def train_classifier(
    texts: Sequence[str],
    labels: Sequence[Answer],
    *,
    classifier: str = "probe",
    recipe: str = "stable",
    model: str = "bundled",
    classes: Sequence[str] = (),
    weights: npt.ArrayLike | None = None,
    folds: int | None = None,
    pool: Sequence[str] | None = None,
    seed: int = 0,
    max_length: int = 128,
    pooling: str = "auto",
    device: str = "auto",
    dtype: str = "auto",
    tokens_per_batch: int = TOKENS_PER_BATCH,
    cache_dir: str | Path | None = None,
    progress: ProgressCallback = no_progress,
) -> TextClassifier:
    """
    Train a classifier on labelled texts.

    Parameters
    ----------
    texts
        n texts. Copies count as often as they occur.
    labels
        One label for each text, or a list of labels for each (multi-label).
    classifier
        ``probe``: logistic regression on the frozen encoder, within a second; ``finetune``: the whole network.
    recipe
        Of ``finetune``: ``stable``, ``many``, ``paper``, or ``auto``, which goes by the number of texts; see
        `alps.models.recipes`.
    model, max_length, pooling, device, dtype, tokens_per_batch, cache_dir, progress
        As in `alps.select`. Fine-tuning is in float32 always.
    classes
        Names of classes that may have no text yet.
    weights
        Of the texts, positive (n,), for example the cluster sizes of a selection.
    folds
        Of a cross-validation, whose scores go into the facts and the model card; None does without. There is none
        where all texts have the same label, of which the scores would tell nothing.
    pool
        The texts that those to be predicted come from; a sample of their embeddings is kept with the classifier, to
        tell later whether new texts look like them. None keeps nothing.
    seed
        Decides every random draw.

    Raises
    ------
    AlpsError
        For any mistake in what was passed, in one sentence.

    Warns
    -----
    AlpsWarning
        When all texts have the same label.

    """
    if len(texts) != len(labels):
        raise AlpsError(f"There are {len(texts)} texts and {len(labels)} labels; give one for each.")
    recipe = recipe_for(recipe, len(texts))
    folder = None if cache_dir is None else Path(cache_dir)
    resources = Resources(
        model, device=device, dtype=dtype, max_length=max_length, pooling=pooling, tokens_per_batch=tokens_per_batch,
        cache_folder=folder, progress=progress,
    )  # fmt: skip
    distinct, rows = _distinct(texts)
    labelled = Labelled.of(distinct, list(labels), rows=rows, classes=classes, weights=weights)
    if labelled.constant:
        folds = None
        warnings.warn(
            f"All {labelled.n} texts have the same label, and the classifier will give it to every text; "
            "add texts of another class.",
            AlpsWarning, stacklevel=2,
        )  # fmt: skip
    stream = Stream(seed).child("train")
    validated = None if folds is None else cross_validate(classifier, recipe, labelled, resources, stream, folds=folds)
    trained = train(classifier, recipe, labelled, resources, stream)
    facts = {
        "model": model,
        "max_length": max_length,
        "n_texts": len(texts),
        "texts_per_class": dict(zip(labelled.labels, labelled.targets.sum(axis=0).tolist(), strict=True)),
        **({} if validated is None else {"cross_validation": validated.scores}),
        "seed": seed,
        **({"recipe": recipe, **asdict(recipe_called(recipe))} if classifier == "finetune" else {}),
        "versions": versions("alps-learn", "torch", "transformers", "scikit-learn"),
    }
    likeness = None if pool is None else Likeness.of(pool, resources, stream.child("likeness"))
    held_out = None if validated is None else validated.probabilities
    return TextClassifier(classifier, trained, resources.with_classifier(trained), facts, held_out, likeness)


def _distinct(texts: Iterable[str]) -> tuple[Texts, npt.NDArray[np.int64]]:
    """The distinct texts, and which of them each text is."""
    place: dict[str, int] = {}
    rows = [place.setdefault(text, len(place)) for text in texts]
    return Texts.of_strings(list(place)), np.asarray(rows, dtype=np.int64)


def _save_tokenizer(tokenizer: PreTrainedTokenizerBase, max_length: int, folder: Path) -> None:
    """Write a tokenizer that cuts texts at a length limit; it is itself as it was."""
    own = tokenizer.model_max_length
    tokenizer.model_max_length = max_length
    try:
        tokenizer.save_pretrained(folder)
    finally:
        tokenizer.model_max_length = own


def _load_probe(path: Path, device: str, dtype: str) -> TextClassifier:
    try:
        facts = json.loads((path / PROBE_FILE).read_text(encoding="utf-8"))
        model, pooling, max_length, digest = (facts[name] for name in ("model", "pooling", "max_length", "digest"))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise AlpsError(f"{path / PROBE_FILE} is damaged; train the classifier again.") from error
    resources = Resources(model, device=device, dtype=dtype, pooling=pooling, max_length=max_length)
    if resources.encoder.digest != digest:
        raise AlpsError(f"The encoder {model} is not the one under the classifier in {path}; train it again.")
    classifier = Classifier(LinearHead.load(path))
    known = resources.with_classifier(classifier)
    return TextClassifier("probe", classifier, known, facts.get("facts", {}), likeness=Likeness.load(path))
