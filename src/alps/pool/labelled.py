"""Labels that a file gives to texts of a pool: one for each text, or several (multi-label)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal, from_spreadsheet
from alps.pool.cells import words
from alps.pool.columns import check_text_type, listed_names
from alps.pool.exclude import id_column_of, text_column_of
from alps.pool.gather import plain_columns
from alps.pool.identity import digest_array, digest_bytes, id_strings, is_same_text
from alps.pool.pool import Pool
from alps.pool.read import open_batches

LABEL_COLUMNS = ("label", "labels", "class", "category", "target")
BETWEEN_LABELS = ";"  # where several labels of a text stand in one field
_KINDS_OF_LIST = (
    pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list, pa.types.is_list_view,
    pa.types.is_large_list_view,
)  # fmt: skip

Label: TypeAlias = str | tuple[str, ...]  # of a text: one, or in the multi-label case none, one or more, sorted


def label_names(label: Label) -> tuple[str, ...]:
    """The names in a label: itself, or in the multi-label case none, one or more."""
    return (label,) if isinstance(label, str) else label


def labels_of(
    pool: Pool,
    source: Any,
    *,
    label_column: str | None = None,
    text_column: str | None = None,
    id_column: str | None = None,
    format: str | None = None,
    split: str | None = None,
    sheet: str | None = None,
    spool_folder: Path | None = None,
    multi_label: bool = False,
    name: str | None = None,
    where: Callable[[int], str] | None = None,
) -> npt.NDArray[np.object_]:
    """
    The label of every row of a pool.

    Rows are named by id or by text as in `alps.pool.exclude.excluded_rows`; exact copies of a text have its label.
    A row without a label (null, NaN, or white space) labels nothing, and one that is not in the pool is passed over.
    In the multi-label case a field of words may hold several labels with `BETWEEN_LABELS` between them, and a list may
    be empty: none of the classes. Null and NaN in a list are no labels.

    Parameters
    ----------
    pool
        The pool.
    source
        As in `read_pool`: a path or a table.
    label_column
        The column with the labels; found by its name, one of `LABEL_COLUMNS`, when there is no doubt.
    text_column, id_column, format, split, sheet, spool_folder
        As in `read_pool`, for `source`.
    multi_label
        Whether a text may have several labels. A column of lists says so by itself, also one of arrays of strings in
        JSON.
    name
        What messages call `source`; by itself the name of the file.
    where
        What messages call a row of `source`, counted from 0; by itself its file and number.

    Returns
    -------
    numpy.ndarray
        (n,) of str, in the multi-label case of sorted tuples of str; None where there is no label.

    Raises
    ------
    AlpsError
        When no row of the pool has a label, a text has two, or anything is wrong with the file.

    """
    given = _Given()
    with open_batches(
        source, text_column=text_column, format=format, split=split, sheet=sheet, spool_folder=spool_folder
    ) as batches:
        for batch in batches.rows:
            file, names = name or batches.origin.current, batch.schema.names
            by_label = _label_column(names, label_column, text_column, file)
            others = [each for each in names if each != by_label]
            by_id = id_column_of(pool, others, id_column, text_column, file)
            by_text = text_column_of(pool, others, text_column, by_id, file)
            if by_text is not None:
                check_text_type(batch.schema.field(by_text).type, by_text, file)
            batch = plain_columns(batch, by_text)
            given.labels += _labels_in(batch.column(by_label), multi_label=multi_label)
            empty = pa.nulls(batch.num_rows, pa.large_string())
            given.ids.append(empty if by_id is None else id_strings(batch.column(by_id), by_id, file))
            given.texts.append(empty if by_text is None else batch.column(by_text))
    whole = name or batches.origin.name
    rows = given.rows_in(pool, whole)
    labels = _by_text(pool, rows, given.labels, where or batches.origin.where)
    if not any(label is not None for label in labels):
        raise AlpsError(
            f"{whole}: none of its {len(given.labels)} rows labels a text of the pool; "
            "check that both hold the same texts and that the labels are there."
        )
    return labels


class _Given:
    """What a file says: for each of its rows an id, a text (either may be null) and a label."""

    def __init__(self) -> None:
        self.ids: list[pa.LargeStringArray] = []
        self.texts: list[pa.LargeStringArray] = []
        self.labels: list[Label | None] = []

    def rows_in(self, pool: Pool, source: str) -> npt.NDArray[np.int64]:
        """
        The row of the pool that each row names, by its text where it has one, else by its id; -1 where it names none.

        A label is one of a text, whatever numbers a file gives to its rows.

        Raises
        ------
        AlpsError
            When an id is that of a text of the pool, and the text beside it is none of the pool.

        """
        ids, texts = (pa.chunked_array(part, pa.large_string()) for part in (self.ids, self.texts))
        by_id = _places((pool.ids, ids), (pool.ids, _unguarded(ids)))
        by_text = _places((pool.digests, _digests(texts)), (pool.digests, _digests(_unguarded(texts))))
        has_text = np.asarray(pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(texts), ""), False))
        for row in np.flatnonzero((by_id >= 0) & (by_text < 0) & has_text).tolist():
            if self.labels[row] is not None and not is_same_text(texts[row].as_py(), pool.texts[by_id[row]].as_py()):
                raise AlpsError(
                    f"{source}: row {row + 1}, not counting the header, has the id "
                    f"'{for_terminal(ids[row].as_py(), 40)}' of the pool and another text; correct it, or leave out "
                    "the column that does not count."
                )
        return np.where(by_text < 0, by_id, by_text)


def _places(*tries: tuple[pa.Array, pa.ChunkedArray]) -> npt.NDArray[np.int64]:
    """Where values are among known ones: the first of several tries that finds them; -1 where none does."""
    places = np.full(len(tries[0][1]), -1, dtype=np.int64)
    for known, wanted in tries:
        found = pc.fill_null(pc.index_in(wanted, value_set=known), -1).to_numpy().astype(np.int64)
        places = np.where(places < 0, found, places)
    return places


def _unguarded(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values without the apostrophe with which our CSV guards formulas."""
    strings = [None if value is None else from_spreadsheet(value) for value in values.to_pylist()]
    return pa.chunked_array([pa.array(strings, pa.large_string())])


