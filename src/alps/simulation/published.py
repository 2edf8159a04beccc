"""
The paper's data sets, from the Hugging Face hub (section 5.1).

The authors' lists of rows are not published: which texts are in the training and the development part is drawn here,
at random by a fixed seed and every class in its share. The counts are checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from alps.base.errors import AlpsError
from alps.simulation.data_sets import DataSet, name_of, read_folder, read_part, split


@dataclass(frozen=True)
class Published:
    """
    Where a published data set is, and what it must have.

    Attributes
    ----------
    source
        As in `alps.read_pool`.
    text_column, label_column
        Its columns.
    train, dev, test
        Its splits; where `dev` is None, it is drawn from `train`.
    sizes
        Texts of the three parts.

    """

    source: str
    text_column: str
    label_column: str
    train: str
    dev: str | None
    test: str
    sizes: tuple[int, int, int]


# SST-2: the paper counts the three header lines too, 60,615/6,736/873. PubMed: the hub's copy has fewer sentences than
# the paper's 180,040/30,212/30,135, and nothing here can make up for them.
PUBLISHED: Mapping[str, Published] = MappingProxyType(
    {
        "ag_news": Published(
            "hub:fancyzhx/ag_news", "text", "label", "train", None, "test", (110_000, 10_000, 7_600)
        ),
        "imdb": Published("hub:stanfordnlp/imdb", "text", "label", "train", None, "test", (17_500, 7_500, 25_000)),
        "pubmed": Published(
            "hub:armanc/pubmed-rct20k", "text", "label", "train", "validation", "test", (176_642, 29_672, 29_578)
        ),
        "sst2": Published(
            "hub:stanfordnlp/sst2", "sentence", "label", "train", None, "validation", (60_614, 6_735, 872)
        ),
    }
)  # fmt: skip


def read_data_set(name: str) -> DataSet:
    """
    A data set by its published name, or from a folder.

    Raises
    ------
    AlpsError
        When it is neither, or is not as it should be.

    """
    if name in PUBLISHED and not Path(name).is_dir():
        return read_published(name, PUBLISHED[name])
    if not Path(name).is_dir():
        names = ", ".join(PUBLISHED)
        raise AlpsError(f"The data set {name} is neither a folder nor one of {names}; check the path.")
    return read_folder(Path(name))


def short_name(name: str) -> str:
    """What the results call a data set that `read_data_set` reads."""
    return name if name in PUBLISHED and not Path(name).is_dir() else name_of(Path(name))


def read_published(name: str, row: Published) -> DataSet:
    """
    A published data set.

    Raises
    ------
    AlpsError
        When it cannot be had, or has not the texts that it must have.

    """
    columns = {"text_column": row.text_column, "label_column": row.label_column}
    train = read_part(row.source, split=row.train, **columns)
    test = read_part(row.source, split=row.test, **columns)
    if row.dev is None:
        train, dev = split(train, train.pool.n - row.sizes[0])
    else:
        dev = read_part(row.source, split=row.dev, **columns)
    data = DataSet(name, name, train, dev, test)
    found = tuple(data.sizes().values())
    if found != row.sizes:
        raise AlpsError(f"{row.source} gives {found} texts and not {row.sizes}; the hub's copy is another version.")
    return data
