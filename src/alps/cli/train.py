"""``alps train``: from labelled texts to a classifier in a folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.cli import options
from alps.cli.choices import Classifiers
from alps.cli.manner import Manner
from alps.cli.progress import show_progress
from alps.cli.sources import files_of, pool_source
from alps.cli.tell import tell

if TYPE_CHECKING:
    from alps.labelling.examples import Examples

CLASSIFIER, HUB = "Classifier", "Hugging Face hub"
_FEW_TEXTS = 3

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
Recipe = Annotated[
    Literal["auto", "stable", "many", "paper"],
    typer.Option(
        "--recipe", rich_help_panel=CLASSIFIER,
        help="How finetune is trained: stable for few labels, many for more than 1,600, auto by their number.",
    ),
]  # fmt: skip
PushToHub = Annotated[
    str | None,
    typer.Option(
        "--push-to-hub", help="Put the folder into this repository too, a private one where it is made.",
        metavar="OWNER/NAME", rich_help_panel=HUB, show_default=False,
    ),
]  # fmt: skip
Public = Annotated[
    bool, typer.Option("--public", help="Make the repository one that everybody sees.", rich_help_panel=HUB)
]


class _Source(NamedTuple):
    """What to train on, the pool that it comes from, and facts of the labelling where they are known."""

    examples: Examples
    pool: list[str]
    labelling: dict[str, Any] | None


def command(
    context: typer.Context,
    output: Folder,
    source: options.Source = None,
    text_column: options.TextColumn = None,
    label_column: options.LabelColumn = None,
    multi_label: options.MultiLabel = False,
    input_format: options.InputFormat = None,
    classifier: Classifier = "finetune",
    recipe: Recipe = "auto",
    folds: Folds = 5,
    seed: options.Seed = 0,
    model: options.Model = "bundled",
    max_length: options.MaxLength = 128,
    pooling: options.Pooling = "auto",
    device: options.Device = "auto",
    dtype: options.Type = "auto",
    cache_dir: options.CacheDir = None,
    push_to_hub: PushToHub = None,
    public: Public = False,
    force: options.Force = False,
) -> None:
    """Train a classifier on labelled texts, or on a project of alps label; texts without a label are passed over."""
    from alps.base.atomic import check_new_folder
    from alps.classifiers.folder import CLASSIFIER_FOLDER
    from alps.shards.cache import default_cache_folder

    manner: Manner = context.obj
    folder = cache_dir or default_cache_folder()
    if push_to_hub is not None:
        from alps.integrations.hub import check_hub

        check_hub(push_to_hub)
    project = _project(source or [])
    files = pool_source(source or []) if project is None else [project]
    if output.is_dir():
        _check_not_read(output, [*files_of(files), Path(model)])
    check_new_folder(output, replaces=CLASSIFIER_FOLDER if force else None)
    if project is not None:
        read = _read_project(project)
    else:
        read = _read_table(files, text_column, label_column, input_format, folder, multi_label=multi_label)

    from alps.classifiers.text_classifier import train_classifier

    known = read.examples
    with show_progress(manner) as progress:
        trained = train_classifier(
            known.texts, known.labels, classes=known.classes, weights=known.weights, classifier=classifier,
            recipe=recipe, model=model, folds=min(folds, len(set(known.texts))) if folds > 1 else None,
            pool=read.pool, seed=seed, max_length=max_length, pooling=pooling, device=device, dtype=dtype,
            cache_dir=folder, progress=progress,
        )  # fmt: skip
    if read.labelling is not None:
        trained = replace(trained, facts=trained.facts | {"labelling": read.labelling})
    trained.save(output, force=force)
    if manner.verbose:
        tell(json.dumps(trained.facts, indent=2))
    if not manner.quiet:
        scores, counts = trained.facts.get("cross_validation"), trained.facts["texts_per_class"]
        if scores is not None:
            tell(
                f"Cross-validated on these {scores['n_texts']} texts: micro-F1 {scores['micro_f1']:.3f}, "
                f"macro-F1 {scores['macro_f1']:.3f}; on texts drawn at random it may differ."
            )
        few = [for_terminal(name, 40) for name, n in counts.items() if n < _FEW_TEXTS]
        if few:
            tell(f"Fewer than {_FEW_TEXTS} texts of: {', '.join(few)}; the classifier will miss them; label more.")
        tell(f"Wrote the classifier to {output}; alps predict {output} FILE -o OUTPUT uses it.")
    if push_to_hub is not None:
        from alps.integrations.hub import push

        address = push(output, push_to_hub, public=public)
        if not manner.quiet:
            tell(f"Pushed it to {address}")


def _check_not_read(folder: Path, read: list[Path]) -> None:
    """Let --force replace no folder from which something is read."""
    folder = folder.resolve()
    for path in read:
        named, meant = path.parent.resolve() / path.name, path.resolve()  # of a link, itself and what it points at
        if path.exists() and any(folder in (place, *place.parents) for place in (named, meant)):
            raise AlpsError(f"{path} is read and would go with the folder {folder}; write to another folder.")


def _project(source: list[str]) -> Path | None:
    """The project that the command line names; None where it names a table."""
    from alps.labelling.project import ENDING

    return Path(source[0]) if len(source) == 1 and source[0].lower().endswith(ENDING) else None


def _read_project(path: Path) -> _Source:
    from alps.labelling.card_facts import labelling_facts
    from alps.labelling.examples import labelled_examples
    from alps.labelling.project import Project

    project = Project(path)
    try:
        return _Source(labelled_examples(project), project.texts()[1], labelling_facts(project))
    finally:
        project.close()


def _read_table(
    files: str | list[Path],
    text_column: str | None,
    label_column: str | None,
    input_format: str | None,
    folder: Path,
    *,
    multi_label: bool,
) -> _Source:
    """The texts that have a label, and their labels; those without are of the pool."""
    from alps.labelling.examples import Examples
    from alps.pool.gather import gather
    from alps.pool.labelled import labels_of
    from alps.pool.read import open_batches

    with open_batches(files, text_column=text_column, format=input_format, spool_folder=folder) as batches:
        pool = gather(
            batches.rows, batches.origin, text_column=text_column, spool_folder=folder, in_memory=batches.in_memory
        )
    labels = labels_of(
        pool, pool.table, label_column=label_column, text_column=pool.text_column, multi_label=multi_label,
        name=pool.source, where=lambda row: batches.origin.where(int(pool.row_numbers[row])),
    )  # fmt: skip
    known = [i for i, label in enumerate(labels) if label is not None]
    texts = pool.texts.take(known).to_pylist()
    return _Source(Examples(texts, [labels[i] for i in known]), pool.texts.to_pylist(), None)
