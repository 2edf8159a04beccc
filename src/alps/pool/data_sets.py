"""Data sets of Hugging Face: in memory, on the hub, or in a folder that `save_to_disk` wrote."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from alps.base.errors import AlpsError, require
from alps.base.text_safety import for_terminal
from alps.pool.checked import checked

_HUB_NAME = re.compile(r"hub:(?P<id>[\w.-]+(?:/[\w.-]+)?)(?::(?P<config>[^@]+))?(?:@(?P<revision>.+))?")
_SAVED_MARKS = ("dataset_dict.json", "state.json")
_BATCH_ROWS = 8192


class DataSet(NamedTuple):
    """What messages call a data set, its rows, and whether they are mapped from disk: a copy saves nothing."""

    name: str
    rows: Iterator[pa.RecordBatch]
    is_mapped: bool


def is_data_set(source: Any) -> bool:
    """Whether an object is of the library `datasets`, which is imported if the object exists."""
    library = sys.modules.get("datasets")
    kinds = ("Dataset", "DatasetDict", "IterableDataset", "IterableDatasetDict")
    return library is not None and isinstance(source, tuple(getattr(library, kind) for kind in kinds))


def is_hub_name(source: str) -> bool:
    """
    Whether a string names a data set of the hub.

    Only what begins with `hub:` does. A path with a slash looks like the id of a data set, and a misspelt one, which
    may tell more than its owner wants, must not be sent to the hub.
    """
    return source.startswith("hub:")


def is_saved(folder: Path) -> bool:
    """Whether `save_to_disk` wrote a folder."""
    return any((folder / name).is_file() for name in _SAVED_MARKS)


def read_data_set(source: Any, split: str | None, name: str = "The data set") -> DataSet:
    """
    Read a data set that is loaded; labels come out as their names.

    Parameters
    ----------
    source
        A `datasets.Dataset`, or a `datasets.DatasetDict` with several splits.
    split
        Which split; the only one when None.
    name
        What messages call it.

    Raises
    ------
    AlpsError
        When the split is not there or not clear (lists the splits), or the data set is a stream.

    """
    if isinstance(source, Mapping):
        source = _choose(source, split, name)
    elif split is not None:
        raise AlpsError(f"{name} has no splits; leave out --split.")
    if isinstance(source, require("datasets", "datasets").IterableDataset):
        raise AlpsError(f"{name} is a stream; load it without streaming, so that its rows can be chosen.")
    is_mapped = source._indices is None  # else every batch is a copy of the rows chosen
    return DataSet(name, checked(_batches(source), name), is_mapped)


def load_from_hub(source: str, split: str | None) -> DataSet:
    """
    Load a data set of the hub, from the library's cache if it is there, and read it.

    Parameters
    ----------
    source
        ``hub:name[:config][@revision]``.
    split
        As `read_data_set`.

    Raises
    ------
    AlpsError
        When it cannot be loaded; says how to bring it from a machine that can.

    """
    parts = _HUB_NAME.fullmatch(source)
    name = for_terminal(source, 80)
    if parts is None:
        raise AlpsError(f"'{name}' names no data set of the hub; write hub:owner/name, then :config and @revision.")
    datasets = require("datasets", "datasets")
    try:
        loaded = datasets.load_dataset(parts["id"], parts["config"], revision=parts["revision"])
    except Exception as error:  # of the connection, the hub, the library, or the files
        what = for_terminal(str(error).strip().partition("\n")[0], 160).rstrip(".").replace(". ", ", ")
        fetch = f"hf download {parts['id']} --repo-type dataset --local-dir FOLDER"
        remedy = f"check the name and the connection, or fetch its files elsewhere ({fetch}) and name those"
        raise AlpsError(f"{name} could not be loaded from the Hugging Face hub ({what}); {remedy}.") from error
    return read_data_set(loaded, split, name)


def load_saved(folder: Path, split: str | None) -> DataSet:
    """
    Load a folder that `save_to_disk` wrote, and read it.

    Raises
    ------
    AlpsError
        When it is damaged, and as `read_data_set`.

    """
    datasets = require("datasets", "datasets")
    name = for_terminal(str(folder))
    try:
        loaded = datasets.load_from_disk(str(folder))
    except Exception as error:  # of JSON, Arrow, or the library
        what = f"cannot be read as a saved data set ({type(error).__name__})"
        raise AlpsError(f"{name} {what}; save it again, or name one of its files.") from error
    return read_data_set(loaded, split, name)


def _choose(splits: Mapping[Any, Any], wanted: str | None, name: str) -> Any:
    listed = ", ".join(for_terminal(str(split), 40) for split in splits)
    if wanted is None and len(splits) == 1:
        return next(iter(splits.values()))
    if wanted is None:
        raise AlpsError(f"{name} has several splits; choose --split from: {listed}.")
    if wanted not in splits:
        raise AlpsError(f"{name} has no split '{for_terminal(wanted, 40)}'; choose --split from: {listed}.")
    return splits[wanted]


def _batches(data_set: Any) -> Iterator[pa.RecordBatch]:
    for table in data_set.with_format("arrow").iter(_BATCH_ROWS):
        for batch in table.to_batches():
            columns = [
                _with_names(column, data_set.features[name])
                for name, column in zip(batch.schema.names, batch.columns, strict=True)
            ]
            yield pa.record_batch(columns, names=batch.schema.names)


def _with_names(column: pa.Array, feature: Any) -> pa.Array:
    """The names of labels, and of lists of labels, in place of their numbers; -1, for none, is null."""
    inner = getattr(feature, "feature", feature)
    names = getattr(inner, "names", None)
    if names is None:
        return column
    strings = pa.large_string()
    if inner is feature:
        return pa.array([_name(number, names) for number in column.to_pylist()], strings)
    lists = [None if row is None else [_name(number, names) for number in row] for row in column.to_pylist()]
    return pa.array(lists, pa.list_(strings))


def _name(number: int | None, names: list[str]) -> str | None:
    return names[number] if number is not None and 0 <= number < len(names) else None
