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
    apart = ("texts_per_class", "versions", "cross_validation", "labelling")
    settings = {key: value for key, value in facts.items() if key not in apart}
    settings |= {f"version of {key}": value for key, value in facts.get("versions", {}).items()}
    lines += [f"- {_plain(str(key).replace('_', ' '))}: {_plain(str(value))}" for key, value in settings.items()]
    lines += _scores(facts.get("cross_validation", {}))
    lines += _labelling(facts.get("labelling", {}))
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


def _labelling(facts: Mapping[str, Any]) -> list[str]:
    """The section on the project of `alps label`; nothing for a classifier from a table."""
    if not facts:
        return []
    people = "1 person" if facts["annotators"] == 1 else f"{facts['annotators']} people"
    lines = [
        "",
        "## The labels",
        "",
        f"{people} labelled {facts['labelled']} of the {facts['texts']} different texts of the project "
        f"{_plain(facts['name'])}. What chose these texts:",
        "",
        *(f"- {_plain(strategy)}: {n}" for strategy, n in facts["strategies"].items()),
    ]
    if facts["agreement"]["krippendorff"] is not None:
        alpha, n = facts["agreement"]["krippendorff"], facts["agreement"]["n"]
        lines += ["", f"Krippendorff's alpha on the {n} texts that several people labelled: {alpha:.2f}."]
    if facts["accuracy"] is not None:
        lines += [
            "",
            "## On texts drawn at random",
            "",
            f"The last model of the project ({facts['classifier']}, trained on {facts['n_labels']} labels, none of "
            f"them of the audit) was right on {_interval(facts['accuracy'])} of the texts of the pool: estimated from "
            f"the audit, {facts['accuracy']['n']} texts drawn at random before any was picked, at 95 % confidence. "
            "This classifier was trained on those as well, so that nothing is left to measure it on.",
        ]
    if facts["curve"]:
        lines += ["", "| labels | right on (probe) |", "|---|---|"]
        lines += [f"| {point['n_labels']} | {_interval(point)} |" for point in facts["curve"]]
    shares = {name: share for name, share in facts["class_shares"].items() if share is not None}
    if shares:
        lines += ["", "| class | share of the pool |", "|---|---|"]
        lines += [f"| {_plain(name)} | {_interval(share)} |" for name, share in shares.items()]
    return lines


def _interval(share: Mapping[str, Any]) -> str:
    return f"{share['estimate']:.1%} ({share['low']:.1%} to {share['high']:.1%})"


def _what(kind: str, facts: Mapping[str, Any], *, multi_label: bool) -> str:
    how = "All weights were fine-tuned" if kind == "finetune" else "A logistic regression on its frozen embeddings"
    task = "each text has any number of the classes" if multi_label else "each text has one of the classes"
    n = facts.get("n_texts", "an unknown number of")
    model = _plain(str(facts.get("model", "unknown")))
    return f"A text classifier ({task}) on the encoder {model}. {how}, on {n} labelled texts."


def _use(kind: str) -> list[str]:
    if kind == "finetune":
        return [
            "from transformers import pipeline",
            'pipeline("text-classification", "FOLDER")("a text", truncation=True)',
        ]
    return ["from alps import TextClassifier", 'TextClassifier.load("FOLDER").predict(["a text"])']


def _plain(text: str) -> str:
    """Text of a user as Markdown shows it: on one line, no table cell broken, no tag made."""
    shown = for_terminal(text, _LONGEST_NAME).replace("\\", "\\\\")
    for mark in "|`*_<>[]#":
        shown = shown.replace(mark, f"\\{mark}")
    return shown
