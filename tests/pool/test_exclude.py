import pyarrow as pa
import pytest

from alps.pool.exclude import excluded_rows
from alps.pool.read import read_pool
from alps.pool.write import write_table

TEXTS = ["good", "bad", "good", "=SUM(1)", "so, so"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("text,label\nbad,neg\n", [1]),
        ("text,label\ngood,pos\n", [0, 2]),  # exact copies go with it
        ("sentence,label\nbad,neg\n", [1]),
        ("text,label\n'=SUM(1),neg\n", [3]),  # the guard of our own CSV
        ("text,label\n=SUM(1),neg\n", [3]),
        ('text,label\n"so, so",neg\nunknown,pos\n', [4]),
    ],
)
def test_texts_are_excluded(write_file, content, expected):
    excluded = excluded_rows(read_pool(TEXTS), write_file("labelled.csv", content))
    assert excluded.nonzero()[0].tolist() == expected
    assert excluded.dtype == bool


def test_made_ids_are_excluded_with_their_copies(write_file):
    pool = read_pool(TEXTS)
    path = write_file("labelled.csv", f"id,label\n{pool.ids[2].as_py()},pos\n")
    assert excluded_rows(pool, path).nonzero()[0].tolist() == [0, 2]


@pytest.mark.parametrize("name", ["doc", "id"])
def test_given_ids_are_excluded(write_file, name):
    pool = read_pool(pa.table({"text": TEXTS, "doc": [11, 12, 13, 14, 15]}), id_column="doc")
    path = write_file("labelled.csv", f"label,{name}\nneg,12\npos,15\n")
    assert excluded_rows(pool, path).nonzero()[0].tolist() == [1, 4]


def test_ids_and_texts_add_up(write_file):
    pool = read_pool(pa.table({"text": TEXTS, "id": list("abcde")}))
    path = write_file("labelled.csv", "id,text\nb,bad\nz,good\n")
    assert excluded_rows(pool, path).nonzero()[0].tolist() == [0, 1, 2]


def test_a_text_decides_whatever_number_its_row_has(write_file):
    pool = read_pool(pa.table({"text": TEXTS, "id": list("abcde")}))
    path = write_file("labelled.csv", "id,text\na,bad\nd,changed\ne,\n")
    assert excluded_rows(pool, path).nonzero()[0].tolist() == [1, 3, 4]


def test_json_lines_with_ids_alone(write_file):
    pool = read_pool(pa.table({"text": TEXTS, "id": list("abcde")}))
    assert excluded_rows(pool, write_file("a.jsonl", '{"id": "b", "label": "x"}')).nonzero()[0].tolist() == [1]


def test_lists_and_tables_exclude_too():
    pool = read_pool(TEXTS)
    assert excluded_rows(pool, ["bad", None]).nonzero()[0].tolist() == [1]
    assert excluded_rows(pool, pa.table({"id": [pool.ids[1].as_py()]})).nonzero()[0].tolist() == [1]


def test_what_we_wrote_excludes_exactly_itself(tmp_path):
    texts = ["=1+1", "'=1+1", "-", "@home", "\ttab", "plain", 'quo"te', "line\nbreak", "back\rback", "+49 30"]
    pool = read_pool(texts)
    for row in range(len(texts)):
        table = pool.take([row]).append_column("id", pool.ids.take(pa.array([row])))
        write_table(table.select(["id", "text"]), tmp_path / "queries.csv", force=True)
        assert excluded_rows(pool, tmp_path / "queries.csv")[row]
    write_table(pool.take([2, 5]), tmp_path / "queries.csv", force=True)
    assert excluded_rows(pool, tmp_path / "queries.csv").nonzero()[0].tolist() == [2, 5]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("id,label\n1,pos\n2,neg\n", ["none of its 2 rows", "compared: id"]),
        ("id,text\n1,nothing\n", ["none of its 1 rows", "compared: id and text"]),
        ("a,b\ngood,bad\n", ["its columns: a, b", "call one as in the pool, 'text' with texts."]),
        ("text\n", ["no rows"]),
    ],
)
def test_a_file_that_excludes_nothing_is_refused(refused, write_file, content, expected):
    message = refused(excluded_rows, read_pool(TEXTS), write_file("labelled.csv", content))
    assert "labelled.csv" in message
    for part in expected:
        assert part in message


def test_what_a_file_must_have_is_told_by_the_columns_of_the_pool(refused, write_file):
    pool = read_pool(pa.table({"id": [1, 2], "review": ["good", "bad"], "stars": [5, 1]}))
    message = refused(excluded_rows, pool, write_file("two.csv", "a,b\ngood,bad\n"))
    assert message.endswith("(its columns: a, b); call one as in the pool, 'review' with texts or 'id' with ids.")
    assert "--text-column" not in message  # which would choose a column of the pool
    for called in ("review", "id"):
        path = write_file("two.csv", f"a,{called}\n1,{'good' if called == 'review' else 1}\n")
        assert excluded_rows(pool, path).tolist() == [True, False]
