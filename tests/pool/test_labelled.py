"""Labels that a file gives to texts of a pool: by id, by text, to copies, and never two to one text."""

import pyarrow as pa
import pytest

from alps.base.errors import AlpsError
from alps.pool.labelled import labels_of
from alps.pool.read import read_pool

TEXTS = ["good", "bad", "good", "=SUM(1)", "so, so"]


def labels(source, **options):
    return labels_of(read_pool(TEXTS), source, **options).tolist()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("text,label\nbad,neg\n", [None, "neg", None, None, None]),
        ("text,label\ngood,pos\n", ["pos", None, "pos", None, None]),  # copies alike
        ("sentence,category\nbad, neg \n", [None, "neg", None, None, None]),
        ("text,label\n'=SUM(1),odd\n", [None, None, None, "odd", None]),  # the guard of our own CSV
        ("text,label\nbad,\ngood,1\n", ["1", None, "1", None, None]),  # a row without a label labels nothing
        ("text,label\nelsewhere,x\nbad,neg\n", [None, "neg", None, None, None]),
        ("text,label\nbad,neg\nbad,neg\n", [None, "neg", None, None, None]),
    ],
)
def test_labels_by_text(write_file, content, expected):
    assert labels(write_file("labelled.csv", content)) == expected


def test_a_text_decides_whatever_number_its_row_has(write_file):
    pool = read_pool(pa.table({"text": ["a", "b", "c"], "id": ["1", "2", "3"]}))
    path = write_file("labelled.csv", "id,text,label\n2,a,x\n9,c,y\n")
    assert labels_of(pool, path).tolist() == ["x", None, "y"]


def test_an_id_beside_a_text_that_is_not_of_the_pool_is_no_guess(write_file):
    pool = read_pool(pa.table({"text": ["a\r\nb", "c"], "id": ["1", "2"]}))
    other_white_space = write_file("labelled.csv", 'id,text,label\n1,"a\nb ",x\n2,,y\n')
    assert labels_of(pool, other_white_space).tolist() == ["x", "y"]
    another = write_file("labelled.csv", "id,text,label\n9,z,y\n2,d,x\n")
    with pytest.raises(AlpsError, match="row 2, not counting the header, has the id '2' of the pool and another text"):
        labels_of(pool, another)


def test_numbers_are_labels_too():
    table = pa.table({"text": ["bad", "good"], "label": [0, 1]})
    assert labels(table) == ["1", "0", "1", None, None]


def test_another_label_column(write_file):
    path = write_file("labelled.csv", "text,label,stars\nbad,x,1\n")
    assert labels(path, label_column="stars") == [None, "1", None, None, None]


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ("text,label\nbad,neg\nbad,pos\n", {}, "labelled.csv, row 2: its text is labelled 'pos', and in"),
        ("text,label\nnothing,neg\n", {}, "none of its 1 rows labels a text of the pool"),
        ("text,label\nbad,\n", {}, "none of its 1 rows labels a text of the pool"),
        (
            "text,stars\nbad,1\n",
            {},
            r"labelled.csv has no column named like a label \(label, labels, class, category, target\); add a column "
            r"'label', or name one with --label-column \(its columns: text, stars\).",
        ),
        (
            "text\nbad\n",
            {"text_column": "text"},
            "labelled.csv has no column with labels; it needs one",
        ),
        ("text,stars\nbad,1\n", {"text_column": "text"}, r"with --label-column \(its columns: stars\)"),
        ("text,label,class\nbad,1,2\n", {}, "holds the labels is not clear; choose --label-column from: label, class"),
        (
            "text,label\nbad,1\n",
            {"label_column": "Label"},
            "has no column 'Label'; choose --label-column from: text, label",
        ),
    ],
)
def test_mistakes_are_told(write_file, content, options, words):
    with pytest.raises(AlpsError, match=words):
        labels(write_file("labelled.csv", content), **options)


def test_several_labels_stand_in_one_field_or_in_a_list(write_file):
    path = write_file("labelled.csv", 'text,label\nbad,slow; dear ;slow\ngood,cheap\n"so, so",\n')
    expected = [("cheap",), ("dear", "slow"), ("cheap",), None, None]
    assert labels(path, multi_label=True) == expected
    assert labels(path)[1] == "slow; dear ;slow"  # one label, where nobody says that there may be several
    table = pa.table({"text": ["bad", "good", "so, so", "=SUM(1)"], "labels": [["slow", "dear"], ["cheap"], None, []]})
    assert labels(table) == [*expected[:3], (), None]  # an empty list is an answer: none of the classes


@pytest.mark.parametrize(
    ("name", "start", "between", "end"),
    [("a.jsonl", "", "\n", "\n"), ("a.json", "[", ",", "]"), ("b.json", "", "\n", "")],
)
def test_arrays_of_strings_in_json_are_lists_of_labels(write_file, name, start, between, end):
    lines = ['{"text": "bad", "label": ["slow", "dear", null]}', '{"text": "good", "label": []}', '{"text": "so, so"}']
    path = write_file(name, start + between.join(lines) + end)
    assert labels(path) == [(), ("dear", "slow"), (), None, None]
    pool = read_pool(path)
    assert labels_of(pool, pool.table).tolist() == [("dear", "slow"), (), None]  # as `alps train` asks


def test_what_looks_like_an_array_in_csv_is_a_label(write_file):
    path = write_file("labelled.csv", 'text,label\nbad,"[""x""]"\n')
    assert labels(path)[1] == '["x"]'


@pytest.mark.parametrize(
    "kind", [pa.list_(pa.string()), pa.large_list(pa.string()), pa.list_(pa.string(), 2), pa.list_view(pa.string())]
)
def test_a_list_is_several_labels_whatever_kind_it_is_and_null_is_none(kind):
    table = pa.table({"text": ["bad", "good"], "label": pa.array([["slow", "dear"], ["cheap", None]], kind)})
    assert labels(table) == [("cheap",), ("dear", "slow"), ("cheap",), None, None]


def test_nan_is_no_label():
    table = pa.table({"text": ["bad", "good"], "label": [float("nan"), 1.0]})
    assert labels(table) == ["1", None, "1", None, None]
    table = pa.table({"text": ["bad", "good"], "label": [[float("nan")], [1.0, float("nan")]]})
    assert labels(table)[:2] == [("1.0",), ()]


def test_the_order_of_several_labels_is_no_contradiction(write_file):
    path = write_file("labelled.csv", "text,label\nbad,a;b\nbad,b;a\n")
    assert labels(path, multi_label=True)[1] == ("a", "b")
    path = write_file("other.csv", "text,label\nbad,a;b\nbad,a\n")
    with pytest.raises(AlpsError, match=r"row 2: its text is labelled 'a', and in .*, row 1 'a;b'"):
        labels(path, multi_label=True)


def test_what_a_labelled_file_must_have_is_told_by_the_columns_of_the_pool(refused, write_file):
    pool = read_pool(pa.table({"id": [1, 2], "review": ["good", "bad"], "stars": [5, 1]}))
    for header, columns in (("a,b,label", "a, b"), ("label", "none")):
        path = write_file("labelled.csv", f"{header}\n{header}\n")
        message = refused(labels_of, pool, path)
        assert message.endswith(
            f"(its columns: {columns}); call one as in the pool, 'review' with texts or 'id' with ids."
        )
