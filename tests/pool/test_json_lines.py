import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alps.pool import json_lines, text_file
from alps.pool.read import read_pool


def test_strings_stay_null_stays_and_the_rest_is_json(write_file):
    lines = [
        {"text": "a", "label": None, "score": 1.5},
        {"text": "b", "label": "x", "tags": ["é", 2]},
        {"text": None},
    ]
    pool = read_pool(write_file("a.jsonl", "\n\n".join(json.dumps(line) for line in lines)))
    assert pool.table.to_pylist() == [
        {"text": "a", "label": None, "score": "1.5", "tags": None},
        {"text": "b", "label": "x", "score": None, "tags": '["é", 2]'},
    ]
    assert (pool.n_read, pool.n_empty) == (3, 1)


def test_arrays_of_strings_are_lists_where_a_key_has_nothing_else(write_file):
    lines = ['{"text": "a", "tags": ["x", null], "by": ["u"]}', '{"text": "b", "by": "v"}', '{"text": "c", "tags": []}']
    assert read_pool(write_file("a.jsonl", "\n".join(lines))).table.to_pylist() == [
        {"text": "a", "tags": ["x", None], "by": '["u"]'},
        {"text": "b", "tags": None, "by": "v"},
        {"text": "c", "tags": [], "by": None},
    ]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["null", '["x"]', "[]"], [None, ["x"], []]),
        (['["x"]', '"y"', "null"], ['["x"]', "y", None]),
        (["[]", "[1]", "null"], ["[]", "[1]", None]),
    ],
)
def test_where_the_blocks_are_cut_does_not_decide_what_a_column_is(monkeypatch, write_file, tags, expected):
    whole = text_file.line_blocks
    path = write_file("a.jsonl", "".join(f'{{"text": "a", "tags": {value}}}\n' for value in tags))
    assert read_pool(path).table["tags"].to_pylist() == expected
    monkeypatch.setattr(json_lines, "line_blocks", lambda file: whole(file, 1))
    assert read_pool(path).table["tags"].to_pylist() == expected


def test_columns_grow_from_block_to_block(monkeypatch, write_file):
    whole = text_file.line_blocks
    monkeypatch.setattr(json_lines, "line_blocks", lambda file: whole(file, 1))
    path = write_file("a.jsonl", '{"text": "a"}\n{"b": "1", "text": "c"}\n{"text": "d", "e": "2"}\n')
    assert read_pool(path).table.to_pydict() == {
        "text": ["a", "c", "d"],
        "b": [None, "1", None],
        "e": [None, None, "2"],
    }


def test_the_column_asked_for_may_come_late(monkeypatch, write_file):
    whole = text_file.line_blocks
    monkeypatch.setattr(json_lines, "line_blocks", lambda file: whole(file, 1))
    path = write_file("a.jsonl", '{"label": "a"}\n{"label": "b", "words": "c"}\n')
    assert read_pool(path, text_column="words").texts.to_pylist() == ["c"]


@settings(deadline=None)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])).filter(str.strip), min_size=1, max_size=6),
    ascii_only=st.booleans(),
)
def test_any_string_is_read_back(tmp_path_factory, texts, ascii_only):
    path = tmp_path_factory.mktemp("json") / "a.jsonl"
    lines = [json.dumps({"text": text}, ensure_ascii=ascii_only) for text in texts]
    path.write_bytes("\n".join(lines).encode())
    assert read_pool(path).texts.to_pylist() == texts


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"text": "a"}\n{"text": "b",}\n', ["line 2", "column 14"]),
        ('{"text": "a"}\n{"text": 5}\n', ["line 2", "'text'", "a number"]),
        ('{"text": "a"}\n{"text": true}\n', ["line 2", "true or false"]),
        ('{"text": "a"}\n{"text": ["b"]}\n', ["line 2", "an array"]),
        ('{"text": "a"}\n"b"\n', ["line 2", "a string"]),
        ('{"text": "a"}\nnull\n', ["line 2", "null"]),
        ('[{"text": "a"}]\n', ["line 1", "an array", "one object a line"]),
        ('[\n{"text": "a"}\n]\n', ["line 1", "array", "one object a line"]),
        ('{"text": "a"}\n{"text": "\\ud800"}\n', ["line 2", "surrogate", "'text'"]),
        ('{"text": "a"}\n{"text": "b", "tags": ["x", "\\ud800"]}\n', ["line 2", "surrogate", "'tags'"]),
        ('{"text": "a"}\n{"text": "b", "\\ud800": 1}\n', ["line 2", "surrogate", "the key"]),
        ('{"text": "a"}\n' + "[" * 100_000 + "\n", ["line 2"]),
        ('{"text": "a", "n": ' + "9" * 5000 + "}\n", ["line 1"]),
        ('{"a": "b", "c": "d"}\n', ["a, c", "--text-column"]),
        ("\n \n", ["no rows"]),
        ("{}\n", ["no rows"]),
        ('{"text": null}\n', ["all 1 rows"]),
    ],
)
def test_bad_lines_are_named(refused, write_file, content, expected):
    message = refused(read_pool, write_file("a.jsonl", content))
    assert "a.jsonl" in message
    for part in expected:
        assert part in message


def test_a_column_that_never_comes_is_refused(refused, write_file):
    assert "'words'" in refused(read_pool, write_file("a.jsonl", '{"text": "a"}\n'), text_column="words")


def test_every_line_with_keys_of_its_own_is_refused(refused, write_file):
    content = "".join(f'{{"text": "a", "key{number}": 1}}\n' for number in range(5000))
    assert "different keys" in refused(read_pool, write_file("a.jsonl", content))
