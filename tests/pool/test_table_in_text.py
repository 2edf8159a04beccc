"""A note where plain text looks like a table, and none where it does not or was asked for."""

import warnings

import pytest

from alps.base.errors import AlpsWarning
from alps.pool.read import read_pool
from alps.pool.table_in_text import format_that_lines_look_like


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ('id,review,stars\n134,"if you are into this, fine",4\n135,Bad,1\n', "csv"),
        ('id,text\r\n1,"two\r\nlines"\r\n2,one\r\n', "csv"),
        (",text\n0,good\n1,bad\n", "csv"),  # the index that pandas writes
        ("\ntext;label\ngood, cheap;pos\n", "csv"),
        ('text\tlabel\nso "good\tpos\nbad\tneg\n', "tsv"),
        ('{"text": "a"}\n\n{"text": "b", "n": 1}\n', "jsonl"),
        ('[{"text": "a"},\n {"text": "b"}]\n', "json"),
        ('[\n  {\n    "text": "a"\n  }\n]\n', "json"),
    ],
)
def test_a_table_is_told(write_file, text, format):
    path = write_file("a.txt", text)
    with pytest.warns(AlpsWarning, match=f"a.txt is read as plain text, .* add --format {format} to read it as one"):
        read_pool(path)
    with warnings.catch_warnings(action="error"):
        read_pool(path, format="text")  # somebody said so
        read_pool(path, format=format)


@pytest.mark.parametrize(
    "text",
    [
        "Good, cheap\nBad, dear\nFair, square\n",
        "Great,really great.\nBad,really bad.\n",  # no name ends in a full stop
        "yes,no\none\n",
        "one,two,three\nfour,five\n",
        'id,text\n1,"never closed\n',
        "id,text\n",  # a header alone says little
        "3,4\n5,6\n",
        "a\tb\nc\n",
        '{"text": "a"}\nand so on\n',
        "{curly} text\n",
        "[MASK] is a text\n[1, 2]\n",
        "\ufeff",
        " \n\t\n",
    ],
)
def test_texts_are_texts(text):
    assert format_that_lines_look_like(text.split("\n")[:-1]) is None


def test_a_byte_order_mark_alone_is_no_table(refused, write_file):
    assert "a.txt" in refused(read_pool, write_file("a.txt", "\ufeff"))


def test_the_first_hundred_rows_decide():
    rows = ["id,text", *(f"{i},text" for i in range(100))]
    assert format_that_lines_look_like([*rows, "one, two, three"]) == "csv"
    assert format_that_lines_look_like([*rows[:-1], "one, two, three"]) is None
