import pyarrow as pa
import pytest

from alps.pool.columns import find_text_column
from alps.pool.read import read_pool


@pytest.mark.parametrize(
    ("names", "wanted", "found"),
    [
        (["label", "text"], None, "text"),
        (["label", "Text"], None, "Text"),
        (["text", "review"], None, "text"),
        (["text", "review"], "review", "review"),
        (["whatever"], None, "whatever"),
        (["label", "sentence"], None, "sentence"),
        (["id", "Tweet", "user"], None, "Tweet"),
    ],
)
def test_text_column_is_found_when_there_is_no_doubt(names, wanted, found):
    assert find_text_column(names, wanted, "pool.csv") == found


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["a", "b"], None),
        (["review", "sentence"], None),
        (["text", "TEXT"], None),
        (["text", "label"], "Text"),
    ],
)
def test_doubt_lists_the_columns(refused, names, wanted):
    message = refused(find_text_column, names, wanted, "pool.csv")
    assert "pool.csv" in message
    assert "--text-column" in message
    assert ", ".join(names) in message


def test_column_names_from_a_file_are_harmless_in_messages(refused):
    assert "\x1b" not in refused(find_text_column, ["\x1b[31mred", "b\n"], None, "pool.csv")


@pytest.mark.parametrize("values", [[1, 2], [1.5, None], [b"a", b"b"], [["a"], ["b"]]])
def test_a_column_of_another_type_holds_no_texts(refused, values):
    column = pa.array(values)
    message = refused(read_pool, pa.table({"text": column}))
    assert str(column.type) in message
    assert "'text'" in message
