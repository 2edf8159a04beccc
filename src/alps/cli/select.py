"""``alps select``: from a file of texts to the texts worth labelling."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from alps.selection import Selection


def command(
    source: Annotated[
        str,
        typer.Argument(help="A .csv, .tsv, .jsonl, .parquet or .txt file, - for standard input, or bbc-news."),
    ],
    k: Annotated[int, typer.Option("-k", help="How many texts to choose.")] = 100,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write the queries to this CSV file.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing output file.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON instead of the table.")] = False,
    strategy: Annotated[str, typer.Option(help="How to choose; `alps strategies` lists them.")] = "alps",
    model: Annotated[str, typer.Option(help="bundled, a folder, or a Hugging Face hub id.")] = "bundled",
    seed: Annotated[int, typer.Option(help="Decides every random draw.")] = 0,
    text_column: Annotated[
        str | None, typer.Option(help="The column of texts, where it is not plain.", show_default=False)
    ] = None,
    id_column: Annotated[
        str | None, typer.Option(help="The column of ids; none makes ids from the texts.", show_default=False)
    ] = None,
    input_format: Annotated[
        str | None,
        typer.Option("--format", help="The input's format, where its name does not say.", show_default=False),
    ] = None,
    exclude: Annotated[
        str | None, typer.Option(help="A file of texts labelled already, by id or text.", show_default=False)
    ] = None,
    evaluated_fraction: Annotated[float, typer.Option(help="Share of the tokens whose surprisal counts.")] = 0.15,
    masked: Annotated[bool, typer.Option("--masked", help="Mask the evaluated tokens in the model's input.")] = False,
    max_length: Annotated[int, typer.Option(help="Length limit in tokens.")] = 128,
    kmeans: Annotated[str, typer.Option(help="Preset of k-means: default, paper or released.")] = "default",
    pooling: Annotated[str, typer.Option(help="Vector of a text: auto, cls, mean or pooler.")] = "auto",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps or xpu.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16.")] = "auto",
    tokens_per_batch: Annotated[int, typer.Option(help="The most tokens computed at once.")] = 2048,
    cache_dir: Annotated[
        Path | None,
        typer.Option(
            help="Where computed values are kept; ALPS_CACHE_DIR or the platform's cache folder.",
            show_default=False,
        ),
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Keep nothing on disk.")] = False,
) -> None:
    """Choose the texts of a pool that are worth labelling first, with no labels to start from."""
    from alps.base.atomic import check_writable
    from alps.pool.write import check_name, write_csv, write_table

    if output is not None:  # before the seconds that the imports below take
        check_name(output)
        check_writable(output, force=force)

    from alps.cli.progress import show_progress
    from alps.selection import select
    from alps.shards.cache import default_cache_folder

    folder = None if no_cache else cache_dir or default_cache_folder()
    with show_progress() as progress:
        selection = select(
            source, k, strategy=strategy, model=model, seed=seed, evaluated_fraction=evaluated_fraction,
            masked=masked, max_length=max_length, kmeans=kmeans, pooling=pooling, device=device, dtype=dtype,
            tokens_per_batch=tokens_per_batch, text_column=text_column, id_column=id_column, format=input_format,
            exclude=exclude, cache_dir=folder, progress=progress,
        )  # fmt: skip
    if output is not None:
        write_table(selection.to_table(), output, force=force)
    if as_json:
        typer.echo(json.dumps({**selection.summary, "ids": selection.ids}, indent=2))
    elif sys.stdout.isatty():
        _print_table(selection)
    elif output is None:
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
        write_csv(selection.to_table(), sys.stdout)
    if output is not None:
        typer.echo(f"Wrote {len(selection)} texts to {output}", err=True)


def _print_table(selection: Selection) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from alps.base.text_safety import for_terminal

    console = Console()
    table = Table(box=None, pad_edge=False, expand=True)
    for name, justify in (("rank", "right"), ("id", "left"), ("stands for", "right"), ("surprisal", "right")):
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("text", overflow="ellipsis", no_wrap=True, ratio=1)  # what the other columns leave
    for i, (name, text) in enumerate(zip(selection.ids, selection.texts, strict=True)):
        stands_for = "" if selection.cluster_sizes is None else f"{selection.cluster_sizes[i]:,}"
        surprisal = "" if selection.surprisal is None else _nats(selection.surprisal[i])
        shown = for_terminal(text, width=console.width)
        table.add_row(str(i + 1), Text(for_terminal(name, width=24)), stands_for, surprisal, Text(shown))
    console.print(table)


def _nats(surprisal: float) -> str:
    return "-" if surprisal != surprisal else f"{surprisal:.2f}"  # NaN: no token was evaluated
