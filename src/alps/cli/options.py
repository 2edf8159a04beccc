"""The options of the commands: names, help texts, and the section of the help that they stand in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from alps.cli.choices import Classifiers, Maps, Poolings, Presets, Recipes, Types, devices, format_names, strategy_names
from alps.cli.recipe import use_recipe
from alps.pool.formats import FORMATS

INPUT, CHOICE, MODEL, OUTPUT, COMPUTING = "Input", "Choice", "Model", "Output", "Computing"

_READ = ", ".join(row.extensions[0] for row in FORMATS)
_WRITTEN = ", ".join(row.extensions[0] for row in FORMATS if row.writer is not None)


def _option(section: str, *names: str, help: str, shown: str | None = None, unset: bool = False, **more: Any) -> Any:
    """One option: its section, names, help, what its value is called, and whether it is unset by default."""
    return typer.Option(*names, help=help, metavar=shown, rich_help_panel=section, show_default=not unset, **more)


Source = Annotated[
    list[str] | None,
    typer.Argument(
        help=f"One or more files ({_READ}; also compressed: .gz, .bz2, .xz, .zst), a pattern in quotes, a URL, "
        "- for standard input, hub:owner/name, a folder of save_to_disk, or the demo bbc-news.",
        metavar="SOURCE",
        rich_help_panel=INPUT,
        show_default=False,
    ),
]
ProjectFile = Annotated[Path, typer.Argument(help="The file of a project.", metavar="PROJECT", show_default=False)]
TextColumn = Annotated[
    str | None,
    _option(INPUT, "--text-column", shown="COLUMN", unset=True, help="The column of texts, where it is not plain."),
]
IdColumn = Annotated[
    str | None,
    _option(
        INPUT, "--id-column", shown="COLUMN", unset=True,
        help="The column of ids; none makes ids from the texts.",
    ),
]  # fmt: skip
InputFormat = Annotated[
    str | None,
    _option(
        INPUT, "--format", shown="NAME", unset=True, autocompletion=format_names,
        help=f"The input's format, where its name does not say: {', '.join(format_names())}.",
    ),
]  # fmt: skip
Split = Annotated[
    str | None, _option(INPUT, "--split", shown="NAME", unset=True, help="The split of a data set that has several.")
]
Sheet = Annotated[
    str | None, _option(INPUT, "--sheet", shown="NAME", unset=True, help="The sheet of a workbook that has several.")
]
Exclude = Annotated[
    str | None,
    _option(
        INPUT, "--exclude", shown="FILE", unset=True, help="Texts not to choose, such as those labelled; by id or text."
    ),
]
Labelled = Annotated[
    str | None,
    _option(
        INPUT, "--labelled", shown="FILE", unset=True, help="Texts with labels, for warm strategies; by id or text."
    ),
]
LabelColumn = Annotated[
    str | None,
    _option(INPUT, "--label-column", shown="NAME", unset=True, help="Where its labels are, where that is not plain."),
]
MultiLabel = Annotated[
    bool, _option(INPUT, "--multi-label", help="A text may have several labels; a field holds them with ; between.")
]
Classifier = Annotated[
    Classifiers,
    _option(MODEL, "--classifier", help="What warm strategies train on the labelled texts."),
]
Recipe = Annotated[Recipes, _option(MODEL, "--recipe", help="How the classifier finetune is trained.")]
Sample = Annotated[
    int | None,
    _option(
        INPUT, "--sample", shown="NUMBER", min=1, unset=True,
        help="Take so many texts of the pool, drawn at random, and pass over the rest: for millions of texts.",
    ),
]  # fmt: skip
Config = Annotated[
    Path | None,
    _option(
        INPUT, "--config", shown="FILE", unset=True, is_eager=True, callback=use_recipe,
        help="A recipe: a TOML file of options. The command line goes before it.",
    ),
]  # fmt: skip

K = Annotated[int, _option(CHOICE, "-k", shown="NUMBER", min=1, help="How many texts to choose.")]
StrategyName = Annotated[
    str,
    _option(
        CHOICE, "--strategy", shown="NAME", autocompletion=strategy_names,
        help="How to choose; `alps strategies` lists them.",
    ),
]  # fmt: skip
Seed = Annotated[int, _option(CHOICE, "--seed", shown="NUMBER", min=0, help="Decides every random draw.")]
EvaluatedFraction = Annotated[
    float | None,
    _option(
        CHOICE, "--evaluated-fraction", shown="SHARE", unset=True,
        help="Share of the tokens whose surprisal counts; 0.15 by default, 1.0 for alps-tokens.",
    ),
]  # fmt: skip
Masked = Annotated[
    bool, _option(CHOICE, "--masked/--no-masked", help="Mask the evaluated tokens in the model's input.")
]
KMeans = Annotated[Presets, _option(CHOICE, "--kmeans", help="Preset of k-means.")]
NClasses = Annotated[
    int | None,
    _option(
        CHOICE, "--n-classes", shown="NUMBER", min=1, unset=True,
        help="How many classes there will be, for probcover; 10 where it is not said.",
    ),
]  # fmt: skip
LabelWords = Annotated[
    list[str] | None,
    _option(
        CHOICE, "--label-words", shown="CLASS=WORD,...", unset=True,
        help="Words that say a class, for patron; once for each class.",
    ),
]  # fmt: skip
Template = Annotated[
    str, _option(CHOICE, "--template", shown="TEXT", help="What patron has follow a text, with one [MASK].")
]

Model = Annotated[
    str,
    _option(
        MODEL, "--model", shown="NAME",
        help="bundled, a folder, or a Hugging Face hub id; --model_name_or_path is the same.",
    ),
]  # fmt: skip
MaxLength = Annotated[
    int,
    _option(
        MODEL, "--max-length", shown="TOKENS", help="Length limit in tokens; --max_seq_length is the same."
    ),
]  # fmt: skip
Pooling = Annotated[Poolings, _option(MODEL, "--pooling", help="How an encoder makes one vector of a text.")]
Device = Annotated[
    str,
    _option(
        MODEL, "--device", shown="NAME", autocompletion=devices, help="auto, cpu, cuda, cuda:1, mps or xpu."
    ),
]  # fmt: skip
Type = Annotated[Types, _option(MODEL, "--dtype", help="The type of the encoder's arithmetic.")]

Output = Annotated[
    Path | None,
    _option(
        OUTPUT, "--output", "-o", shown="FILE", unset=True,
        help=f"Write the queries to this file ({_WRITTEN}), and the recipe beside it.",
    ),
]  # fmt: skip
OutputDir = Annotated[
    Path | None,
    _option(
        OUTPUT, "--output-dir", shown="FOLDER", unset=True,
        help="Write queries.csv, report.html, summary.json and recipe.toml to this folder, made where it is missing.",
    ),
]  # fmt: skip
Report = Annotated[
    Path | None,
    _option(OUTPUT, "--report", shown="FILE", unset=True, help="Write a page about the choice (.html) to this file."),
]
Map = Annotated[Maps, _option(OUTPUT, "--map", help="How the report draws its map of the pool.")]
Force = Annotated[bool, _option(OUTPUT, "--force", help="Replace existing output files.")]
AsJson = Annotated[bool, _option(OUTPUT, "--json", help="Print a summary as JSON instead of the queries.")]

TokensPerBatch = Annotated[
    int,
    _option(COMPUTING, "--tokens-per-batch", shown="TOKENS", min=1, help="The most tokens computed at once."),
]
CacheDir = Annotated[
    Path | None,
    _option(
        COMPUTING, "--cache-dir", shown="FOLDER", unset=True,
        help="Where computed values are kept; by default ALPS_CACHE_DIR or the platform's cache folder.",
    ),
]  # fmt: skip
Cache = Annotated[bool, _option(COMPUTING, "--cache/--no-cache", help="Keep what is computed on disk.")]
