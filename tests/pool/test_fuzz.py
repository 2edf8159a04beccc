"""Whatever a file holds, a reader gives a pool or one sentence that says why not."""

import io
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alps.base.errors import AlpsError
from alps.pool.compression import COMPRESSIONS, Compression
from alps.pool.formats import FORMATS, format_called
from alps.pool.read import read_pool

EVERY_FORMAT = pytest.mark.parametrize("name", [row.name for row in FORMATS])
TABLE = pa.table({"id": ["a", "b", "c"], "text": ["good", "so, so\nbad", "caf\u00e9 \U0001f4a9"], "n": [1, 2, 3]})


def contents_of(name: str, path: Path) -> list[bytes]:
    """Valid files of a format, plain and compressed."""
    if name == "text":
        plain = [b"good\nbad\n"]
    elif name == "json":
        plain = [
            b'[{"id": "a", "text": "good", "tags": ["x", 1.5e3]}, {"id": "b", "text": null}, "caf\\u00e9"]',
            b'{"version": 1, "data": [\n{"text": "good"},\n{"text": "bad"}\n], "more": {}}',
        ]
    else:
        plain = [written(name)]
    if name == "arrow":
        stream = io.BytesIO()
        with pa.ipc.new_stream(stream, TABLE.schema) as writer:
            writer.write_table(TABLE)
        plain.append(stream.getvalue())
    return [*plain, *(compressed(plain[0], row, path) for row in COMPRESSIONS)]


def written(name: str) -> bytes:
    file = io.BytesIO()
    format_called(name).write(TABLE, file)
    return file.getvalue()


def compressed(content: bytes, compression: Compression, path: Path) -> bytes:
    with path.open("wb") as file, closing(compression.stream(file, "wb")) as stream:
        stream.write(content)
    return path.read_bytes()


@st.composite
def mutated(draw, contents: list[bytes]) -> bytes:
    """A valid file with some bytes changed, left out, put in or doubled."""
    data = draw(st.sampled_from(contents))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from([0, 1, 2, 8, 64, 1 << 20])))
        put = draw(st.one_of(st.just(b""), st.binary(max_size=8), st.just(2 * data[start:end])))
        data = data[:start] + put + data[end:]
    return data


def read_or_refuse(path: Path, content: bytes, name: str) -> None:
    path.write_bytes(content)
    try:
        pool = read_pool(path, format=name)
    except AlpsError as error:
        assert len(str(error)) < 1000
    else:
        assert pool.n > 0
        assert all(pool.texts.to_pylist())
        assert len(set(pool.ids.to_pylist())) == pool.n


def fuzz(name: str, folder: Path, n_examples: int) -> None:
    path = folder / "pool"
    contents = contents_of(name, path)

    @settings(max_examples=n_examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(st.binary(max_size=64), mutated(contents), mutated(contents)))
    def check(content: bytes) -> None:
        read_or_refuse(path, content, name)

    for content in contents:
        read_or_refuse(path, content, name)
    check()


@EVERY_FORMAT
def test_any_bytes_are_read_or_refused(tmp_path, name):
    fuzz(name, tmp_path, 200)


@pytest.mark.slow
@EVERY_FORMAT
def test_ten_thousand_times_any_bytes_are_read_or_refused(tmp_path, name):
    fuzz(name, tmp_path, 10_000)
