import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alps.base.errors import AlpsError
from alps.pool.input_file import open_input
from alps.pool.json_scanner import JsonScanner
from alps.pool.read import read_pool

CHARACTERS = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | CHARACTERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('ab\u00e9\n"', max_size=3), inner, max_size=4),
    max_leaves=12,
)
ROWS = [{"text": "one", "n": 1, "tags": ["x", {"y": None}]}, {"text": None}, {"text": "two\n\u00e9", "more": True}]
TABLE = [
    {"text": "one", "n": "1", "tags": '["x", {"y": null}]', "more": None},
    {"text": "two\n\u00e9", "n": None, "tags": None, "more": "true"},
]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "document",
    [
        ROWS,
        {"data": ROWS},
        {"version": "1.0", "count": 3, "meta": {"lists": [1, 2]}, "rows": ROWS, "end": None},
    ],
)
def test_an_array_of_objects_is_found(write_file, document, indent):
    pool = read_pool(write_file("a.json", json.dumps(document, indent=indent, ensure_ascii=indent is None)))
    assert pool.table.to_pylist() == TABLE
    assert pool.row_numbers.tolist() == [0, 2]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("document", [["one", None, "two"], {"texts": ["one", None, "two"]}])
def test_an_array_of_strings_is_a_column_of_texts(write_file, document, indent):
    pool = read_pool(write_file("a.json", json.dumps(document, indent=indent)))
    assert pool.texts.to_pylist() == ["one", "two"]
    assert pool.text_column == "text"


@pytest.mark.parametrize(
    "content",
    [
        '{"text": "one", "tags": ["x"]}\n{"text": "two", "spans": [{"start": 1}]}\n',
        '\n\n  {"text": "one"}\r\n\n{"text": "two"}',
        '\ufeff{"text": "one"}\n{"text": "two"}',
    ],
)
def test_json_lines_are_read_under_that_name_too(write_file, content):
    assert read_pool(write_file("a.json", content)).texts.to_pylist() == ["one", "two"]


def test_one_object_without_an_array_is_one_row(write_file):
    assert read_pool(write_file("a.json", '{"text": "one", "n": {"x": 1}}\n\n')).texts.to_pylist() == ["one"]


