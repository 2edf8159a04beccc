"""
Predictions for files of any size: read, predicted and written a few thousand rows at a time.

Until it is finished the output is one of `alps.classifiers.unfinished`. After a crash the next run cuts it where it is
good, passes over the rows that are done, and goes on. The last step renames the file.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from alps.base.atomic import explain_os_error
from alps.base.errors import AlpsError
from alps.base.progress import Progress, ProgressCallback, no_progress
from alps.base.text_safety import for_terminal
from alps.classifiers.likeness import Verdict
from alps.classifiers.sample import Sample
from alps.classifiers.text_classifier import TextClassifier
from alps.classifiers.unfinished import Unfinished
from alps.pool.columns import find_text_column
from alps.pool.gather import has_text, plain_columns
from alps.pool.input_file import STANDARD_INPUT
from alps.pool.places import find_places
from alps.pool.read import Batches, open_batches
from alps.pool.url import is_url
from alps.pool.write_delimited import write_csv
from alps.pool.write_json_lines import write_json_lines

ROWS_AT_ONCE = 4096
STAGE = "prediction"
_MOST_SAMPLED = 500  # texts that are compared with the pool
_ENDINGS = (".csv", ".jsonl")


class Predicted(NamedTuple):
    """How many rows were written, and whether their texts look like those of the classifier (None: not known)."""

    rows: int
    verdict: Verdict | None


class _Survey(NamedTuple):
    """What is known before the work begins: the number of rows and all columns; nothing where that takes a copy."""

    rows: int = 0
    columns: tuple[str, ...] = ()


def predict_file(
    classifier: TextClassifier,
    source: Any,
    output: Path,
    *,
    identity: str,
    text_column: str | None = None,
    format: str | None = None,
    force: bool = False,
    progress: ProgressCallback = no_progress,
) -> Predicted:
    """
    Write every row of a source with what a classifier says of it.

    Columns are added behind those of the source: ``predicted_label``, its ``probability``, and ``probability_LABEL``
    for each class. A row without text gets none of them. A column of the source with such a name becomes
    ``input_NAME``, and one that has that name already ``input_input_NAME``. The columns of several files are put
    together by name; where a file lacks one it is empty.

    Parameters
    ----------
    classifier
        The classifier.
    source, text_column, format
        As in `alps.read_pool`.
    output
        A new file that ends in .csv or .jsonl.
    identity
        Of the classifier; a file that another one began is begun anew.
    force
        Whether an existing file may be replaced.
    progress
        Told how far the work has come.

    Returns
    -------
    Predicted
        The number of rows, and whether the texts look like those that the classifier comes from.

    Raises
    ------
    AlpsError
        When the source cannot be read, or is not the one that an unfinished output began with; when it can be read only
        once and a column comes late; when the output cannot be written, is read, or somebody else writes it.

    """
    if output.suffix.lower() not in _ENDINGS:
        raise AlpsError(f"{output} cannot be written piece by piece; choose a name that ends in .csv or .jsonl.")
    files, unfinished = _files(source), Unfinished(output)
    unfinished.check(files, force=force)
    settings = {"classifier": identity, "text_column": text_column, "ending": output.suffix.lower()}
    try:
        with unfinished.alone():
            survey = _survey(files, source, text_column, format)
            with open_batches(source, text_column=text_column, format=format) as batches:
                done = _predict(classifier, batches, survey, unfinished, settings, progress)
            unfinished.finish(force=force)
    except OSError as error:
        raise explain_os_error(error, output) from error
    return done


def _predict(
    classifier: TextClassifier,
    batches: Batches,
    survey: _Survey,
    unfinished: Unfinished,
    settings: Mapping[str, Any],
    progress: ProgressCallback,
) -> Predicted:
    """Write what is not written yet, in pieces each of which is on the disk before the next begins."""
    pieces = _pieces(batches.rows)
    first = next(pieces, None)
    if first is None:
        raise AlpsError(f"{batches.origin.name} has no rows; give at least one text.")
    columns = survey.columns or tuple(first.schema.names)
    done = unfinished.begin({**settings, "columns": list(columns)})
    texts_seen, sample = blake2b(digest_size=16), None if classifier.likeness is None else Sample(_MOST_SAMPLED)
    n, file_name, column = 0, "", ""

    def tell(inner: Progress) -> None:
        """Of each batch within a piece as a part of the whole."""
        if survey.rows and inner.done < inner.total:
            progress(Progress(STAGE, n + inner.done, survey.rows, min(1.0, (n + inner.done) / survey.rows)))

    classifier = replace(classifier, resources=classifier.resources.with_progress(tell))
    with unfinished.part.open("ab") as file:
        file.truncate(done.bytes)
        file.seek(done.bytes)  # else the file is told to be as long as it was
        for rows in chain([first], pieces):
            if batches.origin.current != file_name:
                file_name = batches.origin.current
                column = find_text_column(rows.schema.names, settings["text_column"], file_name)
            rows = _aligned(plain_columns(rows, column), columns, n, file_name)
            texts = rows.column(column).to_pylist()
            for text in texts:
                texts_seen.update(b"\0" if text is None else f"{len(text)}:{text}".encode())
            if sample is not None:
                sample.add(texts, n)
            if n < done.rows:
                n += rows.num_rows
                if n > done.rows or (n == done.rows and texts_seen.hexdigest() != done.digest):
                    raise _begun_with_other_texts(unfinished.part)
                continue
            lines = _lines(_predicted(classifier, rows, column), settings["ending"], header=n == 0)
            n += rows.num_rows
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
            unfinished.note(replace(done, rows=n, bytes=file.tell(), digest=texts_seen.hexdigest()))
            progress(Progress(STAGE, n, survey.rows, n / survey.rows if survey.rows else 0.0))
    if n < done.rows:
        raise _begun_with_other_texts(unfinished.part)
    return Predicted(n, None if sample is None else _judge(classifier, sample.texts))


def classifier_identity(folder: Path) -> str:
    """Digest of the files of a saved classifier, 32 hex digits."""
    digest = blake2b(digest_size=16)
    for path in sorted(folder.iterdir()):
        if path.suffix in (".safetensors", ".json"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _files(source: Any) -> list[Path]:
    """The files of this machine that a source names; a URL is not looked at, which may take long."""
    places = [] if isinstance(source, str) and is_url(source) else find_places(source) or []
    return [place for place in places if isinstance(place, Path)]


def _survey(files: Sequence[Path], source: Any, text_column: str | None, format: str | None) -> _Survey:
    """Read files that can be read twice, which costs little beside predicting; anything else is not touched."""
    if not files or not all(str(file) != STANDARD_INPUT and file.is_file() for file in files):
        return _Survey()
    columns: dict[str, None] = {}
    n = 0
    with open_batches(source, text_column=text_column, format=format) as batches:
        for rows in batches.rows:
            columns.update(dict.fromkeys(rows.schema.names))
            n += rows.num_rows
    return _Survey(n, tuple(columns))


def _judge(classifier: TextClassifier, sample: Sequence[str]) -> Verdict | None:
    """Whether a sample of the texts looks like those of the classifier; None where that cannot be told."""
    if classifier.likeness is None:
        return None
    resources = classifier.likeness.resources()
    return None if resources is None else classifier.likeness.judge(sample, resources)


def _begun_with_other_texts(part: Path) -> AlpsError:
    return AlpsError(f"{part} was begun with other texts; delete it, or name another output.")


def _pieces(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows, at most `ROWS_AT_ONCE` in a batch; where they are cut depends on the source alone."""
    for batch in batches:
        for start in range(0, batch.num_rows, ROWS_AT_ONCE):
            yield batch.slice(start, ROWS_AT_ONCE)


