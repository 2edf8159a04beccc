import datetime

import pyarrow as pa
import pytest

from alps.pool.unite import unite


@pytest.mark.parametrize(
    ("first", "second", "united"),
    [
        ([1], ["x"], ["1", "x"]),
        ([1], [0.5], [1.0, 0.5]),
        ([2**53 + 1], [0.5], [str(2**53 + 1), "0.5"]),
        ([None], [1], [None, 1]),
        ([True], [1], ["true", "1"]),
        ([["a"]], ["x"], ['["a"]', "x"]),
        ([["a"]], [["b", None]], [["a"], ["b", None]]),
        ([datetime.date(2020, 1, 2)], ["x"], ["2020-01-02", "x"]),
    ],
)
def test_types_that_differ_are_brought_together(first, second, united):
    table = unite([pa.table({"a": first}), pa.table({"a": second})])
    assert table["a"].to_pylist() == united


def test_widths_are_joined():
    table = unite([pa.table({"a": pa.array([1], pa.int8())}), pa.table({"a": pa.array([2**40], pa.int64())})])
    assert table["a"].type == pa.int64()


def test_columns_are_united_in_the_order_in_which_they_come():
    table = unite([pa.table({"b": [1], "a": [2]}), pa.table({"c": [3], "b": [4]})])
    assert table.to_pydict() == {"b": [1, 4], "a": [2, None], "c": [None, 3]}


def test_nothing_is_an_empty_table():
    assert unite([]).num_rows == 0
