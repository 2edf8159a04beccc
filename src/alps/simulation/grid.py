"""What a run is to compute: every data set with every strategy, classifier and seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from alps.base.errors import AlpsError
from alps.classifiers.train import check_classifier
from alps.selectors.kmeans import check_preset
from alps.simulation.plan import plan_of, rows_in
from alps.simulation.prompts import DataSetPrompt
from alps.simulation.published import short_name
from alps.simulation.results import FULL, Cell

PAPER_SEEDS = (3, 43, 102, 125, 789)
USUAL_FRACTION = 0.15  # of the tokens, where nobody says otherwise


@dataclass(frozen=True)
class Settings:
    """
    What all cells of a grid have in common; names as in `alps.select`.

    Attributes
    ----------
    k, rounds
        Texts in a batch, and T.
    evaluated_fraction
        None is each strategy's own; the results then say `USUAL_FRACTION`.
    share
        Whether what does not change is computed once, for all cells and rounds. Without it every cell computes all it
        needs in every round, as if it were alone: for measured times.

    """

    k: int = 100
    rounds: int = 10
    model: str = "bundled"
    recipe: str = "stable"
    evaluated_fraction: float | None = None
    max_length: int = 128
    kmeans: str = "default"
    pooling: str = "auto"
    device: str = "auto"
    dtype: str = "auto"
    share: bool = True

    def describe(self) -> dict[str, Any]:
        """As the results keep it, JSON-able."""
        said = asdict(self)
        return said | {
            "evaluated_fraction": USUAL_FRACTION if self.evaluated_fraction is None else said["evaluated_fraction"]
        }


@dataclass(frozen=True)
class Grid:
    """
    A grid of cells.

    Attributes
    ----------
    datasets
        Published names or folders.
    strategies
        Strategies or mixtures; `alps.simulation.results.FULL` trains on the whole pool.
    classifiers
        Rows of `alps.classifiers.train.CLASSIFIERS`.
    seeds
        Whole numbers.
    settings
        Common to all cells.
    prompts
        Data set, as the results call it -> its prompt, where a strategy needs one.

    """

    datasets: tuple[str, ...]
    strategies: tuple[str, ...] = ("alps",)
    classifiers: tuple[str, ...] = ("probe",)
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    settings: Settings = Settings()
    prompts: Mapping[str, DataSetPrompt] = field(default_factory=dict)

    def check(self) -> None:
        """
        Refuse early what could not be computed.

        Raises
        ------
        AlpsError
            For a name that is not there, one that is there twice, and what does not go together.

        """
        spaced = next((name for name in self.strategies if name != name.strip()), None)
        if spaced is not None:
            raise AlpsError(f"The strategy {spaced!r} has white space around it; write {spaced.strip()}.")
        for what, values in (
            ("data set", [short_name(name) for name in self.datasets]),
            ("strategy", self.strategies),
            ("classifier", self.classifiers),
            ("seed", self.seeds),
        ):
            twice = [value for i, value in enumerate(values) if value in values[:i]]
            if twice or not values:
                said = f"The {what} {twice[0]} is there twice" if twice else f"No {what} is named"
                raise AlpsError(f"{said}; name each one once.")
        if self.settings.k < 1 or self.settings.rounds < 1:
            raise AlpsError("A simulation needs at least 1 text in a batch and 1 round; raise -k or --rounds.")
        fraction = self.settings.evaluated_fraction
        if fraction is not None and not 0.0 < fraction <= 1.0:
            raise AlpsError(f"The evaluated fraction {fraction} is not above 0 and at most 1.")
        check_preset(self.settings.kmeans)
        for classifier in self.classifiers:
            check_classifier(classifier, self.settings.recipe)
        for strategy in self.strategies:
            if strategy != FULL:
                self._check_strategy(strategy)

    def _check_strategy(self, strategy: str) -> None:
        settings = self.settings
        plan_of(strategy, budget=settings.k * settings.rounds, seed=0)
        rows = rows_in(strategy)
        if any("fine-tuned encoder" in row.needs for row in rows) and "probe" in self.classifiers:
            raise AlpsError(
                f"The strategy {strategy} looks through a fine-tuned encoder; use --classifier finetune alone."
            )
        without = [name for name in map(short_name, self.datasets) if name not in self.prompts]
        if without and any("label words" in row.needs for row in rows):
            raise AlpsError(
                f"The strategy {strategy} asks for label words, and the data set {without[0]} has none; name a file "
                "that has them (--prompts FILE)."
            )
        if len(rows) > 1 and any(row.schedule == "all at once" for row in rows):
            raise AlpsError(f"The strategy {strategy} has a part that chooses all at once; leave that part out.")
        own = next((row for row in rows if "evaluated_fraction" in row.representation_defaults), None)
        if own is not None and settings.evaluated_fraction == USUAL_FRACTION:
            raise AlpsError(
                f"With --evaluated-fraction {USUAL_FRACTION}, {own.name} is alps; leave the option out, or name alps."
            )

    def cells(self) -> Iterator[tuple[str, Cell]]:
        """Every data set as it was named, with each of its cells."""
        for dataset in self.datasets:
            for classifier in self.classifiers:
                for strategy in self.strategies:
                    for seed in self.seeds:
                        yield dataset, Cell(short_name(dataset), strategy, classifier, seed)

    def of(self, dataset: str) -> Grid:
        """The same grid for one of its data sets."""
        return replace(self, datasets=(dataset,))


def read_seeds(words: Sequence[str]) -> tuple[int, ...]:
    """
    Seeds as they are written: how many, a list, or ``paper``.

    >>> read_seeds(["5"]), read_seeds(["3,43"]), read_seeds(["7", "8"]), read_seeds(["paper"])
    ((0, 1, 2, 3, 4), (3, 43), (7, 8), (3, 43, 102, 125, 789))

    Raises
    ------
    AlpsError
        For anything else.

    """
    if list(words) == ["paper"]:
        return PAPER_SEEDS
    parts = [part.strip() for word in words for part in word.split(",") if part.strip()]
    if not parts or not all(part.isascii() and part.isdigit() for part in parts):
        raise AlpsError(f"The seeds are {' '.join(words)!r}; write a number, a list such as 3,43, or paper.")
    numbers = tuple(int(part) for part in parts)
    if len(words) == 1 and "," not in words[0]:
        if not numbers[0]:
            raise AlpsError("A simulation needs at least 1 seed; raise --seeds.")
        return tuple(range(numbers[0]))
    return numbers