def _aligned(rows: pa.RecordBatch, columns: Sequence[str], n_before: int, source: str) -> pa.RecordBatch:
    """The columns that all rows have, in their order; those that these rows lack are null."""
    names = set(rows.schema.names)
    late = sorted(names.difference(columns))
    if late:
        raise AlpsError(
            f"{source}: the column '{for_terminal(late[0], 40)}' first comes after {n_before:,} rows, when the columns "
            "of the output are settled; save the input as a file, which can be read twice, and predict that."
        )
    missing = pa.nulls(rows.num_rows, pa.large_string())
    return pa.record_batch([rows.column(name) if name in names else missing for name in columns], names=[*columns])


def _predicted(classifier: TextClassifier, rows: pa.RecordBatch, column: str) -> pa.Table:
    texts = rows.column(column)
    full = has_text(texts)
    place = pa.array(np.cumsum(full) - 1, mask=~full)
    probabilities = np.empty((0, len(classifier.labels)), dtype=np.float32)
    if full.any():
        probabilities = classifier.probabilities(texts.filter(pa.array(full)).to_pylist())
    if classifier.multi_label:
        given = [[name for name, p in zip(classifier.labels, row, strict=True) if p > 0.5] for row in probabilities]
        labels = pa.array([json.dumps(names, ensure_ascii=False) for names in given], pa.large_string())
    else:
        labels = pa.array([classifier.labels[c] for c in probabilities.argmax(axis=1)], pa.large_string())
    added = {"predicted_label": labels}
    if not classifier.multi_label:
        added["probability"] = pa.array(probabilities.max(axis=1))
    added |= {f"probability_{name}": pa.array(probabilities[:, c]) for c, name in enumerate(classifier.labels)}
    names = _beside(rows.schema.names, added)
    return pa.table([*rows.columns, *(values.take(place) for values in added.values())], names=[*names, *added])


def _beside(names: Sequence[str], added: Mapping[str, Any]) -> list[str]:
    """
    Names of columns that stand beside others: a name that is taken gets ``input_`` in front.

    >>> _beside(["input_label", "label", "input_text"], {"label": []})
    ['input_input_label', 'input_label', 'input_text']
    """
    taken = set(added)
    for name in sorted(names, key=len):  # one that gives way to another is shorter than the name that it takes
        if name in taken:
            taken.add(f"input_{name}")
    return [f"input_{name}" if name in taken else name for name in names]


def _lines(table: pa.Table, ending: str, *, header: bool) -> bytes:
    if ending == ".csv":
        text = io.StringIO(newline="")
        write_csv(table, text, header=header)
        return text.getvalue().encode()
    file = io.BytesIO()
    write_json_lines(table, file)
    return file.getvalue()
