"""
The data sets of a simulation: a pool to query, a development part that is never queried, and a test part.

Every row is a text of its own here, exact copies too, as in the published experiments. A part that is split off takes
all copies of its texts along.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from alps.base.errors import AlpsError, AlpsWarning
from alps.base.streams import Stream
from alps.base.text_safety import for_terminal
from alps.pool.cells import words
from alps.pool.identity import NO_ID_COLUMN
from alps.pool.labelled import LABEL_COLUMNS
from alps.pool.pool import Pool
from alps.pool.read import read_pool
from alps.pool.rows import take_rows
from alps.pool.texts import Texts
from alps.strategies.mixture import divide

DEV_SHARE = 0.1  # of the training part, where a folder has no development part
_SPLIT_SEED = 0  # one split for all seeds of a grid, so that their curves are of one pool
_FILES = {"train": ("train",), "dev": ("dev", "validation", "valid", "val"), "test": ("test",)}


@dataclass(frozen=True, eq=False)
class Part:
    """
    Texts with gold labels.

    Attributes
    ----------
    pool
        n texts; every row has a digest of its own.
    labels
        str, (n,).

    """

    pool: Pool
    labels: npt.NDArray[np.object_]

    @cached_property
    def texts(self) -> Texts:
        """All n texts."""
        return Texts.of(self.pool, np.arange(self.pool.n))

    def take(self, rows: npt.NDArray[np.int64]) -> Part:
        """Some of the rows, as a part of its own."""
        id_column = self.pool.id_column or NO_ID_COLUMN
        pool = read_pool(self.pool.take(rows), text_column=self.pool.text_column, id_column=id_column)
        return Part(with_copies(replace(pool, source=self.pool.source)), self.labels[rows])


@dataclass(frozen=True, eq=False)
class DataSet:
    """
    A data set of a simulation.

    Attributes
    ----------
    name
        What the results call it.
    source
        What `alps.simulation.published.read_data_set` reads it from, wherever it is called: a published name, or the
        whole path of a folder.
    train, dev, test
        Its parts: `train` is the pool.

    """

    name: str
    source: str
    train: Part
    dev: Part
    test: Part

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The labels of the pool and of the other parts, in alphabetical order."""
        return tuple(sorted({*self.train.labels, *self.dev.labels, *self.test.labels}))

    def digests(self) -> dict[str, str]:
        """A digest of the ids and texts of each part, by which a data set is known again."""
        return {name: getattr(self, name).pool.fingerprint for name in ("train", "dev", "test")}

    def label_digests(self) -> dict[str, str]:
        """A digest of the gold labels of each part, in the order of its rows."""
        return {name: _digest_of(getattr(self, name).labels) for name in ("train", "dev", "test")}

    def sizes(self) -> dict[str, int]:
        """Texts in each part."""
        return {"train": self.train.pool.n, "dev": self.dev.pool.n, "test": self.test.pool.n}

    @cached_property
    def shared_texts(self) -> dict[str, int]:
        """Different texts that two parts have in common: ``train and dev``, ``train and test``, ``dev and test``."""
        texts = {name: getattr(self, name).pool.texts.unique() for name in ("train", "dev", "test")}
        pairs = (("train", "dev"), ("train", "test"), ("dev", "test"))
        return {f"{a} and {b}": int(pc.sum(pc.is_in(texts[a], texts[b])).as_py() or 0) for a, b in pairs}


def read_folder(folder: Path, *, name: str | None = None) -> DataSet:
    """
    A folder with the files ``train``, ``test`` and perhaps ``dev``, in any format of a pool, with texts and labels.

    Without ``dev``, a tenth of ``train`` is set aside: at random by a fixed seed, every class in its share.

    Raises
    ------
    AlpsError
        When a file is missing, is there twice, or a row has no label.

    """
    train = read_part(_file(folder, "train"))
    dev, test = _file(folder, "dev", needed=False), _file(folder, "test")
    if dev is None:
        kept, rest = split(train, round(DEV_SHARE * train.pool.n))
    else:
        kept, rest = train, read_part(dev)
    return DataSet(name or name_of(folder), str(folder.resolve()), kept, rest, read_part(test))


def warn_of_shared_texts(data: DataSet) -> None:
    """Warn where texts that are scored are in the pool too, so that scores are of texts that may have been labelled."""
    for part in ("dev", "test"):
        n = data.shared_texts[f"train and {part}"]
        if n:
            texts = "text is" if n == 1 else "different texts are"
            warnings.warn(
                f"{data.name}: {n:,} {texts} in train and in {part}, so that scores on {part} are too good; take "
                f"them out of train for scores on texts that were never seen.",
                AlpsWarning, stacklevel=2,
            )  # fmt: skip


def warn_of_unknown_classes(data: DataSet) -> None:
    """Warn of classes that are scored and that no text of the pool has: no classifier can learn them."""
    unknown = sorted({*data.classes} - {*data.train.labels})
    if unknown:
        named = ", ".join(f"'{for_terminal(name, 40)}'" for name in unknown[:3])
        some = f"{named} and {len(unknown) - 3} more" if len(unknown) > 3 else named
        warnings.warn(
            f"{data.name}: no text of train has the label {some}, which texts that are scored have; no classifier can "
            "learn it, so check how the labels are written.", AlpsWarning, stacklevel=2,
        )  # fmt: skip


def name_of(folder: Path) -> str:
    """What the results call the data set of a folder: the folder's own name."""
    return folder.resolve().name


