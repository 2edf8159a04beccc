import os
import subprocess
import sys
from contextlib import closing

import pytest

from alps.pool.compression import COMPRESSIONS, compression_of_bytes, compression_of_name
from alps.pool.read import read_pool

EVERY_COMPRESSION = pytest.mark.parametrize("compression", COMPRESSIONS, ids=lambda row: row.name)
CONTENT = b"text\n" + b"".join(b"text number %d\n" % number for number in range(5000))


@pytest.fixture
def packed(tmp_path):
    def pack(compression, content=CONTENT, name="pool.csv"):
        path = tmp_path / f"{name}{compression.extension}"
        with path.open("wb") as file, closing(compression.stream(file, "wb")) as stream:
            stream.write(content)
        return path

    return pack


@EVERY_COMPRESSION
def test_a_compressed_file_is_read(packed, compression):
    pool = read_pool(packed(compression))
    assert pool.n == 5000
    assert pool.texts[4999].as_py() == "text number 4999"


@EVERY_COMPRESSION
def test_the_bytes_tell_the_compression_whatever_the_name(packed, compression, tmp_path):
    path = packed(compression).rename(tmp_path / "renamed.csv")
    assert read_pool(path).n == 5000
    assert compression_of_bytes(path.read_bytes()[:10]) == compression


@EVERY_COMPRESSION
def test_a_file_that_something_unpacked_already_is_read(tmp_path, compression):
    path = tmp_path / f"pool.csv{compression.extension}"
    path.write_bytes(CONTENT)
    assert read_pool(path).n == 5000


@EVERY_COMPRESSION
def test_several_streams_one_after_another_are_one_file(packed, compression):
    path = packed(compression, b"text\none\n")
    path.write_bytes(path.read_bytes() + packed(compression, b"two\n", "more").read_bytes())
    assert read_pool(path).texts.to_pylist() == ["one", "two"]


@EVERY_COMPRESSION
@pytest.mark.parametrize("kept", [12, 100, -5])
def test_a_file_that_was_cut_short_is_refused(refused, packed, compression, kept):
    path = packed(compression)
    path.write_bytes(path.read_bytes()[:kept])
    message = refused(read_pool, path)
    assert path.name in message
    assert f"compressed with {compression.name} and damaged or cut short" in message


@EVERY_COMPRESSION
def test_a_damaged_file_is_refused(refused, packed, compression):
    path = packed(compression)
    content = path.read_bytes()
    path.write_bytes(content[:20] + bytes(255 - byte for byte in content[20:260]) + content[260:])
    assert "damaged" in refused(read_pool, path)


@EVERY_COMPRESSION
def test_nothing_compressed_is_an_empty_file(refused, packed, compression):
    assert "is empty" in refused(read_pool, packed(compression, b""))


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on memory")
def test_a_bomb_does_not_fill_the_memory(packed, tmp_path):
    path = packed(COMPRESSIONS[0], b"text\n" + b"\n" * (128 << 20))
    assert path.stat().st_size < 300_000
    program = """
import resource, sys
from pathlib import Path
from alps.pool.input_file import open_input
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
file = open_input(Path(sys.argv[1]), Path(sys.argv[2]))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, file.handle.seek(0, 2) >> 20)
"""
    folder = tmp_path / "spool"
    command = [sys.executable, "-c", program, str(path), str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    megabytes, size = map(int, result.stdout.split())
    assert megabytes < 50
    assert size == 128
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of files")
def test_a_bomb_that_fills_the_disk_is_explained(packed, refused, tmp_path):
    import resource

    path = packed(COMPRESSIONS[0], b"text\n" + b"\n" * (8 << 20))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    try:
        message = refused(read_pool, path, spool_folder=tmp_path / "spool")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "disk is full" in message


def test_names_tell_the_compression_to_write():
    assert [compression_of_name(f"a.csv{row.extension.upper()}") for row in COMPRESSIONS] == list(COMPRESSIONS)
    assert compression_of_name("a.csv") is None
