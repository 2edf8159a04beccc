"""``alps predict``: from a classifier and a file of texts to a file of predictions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from warnings import warn

import typer

from alps.base.errors import AlpsError, AlpsWarning
from alps.cli import options
from alps.cli.manner import Manner
from alps.cli.progress import show_progress
from alps.cli.sources import files_of, pool_source
from alps.cli.tell import tell

Folder = Annotated[
    Path,
    typer.Argument(help="A folder that alps train wrote, or a sequence classifier of transformers.", metavar="MODEL"),
]
Predictions = Annotated[
    Path,
    typer.Option(
        "--output", "-o", help="Write the predictions to this file (.csv, .jsonl).", metavar="FILE",
        rich_help_panel=options.OUTPUT, show_default=False,
    ),
]  # fmt: skip


def command(
    context: typer.Context,
    model: Folder,
    output: Predictions,
    source: options.Source = None,
    text_column: options.TextColumn = None,
    input_format: options.InputFormat = None,
    device: options.Device = "auto",
    dtype: options.Type = "auto",
    force: options.Force = False,
) -> None:
    """Predict the class of every text of a file of any size; goes on where it was after a crash."""
    files = pool_source(source or [])
    if not model.is_dir():
        raise AlpsError(f"{model} is not a folder; name one that alps train wrote.")

    from alps.classifiers.unfinished import Unfinished

    Unfinished(output).check(files_of(files), force=force)

    from alps.classifiers.bulk_prediction import classifier_identity, predict_file
    from alps.classifiers.text_classifier import TextClassifier

    manner: Manner = context.obj
    classifier = TextClassifier.load(model, device=device, dtype=dtype)
    with show_progress(manner) as progress:
        done = predict_file(
            classifier, files, output, identity=classifier_identity(model), text_column=text_column,
            format=input_format, force=force, progress=progress,
        )  # fmt: skip
    if not manner.quiet:
        tell(f"Wrote {done.rows:,} rows to {output}")
    if done.verdict is not None and done.verdict.unlike:
        warn(
            f"These texts look unlike those that {model} comes from: {done.verdict.odd:.0%} of a sample are further "
            "from them than 95 % of their own kind; label some of the new texts before you trust the predictions.",
            AlpsWarning, stacklevel=1,
        )  # fmt: skip
