"""The options of ``alps simulate``, beside those that other commands have too."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer

from alps.cli import options
from alps.cli.choices import Classifiers, strategy_names
from alps.cli.recipe import use_recipe

GRID = "Grid"


Recipe = Annotated[
    Path | None,
    typer.Argument(
        help="A recipe: a TOML file of the options below. The command line goes before it.", metavar="RECIPE",
        rich_help_panel=GRID, show_default=False, is_eager=True, callback=use_recipe,
    ),
]  # fmt: skip
DataSets = Annotated[
    list[str] | None,
    typer.Option(
        "--dataset", help="ag_news, imdb, pubmed, sst2, or a folder with train, test and perhaps dev files; repeats.",
        metavar="NAME", rich_help_panel=GRID, show_default=False,
    ),
]  # fmt: skip
StrategyNames = Annotated[
    list[str] | None,
    typer.Option(
        "--strategy", help="How to choose, alps by default; full trains on the whole pool; repeats.", metavar="NAME",
        rich_help_panel=GRID, show_default=False, autocompletion=strategy_names,
    ),
]  # fmt: skip
ClassifierNames = Annotated[
    list[str] | None,
    typer.Option(
        "--classifier", help="What is trained on the labels: probe (by default) or finetune; repeats.", metavar="NAME",
        rich_help_panel=GRID, show_default=False, autocompletion=lambda: [*get_args(Classifiers)],
    ),
]  # fmt: skip
Prompts = Annotated[
    Path | None,
    typer.Option(
        "--prompts", help="A TOML file with the label words of each data set, for patron.", metavar="FILE",
        rich_help_panel=GRID, show_default=False,
    ),
]  # fmt: skip
Seeds = Annotated[
    list[str] | None,
    typer.Option(
        "--seeds", help="How many (0, 1, ...; 5 by default), a list such as 3,43, or paper; repeats.",
        metavar="SEEDS", rich_help_panel=GRID, show_default=False,
    ),
]  # fmt: skip
Rounds = Annotated[int, typer.Option("--rounds", help="Rounds T.", min=1, metavar="NUMBER", rich_help_panel=GRID)]
K = Annotated[int, typer.Option("-k", help="Texts labelled in a round.", min=1, metavar="NUMBER", rich_help_panel=GRID)]
Share = Annotated[
    bool,
    typer.Option(
        "--share/--no-share", rich_help_panel=options.COMPUTING,
        help="Compute once what does not change; without, every round is computed as if alone, to measure times.",
    ),
]  # fmt: skip
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", help="Processes; by default one for each thread of the processor.", min=1, metavar="NUMBER",
        rich_help_panel=options.COMPUTING, show_default=False,
    ),
]  # fmt: skip
OutputDir = Annotated[
    Path | None,
    typer.Option(
        "--output-dir", help="The folder of the results; what is finished there is not computed again.",
        metavar="FOLDER", rich_help_panel=options.OUTPUT, show_default=False,
    ),
]  # fmt: skip
