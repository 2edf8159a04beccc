"""
Predictions for files of any size: read, predicted and written a few thousand rows at a time.

What is written stands in ``NAME.part``, and beside it in ``NAME.part.json`` how far it is good. After a crash the next
run cuts the file there, passes over the rows that are done, and goes on. The last step renames the file.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from alps.base.atomic import atomic_file, check_writable, explain_os_error
from alps.base.errors import AlpsError
from alps.base.progress import Progress, ProgressCallback, no_progress
from alps.base.text_safety import for_terminal
from alps.classifiers.likeness import Verdict
from alps.classifiers.text_classifier import TextClassifier
from alps.pool.columns import find_text_column
from alps.pool.gather import has_text, plain_columns
from alps.pool.read import open_batches
from alps.pool.write_delimited import write_csv
from alps.pool.write_json_lines import write_json_lines

ROWS_AT_ONCE = 4096
STAGE = "prediction"
_SAMPLED_AT_ONCE = 250  # texts of each piece, among which those that are compared with the pool are drawn
_MOST_SAMPLED = 500
_ENDINGS = (".csv", ".jsonl")


class Predicted(NamedTuple):
    """How many rows were written, and whether their texts look like those of the classifier (None: not known)."""

    rows: int
    verdict: Verdict | None


@dataclass(frozen=True)
class _Done:
    """How far the output is good: rows, bytes, and a digest of the texts of those rows."""

    settings: dict[str, Any] = field(default_factory=dict)
    rows: int = 0
    bytes: int = 0
    digest: str = ""


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
    ``input_NAME``.

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
        When the source cannot be read, or is not the one that an unfinished output began with, or the output cannot be
        written.

    """
    if output.suffix.lower() not in _ENDINGS:
        raise AlpsError(f"{output} cannot be written piece by piece; choose a name that ends in .csv or .jsonl.")
    check_writable(output, force=force)
    settings = {"classifier": identity, "text_column": text_column, "ending": output.suffix.lower()}
    part, ledger = output.with_name(output.name + ".part"), output.with_name(output.name + ".part.json")
    done = _read_ledger(ledger, part, settings)
    texts_seen, sample = blake2b(digest_size=16), list[str]()
    n, before, n_rows = 0, 0, _count_rows(source, text_column, format)

    def tell(inner: Progress) -> None:
        """Of each batch within a piece as a part of the whole."""
        if n_rows and inner.done < inner.total:
            done = before + inner.done
            progress(Progress(STAGE, done, n_rows, min(1.0, done / n_rows)))

    classifier = replace(classifier, resources=classifier.resources.with_progress(tell))
    try:
        with open_batches(source, text_column=text_column, format=format) as batches, part.open("ab") as file:
            file.truncate(done.bytes)
            for rows in _pieces(batches.rows):
                column = find_text_column(rows.schema.names, text_column, batches.origin.current)
                rows = plain_columns(rows, column)
                texts = rows.column(column).to_pylist()
                for text in texts:
                    texts_seen.update(b"\0" if text is None else f"{len(text)}:{text}".encode())
                sample += [text for text in texts[:: -(-len(texts) // _SAMPLED_AT_ONCE)] if text]
                passed_over = n < done.rows
                n += rows.num_rows
                if passed_over:
                    if n > done.rows or (n == done.rows and texts_seen.hexdigest() != done.digest):
                        raise _begun_with_other_texts(part)
                    continue
                before = n - rows.num_rows
                file.write(_lines(_predicted(classifier, rows, column), output.suffix.lower(), header=file.tell() == 0))
                file.flush()
                os.fsync(file.fileno())
                _write_ledger(ledger, _Done(settings, n, file.tell(), texts_seen.hexdigest()))
                progress(Progress(STAGE, n, n_rows, n / n_rows if n_rows else 0.0))
        if n < done.rows:
            raise _begun_with_other_texts(part)
        if not n:
            raise AlpsError(f"{for_terminal(str(source), 80)} has no rows; give at least one text.")
        part.replace(output)
        ledger.unlink()
    except OSError as error:
        raise explain_os_error(error, output) from error
    return Predicted(n, _judge(classifier, sample))


def classifier_identity(folder: Path) -> str:
    """Digest of the files of a saved classifier, 32 hex digits."""
    digest = blake2b(digest_size=16)
    for path in sorted(folder.iterdir()):
        if path.suffix in (".safetensors", ".json"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _count_rows(source: Any, text_column: str | None, format: str | None) -> int:
    """The rows of files that can be read twice, which costs little beside predicting; 0 for anything else."""
    local = isinstance(source, list) or (isinstance(source, str) and Path(source).is_file())
    if not local:
        return 0
    with open_batches(source, text_column=text_column, format=format) as batches:
        return sum(rows.num_rows for rows in batches.rows)


def _judge(classifier: TextClassifier, sample: list[str]) -> Verdict | None:
    """Whether a sample of the texts looks like those of the classifier; None where that cannot be told."""
    if classifier.likeness is None:
        return None
    resources = classifier.likeness.resources()
    few = sample[:: -(-len(sample) // _MOST_SAMPLED)] if sample else []
    return None if resources is None else classifier.likeness.judge(few, resources)


def _begun_with_other_texts(part: Path) -> AlpsError:
    return AlpsError(f"{part} was begun with other texts; delete it, or name another output.")


def _pieces(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows, at most `ROWS_AT_ONCE` in a batch; where they are cut depends on the source alone."""
    for batch in batches:
        for start in range(0, batch.num_rows, ROWS_AT_ONCE):
            yield batch.slice(start, ROWS_AT_ONCE)


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
    names = [f"input_{name}" if name in added else name for name in rows.schema.names]
    return pa.table([*rows.columns, *(values.take(place) for values in added.values())], names=[*names, *added])


def _lines(table: pa.Table, ending: str, *, header: bool) -> bytes:
    if ending == ".csv":
        text = io.StringIO(newline="")
        write_csv(table, text, header=header)
        return text.getvalue().encode()
    file = io.BytesIO()
    write_json_lines(table, file)
    return file.getvalue()


def _read_ledger(ledger: Path, part: Path, settings: dict[str, Any]) -> _Done:
    """How far an earlier run with the same settings came; nowhere where there is none."""
    with suppress(OSError, TypeError, ValueError):
        done = _Done(**json.loads(ledger.read_text(encoding="utf-8")))
        if done.settings == settings and part.stat().st_size >= done.bytes:
            return done
    return _Done()


def _write_ledger(ledger: Path, done: _Done) -> None:
    with atomic_file(ledger, force=True) as temporary:
        temporary.write_text(json.dumps(asdict(done)), encoding="utf-8")
