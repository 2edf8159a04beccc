"""
The table of strategies.

A strategy is one row. Other packages add rows through the entry-point group ``alps.strategies``, whose entries name a
`Strategy`.
"""

from __future__ import annotations

from importlib.metadata import entry_points

from alps.base.errors import AlpsError
from alps.strategies.strategy import Strategy

_PAPER = "Yuan, Lin & Boyd-Graber, EMNLP 2020"

_ROWS = (
    Strategy(
        name="alps",
        summary="The paper's method and the default: texts that surprise a language model in different ways.",
        representation="surprisal",
        selector="kmeans",
        needs=frozenset({"masked language model"}),
        cost="O(t k n l)",
        source=f"{_PAPER}, Algorithm 1 and section 4.2",
    ),
    Strategy(
        name="alps-kmeans++",
        summary="ALPS with k-means++ sampling: spreads out more, also away from what is labelled.",
        representation="surprisal",
        selector="kmeans_plus_plus",
        needs=frozenset({"masked language model"}),
        uses_labelled=True,
        cost="O(k n l)",
        source=f"{_PAPER}, appendix A.3",
    ),
    Strategy(
        name="bert-km",
        summary="Cluster what texts mean: good where the classes are topics.",
        representation="encoding",
        selector="kmeans",
        needs=frozenset({"encoder"}),
        cost="O(t k n l)",
        source=f"{_PAPER}, section 5.2",
    ),
    Strategy(
        name="random",
        summary="The baseline that every other strategy must beat; needs no model.",
        representation=None,
        selector="random",
        cost="O(n)",
        source=f"{_PAPER}, section 5.2",
    ),
)


def strategies() -> dict[str, Strategy]:
    """Every strategy by name: ours, then those of other packages."""
    rows = {row.name: row for row in _ROWS}
    for entry in entry_points(group="alps.strategies"):
        try:
            row = entry.load()
        except (ImportError, AttributeError) as error:
            raise AlpsError(f"The entry point {entry.value} cannot be loaded ({error}); mend that package.") from error
        if not isinstance(row, Strategy) or row.name in rows:
            raise AlpsError(
                f"The entry point {entry.value} is not a strategy with a name of its own; mend that package."
            )
        rows[row.name] = row
    return rows


def find_strategy(name: str) -> Strategy:
    """
    The strategy of a name.

    Raises
    ------
    AlpsError
        When there is none; lists those there are.

    """
    table = strategies()
    if name not in table:
        raise AlpsError(f"There is no strategy {name!r}; choose one of {', '.join(table)}.")
    return table[name]
