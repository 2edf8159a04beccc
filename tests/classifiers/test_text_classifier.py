"""`train_classifier` and the folders it saves: both classifiers, one and several labels, weights, hostile names."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import pipeline

import alps
from alps.base.errors import AlpsError
from alps.classifiers.text_classifier import TextClassifier, train_classifier

TEXTS = [
    "rain in Rome", "sun and wind in Oslo", "snow in the north", "storms on the coast",
    "a late goal", "the cup final", "the striker scored twice", "a draw in the league",
]  # fmt: skip
LABELS = ["weather"] * 4 + ["sport"] * 4
NEW = ["clouds over Lima", "a goal in extra time"]
BOTH = pytest.mark.parametrize("kind", ["probe", "finetune"])


def trained(kind: str, checkpoints: dict[str, Path], labels: object = LABELS, **options: object) -> TextClassifier:
    """On the bundled encoder, or fine-tuned from a tiny checkpoint: what is tested is not how well it learns."""
    model = "bundled" if kind == "probe" else str(checkpoints["bert"])
    return train_classifier(TEXTS, labels, classifier=kind, model=model, recipe="paper", **options)


def test_a_probe_learns_from_eight_texts() -> None:
    classifier = train_classifier(TEXTS, LABELS)
    assert classifier.predict(NEW) == ["weather", "sport"]
    probabilities = classifier.probabilities(NEW)
    assert probabilities.shape == (2, 2)
    assert classifier.labels == ("sport", "weather")
    assert probabilities.sum(axis=1) == pytest.approx([1.0, 1.0])


@pytest.mark.slow
def test_finetune_learns_from_eight_texts() -> None:
    classifier = train_classifier(TEXTS, LABELS, classifier="finetune")
    assert classifier.predict(TEXTS) == LABELS


@BOTH
def test_what_is_loaded_predicts_as_what_was_saved(kind: str, checkpoints: dict[str, Path], tmp_path: Path) -> None:
    classifier = trained(kind, checkpoints)
    expected = classifier.probabilities(NEW)
    classifier.save(tmp_path / "model")
    found = TextClassifier.load(tmp_path / "model")
    assert found.kind == kind
    assert found.labels == ("sport", "weather")
    np.testing.assert_allclose(found.probabilities(NEW), expected, rtol=1e-5)
    np.testing.assert_array_equal(classifier.probabilities(NEW), expected)  # saving changed nothing
    files = {path.name for path in (tmp_path / "model").iterdir()}
    assert "README.md" in files
    assert not {name for name in files if name.endswith((".pkl", ".bin", ".pt", ".joblib"))}


def test_finetune_is_a_folder_that_a_pipeline_loads(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    classifier = trained("finetune", checkpoints)
    classifier.save(tmp_path / "model")
    found = pipeline("text-classification", str(tmp_path / "model"), device="cpu", top_k=None)(NEW[:1])[0]
    expected = dict(zip(classifier.labels, classifier.probabilities(NEW)[0].tolist(), strict=True))
    assert {row["label"]: row["score"] for row in found} == pytest.approx(expected, rel=1e-4)


@BOTH
def test_the_length_limit_of_the_training_is_kept(kind: str, checkpoints: dict[str, Path], tmp_path: Path) -> None:
    classifier = trained(kind, checkpoints, max_length=6)
    long = ["a late goal and then rain in Rome, snow in the north, storms on the coast"]
    expected = classifier.probabilities(long)
    classifier.save(tmp_path / "model")
    assert len({path.stat().st_mode for path in (tmp_path / "model").iterdir()}) == 1
    found = TextClassifier.load(tmp_path / "model")
    assert found.resources.max_length == 6
    np.testing.assert_allclose(found.probabilities(long), expected, rtol=1e-5)
    assert "- max length: 6\n" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    found.save(tmp_path / "again")
    assert TextClassifier.load(tmp_path / "again").resources.max_length == 6
    if kind == "finetune":
        assert classifier.resources.encoder.tokenizer.model_max_length == 128  # saving changed nothing
        says = pipeline("text-classification", str(tmp_path / "model"), device="cpu", top_k=None)
        scores = {row["label"]: row["score"] for row in says(long, truncation=True)[0]}
        assert scores == pytest.approx(dict(zip(found.labels, expected[0].tolist(), strict=True)), rel=1e-4)


def test_a_folder_that_says_no_length_is_read_as_far_as_its_encoder_reads(
    checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    trained("finetune", checkpoints, max_length=6).save(tmp_path / "model")
    path = tmp_path / "model" / "tokenizer_config.json"
    settings = json.loads(path.read_text())
    del settings["model_max_length"]
    path.write_text(json.dumps(settings))
    assert TextClassifier.load(tmp_path / "model").resources.max_length == 128


@BOTH
def test_one_class_makes_a_constant_classifier(kind: str, checkpoints: dict[str, Path], tmp_path: Path) -> None:
    classifier = trained(kind, checkpoints, ["weather"] * 8, classes=["sport", "weather"])
    assert classifier.probabilities(NEW).tolist() == [[0.0, 1.0]] * 2
    alone = trained(kind, checkpoints, ["weather"] * 8, folds=2)
    assert "cross_validation" not in alone.facts
    assert alone.probabilities(NEW).tolist() == [[1.0]] * 2
    if kind == "finetune":
        with pytest.raises(AlpsError, match="of one class cannot be saved"):
            alone.save(tmp_path / "model")
    else:
        alone.save(tmp_path / "model")
        assert TextClassifier.load(tmp_path / "model").predict(NEW) == ["weather", "weather"]


@BOTH
def test_several_labels(kind: str, checkpoints: dict[str, Path], tmp_path: Path) -> None:
    answers = [["weather"]] * 3 + [["weather", "travel"]] + [["sport"]] * 3 + [[]]
    classifier = trained(kind, checkpoints, answers)
    assert classifier.multi_label
    assert classifier.labels == ("sport", "travel", "weather")
    probabilities = classifier.probabilities(NEW)
    predicted = classifier.predict(NEW)
    assert predicted == [[classifier.labels[c] for c in np.flatnonzero(row > 0.5)] for row in probabilities]
    classifier.save(tmp_path / "model")
    loaded = TextClassifier.load(tmp_path / "model")
    assert loaded.multi_label
    np.testing.assert_allclose(loaded.probabilities(NEW), probabilities, rtol=1e-5)


@BOTH
def test_the_seed_decides(kind: str, checkpoints: dict[str, Path]) -> None:
    first, again = (trained(kind, checkpoints, seed=5).probabilities(NEW) for _ in range(2))
    assert first.tobytes() == again.tobytes()
    if kind == "finetune":
        assert trained(kind, checkpoints, seed=6).probabilities(NEW).tobytes() != first.tobytes()


def test_copies_are_weights() -> None:
    doubled = train_classifier([*TEXTS, TEXTS[0]], [*LABELS, LABELS[0]])
    weighted = train_classifier(TEXTS, LABELS, weights=[2, 1, 1, 1, 1, 1, 1, 1])
    np.testing.assert_allclose(doubled.classifier.head.weight, weighted.classifier.head.weight, rtol=0.2, atol=0.02)
    contradicted = train_classifier([*TEXTS, TEXTS[0]], [*LABELS, "sport"]).probabilities(TEXTS[:1])[0]
    plain = train_classifier(TEXTS, LABELS).probabilities(TEXTS[:1])[0]
    assert contradicted[0] > plain[0]


def test_calibration_changes_confidence_and_no_prediction() -> None:
    texts = [f"{text}, {i}" for i in range(4) for text in TEXTS]
    classifier = train_classifier(texts, LABELS * 4)
    assert classifier.predict(TEXTS) == LABELS
    # What is held out is told right every time, so the probe may be surer than its penalty lets it be.
    assert classifier.probabilities(TEXTS).max(axis=1).mean() > 0.9


def test_an_empty_text_and_no_text() -> None:
    classifier = train_classifier(TEXTS, LABELS)
    assert classifier.probabilities(["", "rain"]).shape == (2, 2)
    assert classifier.probabilities([]).shape == (0, 2)


def test_the_card_says_what_it_is_and_carries_no_markup(tmp_path: Path) -> None:
    hostile = "a|b\n<script>alert(1)</script>"
    classifier = train_classifier(TEXTS, [hostile] * 4 + ["sport"] * 4)
    classifier.save(tmp_path / "model")
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\npipeline_tag: text-classification\n")
    assert "on 8 labelled texts" in card
    assert "<script>" not in card
    assert "| sport | 4 |" in card
    assert TextClassifier.load(tmp_path / "model").labels == (hostile, "sport")


def test_what_is_there_is_not_replaced(tmp_path: Path) -> None:
    classifier = train_classifier(TEXTS, LABELS)
    classifier.save(tmp_path / "model")
    (tmp_path / "model" / "mine.txt").write_text("mine")
    with pytest.raises(AlpsError, match="exists already"):
        classifier.save(tmp_path / "model")
    assert (tmp_path / "model" / "mine.txt").read_text() == "mine"
    with pytest.raises(AlpsError, match=r"mine\.txt in it is of no folder of a classifier"):
        classifier.save(tmp_path / "model", force=True)
    (tmp_path / "model" / "mine.txt").rename(tmp_path / "model" / "tokenizer.json")
    classifier.save(tmp_path / "model", force=True)
    assert not (tmp_path / "model" / "tokenizer.json").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]


def test_another_encoder_under_a_probe_is_noticed(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    train_classifier(TEXTS, LABELS).save(tmp_path / "model")
    path = tmp_path / "model" / "classifier.json"
    facts = json.loads(path.read_text())
    path.write_text(json.dumps({**facts, "model": str(checkpoints["bert"]), "pooling": "cls"}))
    with pytest.raises(AlpsError, match="is not the one under the classifier"):
        TextClassifier.load(tmp_path / "model")
    path.write_text("{}")
    with pytest.raises(AlpsError, match="is damaged"):
        TextClassifier.load(tmp_path / "model")


def test_mistakes_are_told() -> None:
    for labels, options, message in (
        (LABELS[:7], {}, "There are 8 texts and 7 labels"),
        ([["a"], *LABELS[1:]], {}, "give a list for every text"),
        (LABELS, {"classifier": "svm"}, "no classifier 'svm'; choose one of probe, finetune"),
        (LABELS, {"classifier": "finetune", "recipe": "x"}, "no recipe 'x'"),
        (LABELS, {"weights": [0.0] * 8}, "not 8 positive numbers"),
        ([[]] * 8, {}, "No text has a label"),
    ):
        with pytest.raises(AlpsError, match=message):
            train_classifier(TEXTS, labels, **options)
    with pytest.raises(AlpsError, match="no labelled texts"):
        train_classifier([], [])


def test_the_public_names() -> None:
    assert alps.train_classifier is train_classifier
    assert alps.TextClassifier is TextClassifier


@BOTH
def test_samples_differ_and_are_near_the_prediction(kind: str, checkpoints: dict[str, Path]) -> None:
    from alps.base.streams import Stream
    from alps.classifiers.labelled import Labelled
    from alps.classifiers.train import train
    from alps.pool.texts import Texts
    from alps.representations.resources import Resources

    model = "bundled" if kind == "probe" else str(checkpoints["bert"])
    labelled = Labelled.of(Texts.of_strings(TEXTS), LABELS)
    classifier = train(kind, "paper", labelled, Resources(model), Stream(0), samples=True)
    h = np.random.default_rng(0).normal(size=(5, classifier.head.weight.shape[1])).astype(np.float32)
    samples = classifier.samples(h)
    assert samples.shape == (5, 20, 2)
    assert samples.sum(axis=2) == pytest.approx(np.ones((5, 20)), rel=1e-5)
    assert (samples.std(axis=1) > 0).all()
    assert torch.from_numpy(samples).isfinite().all()


def test_a_folder_of_anything_else_is_not_replaced(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    classifier = trained("probe", checkpoints)
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("so far")
    with pytest.raises(AlpsError, match="is not replaced, as it is no folder of a classifier"):
        classifier.save(tmp_path / "thesis", force=True)
    assert (tmp_path / "thesis" / "thesis.tex").read_text() == "so far"
