"""``alps simulate``: strategies compared on labelled data sets, as in the paper's experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from alps.base.errors import AlpsError
from alps.cli import options
from alps.cli import simulation_options as grid_options
from alps.cli.manner import Manner
from alps.cli.tell import tell

if TYPE_CHECKING:
    from alps.simulation.runner import Step


def command(
    context: typer.Context,
    config: grid_options.Recipe = None,
    dataset: grid_options.DataSets = None,
    strategy: grid_options.StrategyNames = None,
    classifier: grid_options.ClassifierNames = None,
    prompts: grid_options.Prompts = None,
    seeds: grid_options.Seeds = None,
    rounds: grid_options.Rounds = 10,
    k: grid_options.K = 100,
    evaluated_fraction: options.EvaluatedFraction = None,
    kmeans: options.KMeans = "default",
    model: options.Model = "bundled",
    recipe_name: options.Recipe = "stable",
    max_length: options.MaxLength = 128,
    pooling: options.Pooling = "auto",
    device: options.Device = "auto",
    dtype: options.Type = "auto",
    output_dir: grid_options.OutputDir = None,
    jobs: grid_options.Jobs = None,
    share: grid_options.Share = True,
    cache_dir: options.CacheDir = None,
) -> None:
    """Compare strategies on labelled data sets; run again after a crash, it goes on where it was."""
    if output_dir is None:
        raise AlpsError("There is no place for the results; name one with --output-dir.")
    if not dataset:
        raise AlpsError("There is no data set; name a folder, or one of ag_news, imdb, pubmed, sst2, with --dataset.")

    from alps.base.atomic import atomic_file
    from alps.shards.cache import default_cache_folder
    from alps.simulation.authors import authors_csv
    from alps.simulation.grid import Grid, Settings, read_seeds
    from alps.simulation.prompts import read_prompts
    from alps.simulation.results import read_run
    from alps.simulation.runner import simulate

    manner: Manner = context.obj
    settings = Settings(
        k=k, rounds=rounds, model=model, recipe=recipe_name, evaluated_fraction=evaluated_fraction,
        max_length=max_length, kmeans=kmeans, pooling=pooling, device=device, dtype=dtype, share=share,
    )  # fmt: skip
    grid = Grid(
        tuple(dataset),
        tuple(strategy or ["alps"]),
        tuple(classifier or ["probe"]),
        read_seeds(seeds or ["5"]),
        settings,
        {} if prompts is None else read_prompts(prompts),
    )
    folder = cache_dir or default_cache_folder()

    def told(step: Step) -> None:
        if not manner.quiet:
            tell(line_of(step))

    simulate(grid, output_dir, jobs=jobs, cache_folder=folder, told=told)
    for part in ("test", "dev"):
        with atomic_file(output_dir / f"authors_{part}.csv", force=True) as temporary:
            temporary.write_text(authors_csv(read_run(output_dir), part), encoding="utf-8", newline="\n")
    if not manner.quiet:
        tell(f"The results are in {output_dir}.")


def line_of(step: Step) -> str:
    """What is told of a round."""
    cell, score = step.cell, step.finished.scores["test"]["micro_f1"]
    return (
        f"{step.n_done}/{step.n_total} rounds: {cell.dataset}, {cell.strategy}, {cell.classifier}, seed {cell.seed}, "
        f"{step.finished.n_labelled:,} labels: micro-F1 {score:.3f}; {_duration(step.seconds_left)} left"
    )


def _duration(seconds: float) -> str:
    """
    A time in words.

    >>> _duration(42.4), _duration(600), _duration(9000)
    ('42 s', '10 min', '2.5 h')
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
