"""What a run is to compute: every data set with every strategy, classifier and seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from alps.base.errors import AlpsError
from alps.classifiers.train import check_classifier
from alps.selectors.kmeans import check_preset
from alps.simulation.published import short_name
from alps.simulation.results import FULL, Cell
from alps.strategies import find_strategy
from alps.strategies.mixture import needs_of, parts_of

PAPER_SEEDS = (3, 43, 102, 125, 789)


@dataclass(frozen=True)
class Settings:
    """
    What all cells of a grid have in common; names as in `alps.select`.

    Attributes
    ----------
    k, rounds
        Texts in a batch, and T.
    share
        Whether what does not change is computed once, for all cells and rounds. Without it every cell computes all it
        needs in every round, as if it were alone: for measured times.

    """

    k: int = 100
    rounds: int = 10
    model: str = "bundled"
    recipe: str = "stable"
    evaluated_fraction: float = 0.15
    max_length: int = 128
    kmeans: str = "default"
    pooling: str = "auto"
    device: str = "auto"
    dtype: str = "auto"
    share: bool = True

    def describe(self) -> dict[str, Any]:
        """As the results keep it, JSON-able."""
        return asdict(self)


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

    """

    datasets: tuple[str, ...]
    strategies: tuple[str, ...] = ("alps",)
    classifiers: tuple[str, ...] = ("probe",)
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    settings: Settings = Settings()

    def check(self) -> None:
        """
        Refuse early what could not be computed.

        Raises
        ------
        AlpsError
            For a name that is not there, one that is there twice, and what does not go together.

        """
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
        check_preset(self.settings.kmeans)
        for classifier in self.classifiers:
            check_classifier(classifier, self.settings.recipe)
        for strategy in self.strategies:
            if strategy != FULL:
                self._check_strategy(strategy)

    def _check_strategy(self, strategy: str) -> None:
        if "fine-tuned encoder" in needs_of(strategy) and "probe" in self.classifiers:
            raise AlpsError(
                f"The strategy {strategy} looks through a fine-tuned encoder; use --classifier finetune alone."
            )
        if "label words" in needs_of(strategy):
            raise AlpsError(f"The strategy {strategy} asks for words that say the classes; a simulation has none.")
        parts = parts_of(strategy)
        if len(parts) > 1 and any(schedule_of(name) == "all at once" for name, _ in parts):
            raise AlpsError(f"The mixture {strategy} has a part that chooses all at once; leave that part out.")

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


def schedule_of(strategy: str) -> str:
    """When a strategy chooses: ``every round`` or ``all at once``; a mixture chooses every round."""
    parts = parts_of(strategy)
    return find_strategy(parts[0][0]).schedule if len(parts) == 1 else "every round"


def first_strategy(strategy: str) -> str:
    """
    The strategy that chooses the first batch: its own, or another where it needs a classifier.

    >>> first_strategy("alps"), first_strategy("badge"), first_strategy("ft-bert-km"), first_strategy("margin,alps")
    ('alps', 'random', 'bert-km', 'random')
    """
    for name, _ in parts_of(strategy):
        row = find_strategy(name)
        if "classifier" in row.needs:
            return row.first_batch
    return strategy


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