def read_part(
    source: Path | str | None, *, split: str | None = None, text_column: str | None = None,
    label_column: str | None = None,
) -> Part:  # fmt: skip
    """
    Texts with labels from anything that `read_pool` reads.

    Raises
    ------
    AlpsError
        When it is not clear which column holds the labels, it holds lists, or a row has none.

    """
    pool = read_pool(source, text_column=text_column, split=split)
    column = label_column or _label_column(pool)
    if column not in pool.table.column_names:
        raise AlpsError(f"{pool.source} has no column {for_terminal(column, 40)}; check that it is this data set.")
    if pa.types.is_nested(pool.table[column].type):
        raise AlpsError(
            f"{pool.source}: the column {for_terminal(column, 40)} holds lists; a simulation needs one label a text."
        )
    labels = [None if label is None else label.strip() for label in words(pool.table[column])]
    for i, label in enumerate(labels):
        if not label:
            number = int(pool.row_numbers[i]) + 1
            raise AlpsError(f"{pool.source}: row {number} has no label; a simulation needs one for every text.")
    return Part(with_copies(pool), np.array(labels, dtype=object))


def with_copies(pool: Pool) -> Pool:
    """The same pool, in which an exact copy is another text: further copies have digests of their own."""
    seen: Counter[bytes] = Counter()
    digests = []
    for digest in pool.digests.to_pylist():
        number = seen[digest]
        seen[digest] += 1
        own = blake2b(digest + number.to_bytes(8, "big"), digest_size=16).digest()
        digests.append(own if number else digest)
    return replace(pool, digests=pa.array(digests, pool.digests.type))


def split(part: Part, n: int) -> tuple[Part, Part]:
    """
    All but n of the texts, and those n: drawn at random by a fixed seed, every class in its share.

    All copies of a text go to one side. Where that leaves no way to n, the second part is a little smaller; and where
    copies have different labels, shares are as near as they can be. The order of the rows does not matter.

    Raises
    ------
    AlpsError
        When one side would be empty.

    """
    by_id = part.pool.distinct().rows
    texts = take_rows(part.pool.texts, by_id)
    group = np.asarray(pc.index_in(texts, value_set=texts.unique()).to_numpy(), dtype=np.int64)
    drawn = by_id[_drawn_groups(part.labels[by_id], group, n, Stream(_SPLIT_SEED, "split"))]
    kept = np.setdiff1d(np.arange(part.pool.n), drawn)
    if not len(drawn) or not len(kept):
        raise AlpsError(
            f"{part.pool.source} has too few different texts to set some aside; give a file for every part, such as "
            "dev.csv."
        )
    return part.take(kept), part.take(np.sort(drawn))


def _drawn_groups(
    labels: npt.NDArray[np.object_], group: npt.NDArray[np.int64], n: int, stream: Stream
) -> npt.NDArray[np.int64]:
    """
    At most n rows, whole groups only, in which every class has its share where that can be.

    Parameters
    ----------
    labels
        Of all rows, (m,).
    group
        Of each row, int64 (m,), numbered from 0.
    n
        How many.
    stream
        Decides which. Where every group is one row, these are the rows of `stratified_rows`.

    """
    names, label = np.unique(labels, return_inverse=True)
    counts = np.zeros((int(group.max()) + 1, len(names)), dtype=np.int64)  # rows of each group and class
    np.add.at(counts, (group, label), 1)
    left = np.array(divide(n, (counts.sum(axis=0) / len(labels)).tolist()))
    most = counts.argmax(axis=1)
    generator = stream.generator()
    orders = [generator.permutation(np.flatnonzero(most == c)) for c in range(len(names))]
    taken = np.zeros(len(counts), dtype=bool)
    for each in np.concatenate(orders):
        if (counts[each] <= left).all():
            taken[each] = True
            left -= counts[each]
    n_left = int(left.sum())  # where shares were not met, by groups of any class
    for each in np.concatenate(orders)[~taken[np.concatenate(orders)]]:
        if counts[each].sum() <= n_left:
            taken[each] = True
            n_left -= int(counts[each].sum())
    return np.flatnonzero(taken[group])


def stratified_rows(labels: Sequence[str], n: int, stream: Stream) -> npt.NDArray[np.int64]:
    """
    Draw n rows in which every class has its share, to the nearest whole number.

    >>> len(stratified_rows(["a", "a", "a", "b", "b", "b"], 2, Stream(0)))
    2
    """
    values = np.array(labels, dtype=object)
    names, counts = np.unique(values, return_counts=True)
    generator = stream.generator()
    quotas = divide(n, (counts / len(values)).tolist())
    drawn = [generator.permutation(np.flatnonzero(values == name))[:q] for name, q in zip(names, quotas, strict=True)]
    return np.sort(np.concatenate(drawn))


def _digest_of(labels: npt.NDArray[np.object_]) -> str:
    """Of strings, each with its length, so that none can run into the next."""
    digest = blake2b(digest_size=16)
    for label in labels.tolist():
        said = label.encode("utf-8", "surrogatepass")
        digest.update(len(said).to_bytes(8, "big") + said)
    return digest.hexdigest()


def _file(folder: Path, part: str, *, needed: bool = True) -> Path | None:
    """The file of a part."""
    names = _FILES[part]
    try:
        found = sorted(path for path in folder.iterdir() if path.is_file() and path.name.partition(".")[0] in names)
    except OSError as error:
        raise AlpsError(f"The data set {folder} cannot be read ({error.strerror}); name a folder.") from error
    if len(found) > 1:
        raise AlpsError(f"{folder} has {found[0].name} and {found[1].name}; keep one of them.")
    if not found and needed:
        raise AlpsError(f"{folder} has no file {part}, such as {part}.csv; a simulation needs train and test.")
    return found[0] if found else None


def _label_column(pool: Pool) -> str:
    found: list[str] = [name for name in pool.table.column_names if name.strip().lower() in LABEL_COLUMNS]
    if len(found) != 1:
        raise AlpsError(f"{pool.source}: which column holds the labels is not clear; call one of them label.")
    return found[0]
