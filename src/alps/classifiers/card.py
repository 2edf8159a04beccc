"""The model card of a trained classifier: what it is, what it learned from, what it cannot do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alps.base.text_safety import for_terminal

_LONGEST_NAME = 80


def model_card(
    name: str, kind: str, labels: Sequence[str], facts: Mapping[str, Any], *, multi_label: bool = False
) -> str:
    """
    A model card as Hugging Face's pages read it: Markdown with a YAML head.

    Parameters
    ----------
    name
        Of the folder.
    kind
        ``probe`` or ``finetune``.
    labels
        The classes.
    facts
        What `TextClassifier.facts` says.
    multi_label
        Whether a text may have several labels.

    """
    library = "transformers" if kind == "finetune" else "alps"
    lines = ["---", "pipeline_tag: text-classification", f"library_name: {library}", "tags: [alps]", "---", ""]
    lines += [
        f"# {_plain(name)}",
        "",
        _what(kind, facts, multi_label=multi_label),
        "",
        "| class | labelled texts |",
        "|---|---|",
    ]
    counts = facts.get("texts_per_class", {})
    lines += [f"| {_plain(label)} | {counts.get(label, 'not known')} |" for label in labels]
    lines += ["", "## How it was made", ""]
    apart = ("texts_per_class", "versions", "cross_validation")
    settings = {key: value for key, value in facts.items() if key not in apart}
    settings |= {f"version of {key}": value for key, value in facts.get("versions", {}).items()}
    lines += [f"- {_plain(str(key).replace('_', ' '))}: {_plain(str(value))}" for key, value in settings.items()]
    lines += _scores(facts.get("cross_validation", {}))
    lines += ["", "## Limits", "", *_LIMITS, "", "## Use", "", "```python", *_use(kind), "```", ""]
    return "\n".join(lines)


_LIMITS = (
    "- Where the texts were chosen for labelling, not drawn at random, the class counts above say nothing of the mix",
    "  in the data, and no score on them is that on texts drawn at random.",
    "- Texts beyond the length limit are cut.",
    "- Texts unlike the labelled ones get probabilities that mean little.",
)


def _scores(scores: Mapping[str, Any]) -> list[str]:
    """The section on cross-validation; nothing where there was none."""
    if not scores:
        return []
    said = f"micro-F1 {scores['micro_f1']:.3f}, macro-F1 {scores['macro_f1']:.3f}"
    return ["", "## Scores", "", f"Cross-validated on the {scores['n_texts']} texts, {scores['folds']} folds: {said}."]


def _what(kind: str, facts: Mapping[str, Any], *, multi_label: bool) -> str:
    how = "All weights were fine-tuned" if kind == "finetune" else "A logistic regression on its frozen embeddings"
    task = "each text has any number of the classes" if multi_label else "each text has one of the classes"
    n = facts.get("n_texts", "an unknown number of")
    model = _plain(str(facts.get("model", "unknown")))
    return f"A text classifier ({task}) on the encoder {model}. {how}, on {n} labelled texts."


def _use(kind: str) -> list[str]:
    if kind == "finetune":
        return ["from transformers import pipeline", 'pipeline("text-classification", "FOLDER")("a text")']
    return ["from alps import TextClassifier", 'TextClassifier.load("FOLDER").predict(["a text"])']


def _plain(text: str) -> str:
    """Text of a user as Markdown shows it: on one line, no table cell broken, no tag made."""
    shown = for_terminal(text, _LONGEST_NAME).replace("\\", "\\\\")
    for mark in "|`*_<>[]#":
        shown = shown.replace(mark, f"\\{mark}")
    return shown
