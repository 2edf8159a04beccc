"""The rows of one file or of several, each read as its format says."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.formats import FORMATS, PLAIN_TEXT, Format, format_called, format_of_name
from alps.pool.input_file import STANDARD_INPUT, open_input
from alps.pool.origin import Origin
from alps.pool.table_in_text import note_table_in_text
from alps.pool.url import Url


def name_of_files(places: Sequence[Path | Url], source: Any) -> str:
    """What messages call the files that a source names: the file if it is one, else the pattern or the first one."""
    if isinstance(source, str) and len(places) > 1:
        return f"{for_terminal(str(Url(source)))} ({len(places)} files)"
    first = "standard input" if str(places[0]) == STANDARD_INPUT else for_terminal(str(places[0]))
    return first if len(places) == 1 else f"{first} and {len(places) - 1} more"


def rows_of_files(
    places: Sequence[Path | Url],
    format: str | None,
    options: Mapping[str, str | None],
    origin: Origin,
    spool_folder: Path | None,
) -> Generator[pa.RecordBatch]:
    """
    Read files one after another; each is open only while its rows are asked for.

    Parameters
    ----------
    places
        The files, in order.
    format
        The format of all of them; told by the ending of each when None (standard input: text).
    options
        What readers may be asked for, by name; None for what was not.
    origin
        Is told where each file begins.
    spool_folder
        Where temporary copies go.

    Raises
    ------
    AlpsError
        For an unknown format, before anything is read, and for everything that can be wrong with a file.

    """
    formats = [_format_of(place, format) for place in places]
    n_rows = 0
    for place, row in zip(places, formats, strict=True):
        with closing(open_input(place, spool_folder)) as file:
            if options["sheet"] is not None and "sheet" not in row.options:
                raise AlpsError(f"{file.name} has no sheets, as its format is {row.name}; leave out --sheet.")
            if format is None and row.name == PLAIN_TEXT:
                note_table_in_text(file)
            origin.begin(file.name, n_rows)
            for batch in row.read(file, options):
                n_rows += batch.num_rows
                yield batch


def _format_of(place: Path | Url, name: str | None) -> Format:
    if name is None and str(place) == STANDARD_INPUT:
        name = PLAIN_TEXT
    row = format_of_name(place.name) if name is None else format_called(name)
    if row is None:
        if isinstance(place, Path) and (not place.exists() or place.is_dir()):
            open_input(place)  # says so
        known = ", ".join(row.name for row in FORMATS)
        shown = for_terminal(str(place))
        raise AlpsError(f"The name of {shown} does not tell its format; choose --format from: {known}.")
    return row
