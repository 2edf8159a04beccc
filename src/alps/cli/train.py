"""``alps train``: from labelled texts to a classifier in a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alps.cli import options
from alps.cli.choices import Classifiers
from alps.cli.manner import Manner
from alps.cli.progress import show_progress
from alps.cli.sources import pool_source
from alps.cli.tell import tell

if TYPE_CHECKING:
    from alps.classifiers.labelled import Answer

CLASSIFIER = "Classifier"

Folder = Annotated[
    Path,
    typer.Option(
        "--output", "-o", help="The new folder of the classifier.", metavar="FOLDER", rich_help_panel=options.OUTPUT,
        show_default=False,
    ),
]  # fmt: skip
Classifier = Annotated[
    Classifiers,
    typer.Option(
        "--classifier", rich_help_panel=CLASSIFIER,
        help="finetune: a Hugging Face model, all of it trained; probe: a logistic regression on a frozen encoder.",
    ),
]  # fmt: skip
Folds = Annotated[
    int,
    typer.Option(
        "--folds", min=0, help="Folds of the cross-validation; 0 does without.", rich_help_panel=CLASSIFIER,
    ),
]  # fmt: skip


def command(
    context: typer.Context,
    output: Folder,
    source: options.Source = None,
    text_column: options.TextColumn = None,
    label_column: options.LabelColumn = None,
    multi_label: options.MultiLabel = False,
    input_format: options.InputFormat = None,
    classifier: Classifier = "finetune",
    recipe: options.Recipe = "stable",
    folds: Folds = 5,
    seed: options.Seed = 0,
    model: options.Model = "bundled",
    max_length: options.MaxLength = 128,
    pooling: options.Pooling = "auto",
    device: options.Device = "auto",
    dtype: options.Type = "auto",
    cache_dir: options.CacheDir = None,
    force: options.Force = False,
) -> None:
    """Train a classifier on labelled texts, or on a project of alps label; texts without a label are passed over."""
    from alps.base.atomic import check_new_folder
    from alps.shards.cache import default_cache_folder

    manner: Manner = context.obj
    check_new_folder(output, force=force)
    folder = cache_dir or default_cache_folder()
    project = _project(source or [])
    if project is not None:
        from alps.labelling.examples import labelled_examples

        texts, labels, classes = labelled_examples(project)
    else:
        texts, labels = _read_table(
            pool_source(source or []), text_column, label_column, input_format, folder, multi_label=multi_label
        )
        classes = []

    from alps.classifiers.text_classifier import train_classifier

    with show_progress(manner) as progress:
        trained = train_classifier(
            texts, labels, classes=classes, classifier=classifier, recipe=recipe, model=model,
            folds=min(folds, len(set(texts))) if folds > 1 else None, seed=seed, max_length=max_length,
            pooling=pooling, device=device, dtype=dtype, cache_dir=folder, progress=progress,
        )  # fmt: skip
    trained.save(output, force=force)
    if manner.verbose:
        tell(json.dumps(trained.facts, indent=2))
    if not manner.quiet:
        scores = trained.facts.get("cross_validation")
        if scores is not None:
            tell(
                f"Cross-validated on these {scores['n_texts']} texts: micro-F1 {scores['micro_f1']:.3f}, "
                f"macro-F1 {scores['macro_f1']:.3f}; on texts drawn at random it may differ."
            )
        tell(f"Wrote the classifier to {output}; alps predict {output} FILE -o OUTPUT uses it.")


def _project(source: list[str]) -> Path | None:
    """The project that the command line names; None where it names a table."""
    from alps.labelling.project import ENDING

    return Path(source[0]) if len(source) == 1 and source[0].lower().endswith(ENDING) else None


def _read_table(
    files: str | list[Path],
    text_column: str | None,
    label_column: str | None,
    input_format: str | None,
    folder: Path,
    *,
    multi_label: bool,
) -> tuple[list[str], list[Answer]]:
    """The texts that have a label, and their labels."""
    from alps.pool.labelled import labels_of
    from alps.pool.read import read_pool

    pool = read_pool(files, text_column=text_column, format=input_format, spool_folder=folder)
    labels = labels_of(
        pool, pool.table, label_column=label_column, text_column=pool.text_column, multi_label=multi_label
    )
    known = [i for i, label in enumerate(labels) if label is not None]
    return pool.texts.take(known).to_pylist(), [labels[i] for i in known]