def test_one_line_with_a_text_and_an_array_is_one_row(write_file):
    path = write_file("a.json", '{"text": "one", "body": "two", "tags": ["x", "y"]}\n')
    assert read_pool(path).table.to_pylist() == [{"text": "one", "body": "two", "tags": ["x", "y"]}]
    assert read_pool(path, text_column="body").texts.to_pylist() == ["two"]
    of_objects = write_file("b.json", '{"text": "one", "spans": [{"start": 1}]}')
    assert read_pool(of_objects).texts.to_pylist() == ["one"]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_text_that_stands_over_rows_with_texts_is_none_of_them(write_file, indent):
    document = {"text": "about", "rows": [{"text": "one"}, {"text": "two"}]}
    assert read_pool(write_file("a.json", json.dumps(document, indent=indent))).texts.to_pylist() == ["one", "two"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{\n"text": "a",\n"tags": ["x", "y"]}', ["'text'", "'tags'", "one object a line"]),
        ('{\n"tags": ["x", "y"],\n"text": "a"}', ["'text'", "'tags'", "one object a line"]),
        ('[{"text": "a", "\\ud800": 1}]', ["item 1", "surrogate", "the key"]),
        ('[{"text": "a"},\n {"text": "b" "c"}]', ["line 2, column 15"]),
        ('[{"text": "a"},\n {"text": "b"},]', ["line 2, column 16"]),
        ('[{"text": "a"}\n {"text": "b"}]', ["line 2, column 2", "']' expected"]),
        ('[{"text": "a"}', ["line 1, column 15", "']' expected"]),
        ('[{"text": "a', ["line 1, column 11", "Unterminated string"]),
        ('[{"text": "a"}]\n[]', ["line 2, column 1", "follows the end"]),
        ('{"data": [{"text": "a"}], "data2": [{"text": "b"}]}', ["'data' and 'data2'"]),
        ('{"data": [{"text": "a"}]', ["line 1, column 25", "'}' expected"]),
        ('{\n"data" [{"text": "a"}]}', ["line 2, column 8", "':' expected"]),
        ("{data: []}", ["line 1, column 2", "a key expected"]),
        ('{\n"text": "a"\n}\n', ["without an array"]),
        ('[{"text": "a"}, 5]', ["item 2", "a number"]),
        ('[["a"]]', ["item 1", "an array"]),
        ('[{"text": "a"}, {"text": 5}]', ["item 2", "'text' is a number"]),
        ('[{"text": "a"}, {"text": "\\ud800"}]', ["item 2", "surrogate"]),
        ("[" * 100_000, ["line 1", "nested too deeply"]),
        ("[" + "9" * 5000 + "]", ["number too long"]),
        ("[]", ["no rows"]),
        ('{"data": []}', ["no rows"]),
        ('"text"', ["'{' expected"]),
        ("   \n ", ["line 2", "'{' expected"]),
        ("hello", ["line 1, column 1", "'{' expected"]),
        ('[{"a": "b", "c": "d"}]', ["a, c", "--text-column"]),
    ],
)
def test_what_is_wrong_is_named(refused, write_file, content, expected):
    message = refused(read_pool, write_file("a.json", content))
    assert "a.json" in message
    for part in expected:
        assert part in message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'[{"text": "a"},\n{"text": "caf\xe9"}]', ["line 2", "0xe9", "offset 13"]),
        (b'[{"text": "caf\xc3', ["line 1", "0xc3", "offset 14"]),
        (b'[{"text": "a\0b", "label": "a longer line of text"}]', ["line 1", "NUL byte", "offset 12"]),
        ('[{"text": "a"}]'.encode("utf-16"), ["UTF-16"]),
        ('[{"text": "a"}]'.encode("utf-16-le"), ["UTF-16"]),
    ],
)
def test_what_is_not_utf8_is_named(refused, write_file, content, expected):
    message = refused(read_pool, write_file("a.json", content))
    for part in expected:
        assert part in message


@settings(deadline=None, max_examples=200)
@given(
    values=st.lists(JSON, max_size=6),
    indent=st.sampled_from([None, 0, 3]),
    ascii_only=st.booleans(),
    size=st.integers(1, 9),
)
def test_any_array_is_scanned_whatever_the_pieces(tmp_path_factory, values, indent, ascii_only, size):  # fmt: skip
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_bytes(json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode())
    file = open_input(path)
    scanner = JsonScanner(file, size)
    assert [scanner.value() for _ in scanner.members("[", "]")] == values
    assert scanner.peek() == ""


@settings(deadline=None, max_examples=200)
@given(content=st.text('[]{},:"\\u08ab \n\u00e9', max_size=30), size=st.integers(1, 9))
def test_the_pieces_do_not_change_what_is_wrong(tmp_path_factory, content, size):
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(f"[{content}", encoding="utf-8")
    assert _told(path, size) == _told(path, 1 << 20)


def _told(path, piece_bytes):
    file = open_input(path)
    scanner = JsonScanner(file, piece_bytes)
    try:
        return [scanner.value() for _ in scanner.members("[", "]")]
    except AlpsError as error:
        return str(error)


def test_a_large_document_takes_little_memory(write_file):
    items = ", ".join(f'{{"text": "text {number}", "filler": "{"x" * 500}"}}' for number in range(40_000))
    path = write_file("a.json", f'{{"data": [{items}]}}')
    size = path.stat().st_size
    del items
    file = open_input(path)
    scanner = JsonScanner(file)
    tracemalloc.start()
    scanner.take("{")
    scanner.value()
    scanner.take(":")
    n_items = sum(scanner.value() is not None for _ in scanner.members("[", "]"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert n_items == 40_000
    assert peak < size / 2


def test_one_long_text_is_read_in_time_that_is_linear(write_file):
    path = write_file("a.json", json.dumps([{"text": "word " * (10 << 20)}, "short"]))
    assert [len(text) for text in read_pool(path).texts.to_pylist()] == [50 << 20, 5]
