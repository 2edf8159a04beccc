import gc
import os

import pyarrow as pa
import pytest

from alps.pool.read import read_pool
from alps.pool.spool import spool


def batch(**columns):
    return pa.record_batch({name: pa.array(values, pa.large_string()) for name, values in columns.items()})


@pytest.mark.parametrize("in_memory", [0, 1 << 20])
def test_batches_come_back_in_order_and_missing_columns_are_null(tmp_path, in_memory):
    batches = [
        batch(a=["1", "2"]),
        batch(a=["3"]),
        batch(a=[]),
        batch(a=["4"], b=["x"]),
        batch(a=["5"], b=[None]),
    ]
    table = spool(iter(batches), tmp_path, in_memory)
    assert table.to_pydict() == {"a": ["1", "2", "3", "4", "5"], "b": [None, None, None, "x", None]}


def test_a_large_pool_takes_no_memory_and_leaves_no_file(tmp_path):
    texts = ["x" * 1000] * 1000
    before = pa.total_allocated_bytes()
    table = spool((batch(text=texts) for _ in range(50)), tmp_path)
    gc.collect()
    assert table.nbytes > 50_000_000
    assert pa.total_allocated_bytes() - before < 5_000_000
    assert list(tmp_path.iterdir()) == []
    assert table["text"][49_999].as_py() == texts[0]


def test_a_spooled_pool_is_the_same_pool(tmp_path, write_file):
    path = write_file("a.csv", "id,text\n" + "".join(f"{number},text {number % 9000}\n" for number in range(10_000)))
    large, small = read_pool(path, spool_folder=tmp_path), read_pool(path)
    assert large.fingerprint == small.fingerprint
    assert large.table.equals(small.table)


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of files")
def test_a_full_disk_is_explained_and_nothing_is_left(tmp_path, refused):
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        message = refused(spool, (batch(text=["x" * 1000] * 1000) for _ in range(3)), tmp_path, 0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "disk is full" in message
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_made(tmp_path):
    table = spool([batch(text=["x"])], tmp_path / "not" / "yet", 0)
    assert table.to_pydict() == {"text": ["x"]}
    assert list((tmp_path / "not" / "yet").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path, refused):
    (tmp_path / "file").touch()
    assert "nowhere" in refused(spool, [batch(text=["x"])], tmp_path / "file" / "nowhere", 0)
