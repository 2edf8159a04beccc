"""Who a text is: the digest that finds exact copies, and the id that a person sees."""

from __future__ import annotations

from hashlib import blake2b
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal, from_spreadsheet
from alps.pool.origin import Origin, within_sentence

DIGEST_BYTES = 16
NO_ID_COLUMN = "none"
_CUT = 1000  # characters; no tool is known that cuts a shorter text

_REMEDY = "correct it, name another --id-column, or use --id-column none"


def digest_bytes(texts: pa.LargeStringArray) -> bytes:
    """
    The digests of n texts, one after another.

    Parameters
    ----------
    texts
        (n,) without nulls; read straight from the Arrow buffers, no Python string is made.

    Returns
    -------
    bytes
        16 n bytes: blake2b of the UTF-8 bytes of each text.

    """
    if not len(texts):
        return b""
    _, offsets, values = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1].tolist()
    view = memoryview(values if values is not None else b"")
    return b"".join([blake2b(view[start:end], digest_size=DIGEST_BYTES).digest() for start, end in pairwise(bounds)])


def digest_array(data: bytes) -> pa.FixedSizeBinaryArray:
    """Digests, one after another (16 n bytes), as an array (n,)."""
    n = len(data) // DIGEST_BYTES
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(DIGEST_BYTES), n, [None, pa.py_buffer(data)])


def digest_words(digests: pa.FixedSizeBinaryArray) -> npt.NDArray[np.uint64]:
    """The digests as numbers (n, 2); read big-endian, so that they sort as their hex digits do."""
    buffer = digests.buffers()[1]
    words = np.frombuffer(buffer, dtype=">u8") if buffer is not None else np.zeros(0, dtype=">u8")
    pairs = words.reshape(-1, 2)[digests.offset : digests.offset + len(digests)]
    return pairs.astype(np.uint64)


def ids_of_texts(keys: npt.NDArray[np.uint64]) -> pa.LargeStringArray:
    """
    Ids made from the texts: 16 hex digits, with `-2`, `-3`, ... for further copies in the order of the rows.

    Parameters
    ----------
    keys
        (n,) uint64, the first eight bytes of each digest.

    Returns
    -------
    pyarrow.LargeStringArray
        (n,), all different.

    """
    n = len(keys)
    digits = np.array([f"{byte:02x}".encode() for byte in range(256)]).view(np.uint8).reshape(256, 2)
    characters = digits[keys.astype(">u8").view(np.uint8)]
    offsets = np.arange(n + 1, dtype=np.int64) * 16
    plain = pa.LargeStringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(characters.reshape(-1)))
    numbers = ordinals(keys)
    if n == 0 or numbers.max() == 1:
        return plain
    further = pc.binary_join_element_wise(
        plain, pa.array(numbers).cast(pa.large_string()), pa.scalar("-", pa.large_string())
    )
    return pc.if_else(pa.array(numbers > 1), further, plain)


def ordinals(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Of n keys, the how many-th of its value each is, counted from 1, (n,)."""
    order = np.argsort(keys, kind="stable")
    sorted_keys = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], sorted_keys[1:] != sorted_keys[:-1]])[: len(keys)])
    numbers = np.empty(len(keys), dtype=np.int64)
    run_lengths = np.diff(np.append(starts, len(keys)))
    numbers[order] = np.arange(len(keys)) - np.repeat(starts, run_lengths) + 1
    return numbers


def find_id_column(names: list[str], wanted: str | None, text_column: str, source: str) -> str | None:
    """
    The column that holds the ids: the one asked for, else one called `id`; None when texts make the ids.

    Raises
    ------
    AlpsError
        When the column asked for is not there.

    """
    if wanted == NO_ID_COLUMN:
        return None
    if wanted is not None:
        if wanted not in names:
            columns = ", ".join(for_terminal(name, 40) for name in names)
            asked = for_terminal(wanted, 40)
            raise AlpsError(f"{source} has no column '{asked}'; choose --id-column from: {columns}.")
        return wanted
    called_id = [name for name in names if name.strip().lower() == "id" and name != text_column]
    return called_id[0] if len(called_id) == 1 else None


def ids_of_column(
    column: pa.ChunkedArray, name: str, row_numbers: npt.NDArray[np.int64], origin: Origin
) -> pa.ChunkedArray:
    """
    Ids that the user gave, as strings (n,).

    Parameters
    ----------
    column
        (n,) of any scalar type.
    name
        What messages call the column.
    row_numbers
        (n,) where each row stands in the input, counted from 0.
    origin
        What messages call the rows.

    Raises
    ------
    AlpsError
        When an id is missing or repeated, or the column holds something that cannot be an id.

    """
    shown = for_terminal(name, 40)
    ids = id_strings(column, name, origin.name)
    missing = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(ids), ""), True).to_numpy()
    if missing.any():
        where = origin.where(int(row_numbers[np.argmax(missing)]))
        raise AlpsError(f"{where}: the id in column '{shown}' is empty; {_REMEDY}.")
    repeated = _first_repeat(ids)
    if repeated is not None:
        first, second = (origin.where(int(row_numbers[row])) for row in repeated)
        value = for_terminal(ids[repeated[1]].as_py(), 40)
        raise AlpsError(
            f"{second}: the id '{value}' in column '{shown}' is also that of {within_sentence(first)}; {_REMEDY}."
        )
    return ids


def id_strings(column: pa.Array | pa.ChunkedArray, name: str, source: str) -> pa.Array | pa.ChunkedArray:
    """
    The values of an id column (n,) as large_string.

    Raises
    ------
    AlpsError
        When they are lists or something else that cannot be an id; names the type.

    """
    try:
        return column.cast(pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        kind = for_terminal(str(column.type), 60)
        what = f"column '{for_terminal(name, 40)}' holds {kind}, which gives no ids"
        raise AlpsError(f"{source}: {what}; {_REMEDY}.") from None


def _first_repeat(ids: pa.ChunkedArray) -> tuple[int, int] | None:
    """The first row whose id occurred before, and where it did."""
    encoded = ids.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    if len(encoded.dictionary) == len(ids):
        return None
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    second = int(np.flatnonzero(ordinals(codes.astype(np.uint64)) > 1)[0])
    return int(np.argmax(codes == codes[second])), second


def is_same_text(said: str, ours: str) -> bool:
    r"""
    Whether a text is one of ours as another tool gives it back.

    It may have other white space, no control characters, an apostrophe that guards a formula, or an end that was cut
    off.

    >>> is_same_text("two lines", "two\r\nlines "), is_same_text("two", "two lines")
    (True, False)
    """
    if said == ours:
        return True
    wanted = _plain(ours)
    return any(
        given == wanted or (len(given) >= _CUT and wanted.startswith(given))
        for given in (_plain(said), _plain(from_spreadsheet(said)))
    )


def _plain(text: str) -> str:
    """What every tool keeps of a text."""
    return "".join(
        character for character in text if character.isprintable() and not character.isspace() and character != "\ufffd"
    )
