"""``alps select``: from a file of texts to the texts worth labelling."""

from __future__ import annotations

import json
import shlex
import sys
from typing import TYPE_CHECKING

import typer

from alps.base.errors import AlpsError
from alps.cli import options
from alps.cli.account import Clock, account
from alps.cli.label_words import parse_label_words
from alps.cli.manner import Manner
from alps.cli.outputs import Outputs, plan_outputs, write_bytes
from alps.cli.progress import show_progress
from alps.cli.recipe import recipe
from alps.cli.sources import files_of, pool_source
from alps.cli.table import print_table
from alps.cli.tell import tell
from alps.strategies import DEFAULT_STRATEGY

if TYPE_CHECKING:
    from alps.selection import Selection


def command(
    context: typer.Context,
    source: options.Source = None,
    text_column: options.TextColumn = None,
    id_column: options.IdColumn = None,
    input_format: options.InputFormat = None,
    split: options.Split = None,
    sheet: options.Sheet = None,
    exclude: options.Exclude = None,
    labelled: options.Labelled = None,
    label_column: options.LabelColumn = None,
    multi_label: options.MultiLabel = False,
    sample: options.Sample = None,
    config: options.Config = None,
    k: options.K = 100,
    strategy: options.StrategyName = DEFAULT_STRATEGY,
    seed: options.Seed = 0,
    evaluated_fraction: options.EvaluatedFraction = None,
    masked: options.Masked = False,
    kmeans: options.KMeans = "default",
    n_classes: options.NClasses = None,
    label_words: options.LabelWords = None,
    template: options.Template = "It was [MASK].",
    model: options.Model = "bundled",
    classifier: options.Classifier = "probe",
    recipe_name: options.Recipe = "stable",
    max_length: options.MaxLength = 128,
    pooling: options.Pooling = "auto",
    device: options.Device = "auto",
    dtype: options.Type = "auto",
    output: options.Output = None,
    output_dir: options.OutputDir = None,
    report: options.Report = None,
    projection: options.Map = "pca",
    force: options.Force = False,
    as_json: options.AsJson = False,
    tokens_per_batch: options.TokensPerBatch = 2048,
    cache_dir: options.CacheDir = None,
    cache: options.Cache = True,
) -> None:
    """Choose the texts of a pool that are worth labelling first, with no labels to start from."""
    pool_files = pool_source(source or [])
    outputs = plan_outputs(output, output_dir, report, force=force)
    outputs.check(files_of(pool_files, exclude, labelled))
    words = parse_label_words(label_words or [])
    kept_recipe = recipe(context, outputs.recipe.name) if outputs.recipe is not None else b""
    _check_names(strategy, input_format, outputs)

    from alps.pool.read import read_pool
    from alps.shards.cache import default_cache_folder

    manner: Manner = context.obj
    clock = Clock()
    folder = cache_dir or default_cache_folder() if cache else None
    pool = read_pool(
        pool_files, text_column=text_column, id_column=id_column, format=input_format, split=split, sheet=sheet,
        spool_folder=folder,
    )  # fmt: skip
    clock.lap("read")

    from alps.selection import select  # the seconds that this takes are not lost on a mistake in the pool

    clock.lap("libraries")
    with show_progress(manner) as progress:
        selection = select(
            pool, k, strategy=strategy, model=model, seed=seed, evaluated_fraction=evaluated_fraction,
            masked=masked, max_length=max_length, kmeans=kmeans, n_classes=n_classes, pooling=pooling, device=device,
            dtype=dtype, tokens_per_batch=tokens_per_batch, exclude=exclude, labelled=labelled,
            label_column=label_column, multi_label=multi_label, sample=sample, classifier=classifier,
            recipe=recipe_name, label_words=words, template=template, cache_dir=folder, progress=progress,
        )  # fmt: skip
    selection.summary["seconds"] |= clock.seconds
    _write(selection, outputs, kept_recipe, projection)
    _show(selection, outputs, as_json=as_json)
    if manner.verbose:
        for line in account(selection.summary, folder):
            tell(line)
    if outputs.queries is not None and not manner.quiet:
        tell(f"Wrote {len(selection)} texts to {outputs.queries}")


def _check_names(strategy: str, input_format: str | None, outputs: Outputs) -> None:
    """Refuse early what would be refused after the seconds that the imports take."""
    from alps.pool.formats import format_called
    from alps.strategies.mixture import parts_of

    if len(parts_of(strategy)) > 1 and outputs.report is not None:
        raise AlpsError("A mixture has no report; write one for each of its parts, or use --output alone.")
    if input_format is not None:
        format_called(input_format)


def _write(selection: Selection, outputs: Outputs, kept_recipe: bytes, projection: str) -> None:
    from alps.pool.write import write_table

    outputs.make_folder()
    if outputs.queries is not None:
        write_table(selection.to_table(), outputs.queries, force=outputs.force)
    if outputs.report is not None:
        from alps.reports.selection_report import write_selection_report

        line = shlex.join(["alps", *sys.argv[1:]])
        write_selection_report(selection, outputs.report, command=line, projection=projection, force=outputs.force)
    if outputs.summary is not None:
        write_bytes(_summary(selection).encode(), outputs.summary, force=outputs.force)
    if outputs.recipe is not None:
        write_bytes(kept_recipe, outputs.recipe, force=outputs.force)


def _show(selection: Selection, outputs: Outputs, *, as_json: bool) -> None:
    """On standard output: the summary, a table for a person, or CSV for a program when no file takes it."""
    from alps.pool.write import write_csv

    if as_json:
        typer.echo(_summary(selection), nl=False)
    elif sys.stdout.isatty():
        print_table(selection)
    elif outputs.queries is None:
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
        write_csv(selection.to_table(), sys.stdout)


def _summary(selection: Selection) -> str:
    return json.dumps({**selection.summary, "ids": selection.ids}, indent=2) + "\n"