def _digests(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Digests of texts; null stays null."""
    known = texts.is_valid().to_numpy()
    digests = digest_array(b"".join(digest_bytes(chunk) for chunk in texts.drop_null().chunks))
    place = np.where(known, np.cumsum(known) - 1, -1)
    return pa.chunked_array([digests.take(pa.array(place, mask=~known))])


def _by_text(
    pool: Pool, rows: npt.NDArray[np.int64], given: list[Label | None], where: Callable[[int], str]
) -> npt.NDArray[np.object_]:
    """Labels of all rows of the pool, copies alike."""
    digests = pool.digests
    labels: dict[bytes, Label] = {}
    first: dict[bytes, int] = {}
    for i, (row, label) in enumerate(zip(rows.tolist(), given, strict=True)):
        if row < 0 or label is None:
            continue
        digest = digests[row].as_py()
        if labels.setdefault(digest, label) != label:
            raise AlpsError(
                f"{where(i)}: its text is labelled '{_told(label)}', and in {where(first[digest])} "
                f"'{_told(labels[digest])}'; keep one of them."
            )
        first.setdefault(digest, i)
    found = np.full(pool.n, None, dtype=object)
    if labels:
        known = pa.array(list(labels), digests.type)
        place = pc.fill_null(pc.index_in(digests, value_set=known), -1).to_numpy()
        names = np.empty(len(labels) + 1, dtype=object)  # filled one by one: numpy would make a matrix of tuples
        for i, label in enumerate(labels.values()):
            names[i] = label
        found = names[place]
    return found


def _labels_in(column: pa.Array, *, multi_label: bool) -> list[Label | None]:
    """What each field of a column of labels says; None where it says nothing."""
    if any(is_kind(column.type) for is_kind in _KINDS_OF_LIST):
        return [None if value is None else _several(map(str, _items(value))) for value in column.to_pylist()]
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    fields = [None if value is None else value.strip() or None for value in words(column)]
    if not multi_label:
        return [*fields]
    return [None if field is None else _several(field.split(BETWEEN_LABELS)) for field in fields]


def _several(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name.strip() for name in names} - {""}))


def _items(values: Iterable[Any]) -> Iterator[Any]:
    """The values of a list that are there: neither null nor NaN."""
    return (value for value in values if value is not None and value == value)


def _told(label: Label) -> str:
    return for_terminal(label if isinstance(label, str) else BETWEEN_LABELS.join(label), 40)


def _label_column(names: list[str], wanted: str | None, text_column: str | None, source: str) -> str:
    """The column that was asked for, else the only one with a name that labels have."""
    others = [name for name in names if name != text_column]
    listed = listed_names(others)
    if not others:
        raise AlpsError(f"{source} has no column with labels; it needs one beside the texts.")
    if wanted is not None:
        if wanted not in names:
            raise AlpsError(
                f"{source} has no column '{for_terminal(wanted, 40)}'; choose --label-column from: {listed}."
            )
        return wanted
    candidates = [name for name in others if name.strip().lower() in LABEL_COLUMNS]
    if not candidates:
        raise AlpsError(
            f"{source} has no column named like a label ({', '.join(LABEL_COLUMNS)}); add a column 'label', "
            f"or name one with --label-column (its columns: {listed})."
        )
    if len(candidates) != 1:
        choice = listed_names(candidates)
        raise AlpsError(f"{source}: which column holds the labels is not clear; choose --label-column from: {choice}.")
    return candidates[0]
