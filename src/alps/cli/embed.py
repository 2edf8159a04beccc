"""``alps embed``: what a strategy looks at, computed ahead; on several machines, a part of the pool on each."""

from __future__ import annotations

import json
import re
from typing import Annotated

import typer

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.cli import options
from alps.cli.account import Clock
from alps.cli.label_words import parse_label_words
from alps.cli.manner import Manner
from alps.cli.progress import show_progress
from alps.cli.sources import pool_source
from alps.cli.tell import tell
from alps.strategies import DEFAULT_STRATEGY

Part = Annotated[
    str,
    typer.Option(
        "--part", help="Which part of the pool, of how many: 1/16 to 16/16.", metavar="NUMBER/PARTS",
        rich_help_panel=options.COMPUTING,
    ),
]  # fmt: skip
AsJson = Annotated[
    bool, typer.Option("--json", help="Print a summary as JSON.", rich_help_panel=options.OUTPUT)
]  # fmt: skip


def command(
    context: typer.Context,
    source: options.Source = None,
    text_column: options.TextColumn = None,
    id_column: options.IdColumn = None,
    input_format: options.InputFormat = None,
    split: options.Split = None,
    sheet: options.Sheet = None,
    sample: options.Sample = None,
    strategy: options.StrategyName = DEFAULT_STRATEGY,
    seed: options.Seed = 0,
    evaluated_fraction: options.EvaluatedFraction = None,
    masked: options.Masked = False,
    label_words: options.LabelWords = None,
    template: options.Template = "It was [MASK].",
    model: options.Model = "bundled",
    max_length: options.MaxLength = 128,
    pooling: options.Pooling = "auto",
    device: options.Device = "auto",
    dtype: options.Type = "auto",
    as_json: AsJson = False,
    part: Part = "1/1",
    tokens_per_batch: options.TokensPerBatch = 2048,
    cache_dir: options.CacheDir = None,
) -> None:
    """Compute ahead what a strategy looks at, and choose nothing: alps select then finds it in the cache."""
    files = pool_source(source or [])
    words = parse_label_words(label_words or [])
    which = parse_part(part)

    from alps.pool.formats import format_called
    from alps.pool.read import read_pool
    from alps.shards.cache import default_cache_folder

    if input_format is not None:
        format_called(input_format)
    manner: Manner = context.obj
    clock = Clock()
    folder = cache_dir or default_cache_folder()
    pool = read_pool(
        files, text_column=text_column, id_column=id_column, format=input_format, split=split, sheet=sheet,
        spool_folder=folder,
    )  # fmt: skip
    clock.lap("read")

    from alps.selection import embed

    clock.lap("libraries")
    with show_progress(manner) as progress:
        summary = embed(
            pool, cache_dir=folder, strategy=strategy, sample=sample, part=which, model=model, seed=seed,
            evaluated_fraction=evaluated_fraction, masked=masked, label_words=words, template=template,
            max_length=max_length, pooling=pooling, device=device, dtype=dtype, tokens_per_batch=tokens_per_batch,
            progress=progress,
        )  # fmt: skip
    summary["seconds"] |= clock.seconds
    if as_json:
        typer.echo(json.dumps(summary, indent=2))
    if not manner.quiet:
        n = summary["texts_in_part"]
        n_new = min(n, summary["texts_computed"])  # which counts a text twice that two models look at
        tell(f"Part {summary['part']}: {n:,} texts, {n_new:,} of them computed now; their values are in {folder}")


def parse_part(given: str) -> tuple[int, int]:
    """
    The number of a part, and how many there are.

    Raises
    ------
    AlpsError
        When it is not like 3/16.

    >>> parse_part("3/16")
    (3, 16)

    """
    found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", given.strip())
    if found is None:
        raise AlpsError(f"--part '{for_terminal(given, 40)}' is not like 3/16; correct it.")
    return int(found[1]), int(found[2])
