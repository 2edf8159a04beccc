import os
from pathlib import Path

import pyarrow as pa
import pytest

from alps.pool.exclude import excluded_rows
from alps.pool.places import find_places
from alps.pool.read import read_pool
from alps.pool.write import write_table


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Three files, one of them deeper, and another."""
    (tmp_path / "deep").mkdir()
    for name, text in (("b.csv", "two"), ("a.csv", "one"), ("deep/c.csv", "three"), ("other.txt", "four")):
        (tmp_path / name).write_text(f"text\n{text}\n" if name.endswith(".csv") else text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("*.csv", ["one", "two"]),
        ("[ab].csv", ["one", "two"]),
        ("?.csv", ["one", "two"]),
        ("**/*.csv", ["one", "two", "three"]),
        ("*/*.csv", ["three"]),
        ("d*/c.csv", ["three"]),
    ],
)
def test_a_pattern_names_files_sorted_by_name(folder, pattern, texts):
    assert read_pool(pattern).texts.to_pylist() == texts
    assert read_pool(str(folder / pattern)).texts.to_pylist() == texts


def test_a_pattern_that_matches_nothing_is_refused(refused, folder):
    message = refused(read_pool, "data/*.csv")
    assert "No file matches 'data/*.csv'" in message
    assert "list" in refused(read_pool, "is this a text?")


def test_a_file_with_brackets_in_its_name_wins(folder):
    Path("[ab].csv").write_text("text\nbrackets\n", encoding="utf-8")
    assert read_pool("[ab].csv").texts.to_pylist() == ["brackets"]


def test_a_path_is_no_pattern(refused, folder):
    assert "does not exist" in refused(read_pool, folder / "*.csv")


def test_a_list_of_paths_is_files_and_a_list_of_strings_is_texts(refused, folder):
    paths = [folder / "b.csv", folder / "a.csv"]
    assert read_pool(paths).texts.to_pylist() == ["two", "one"]
    assert read_pool(tuple(paths)).source == f"{paths[0]} and 1 more"
    assert read_pool(["b.csv", "a.csv"]).texts.to_pylist() == ["b.csv", "a.csv"]
    assert "item 1" in refused(read_pool, ["b.csv", Path("a.csv")])
    assert find_places([]) is None


def test_one_of_several_files_may_be_missing(refused, folder):
    assert "c.csv does not exist" in refused(read_pool, [folder / "a.csv", folder / "c.csv"])


def test_a_wrong_name_is_refused_before_anything_is_read(refused, folder):
    assert "other" in refused(read_pool, [folder / "a.csv", folder / "other"])
    (folder / "README").write_text("x", encoding="utf-8")
    assert "README" in refused(read_pool, "*[!t]")


def test_row_numbers_run_over_all_files(folder):
    (folder / "a.csv").write_text("text\nzero\n \none\n", encoding="utf-8")
    pool = read_pool("*.csv")
    assert pool.row_numbers.tolist() == [0, 2, 3]
    assert (pool.n_read, pool.n_empty) == (4, 1)
    assert pool.source == "*.csv (2 files)"


def test_columns_are_united_and_files_may_be_of_different_formats(tmp_path):
    first = pa.table({"text": ["one"], "stars": [5], "day": ["Monday"]})
    second = pa.table({"text": ["two"], "stars": [4], "user": ["x"]})
    write_table(first, tmp_path / "a.parquet")
    write_table(second, tmp_path / "b.csv.gz")
    write_table(second, tmp_path / "c.xlsx")
    assert read_pool(str(tmp_path / "*")).table.to_pydict() == {
        "text": ["one", "two", "two"],
        "stars": ["5", "4", "4"],
        "day": ["Monday", None, None],
        "user": [None, "x", "x"],
    }


def test_the_text_column_is_the_same_one_in_all_files(refused, folder):
    (folder / "b.csv").write_text("review,label\ntwo,x\n", encoding="utf-8")
    message = refused(read_pool, "*.csv")
    assert "b.csv has no column 'text'" in message
    assert "a.csv has its texts" in message


def test_the_column_asked_for_is_named_with_the_file_that_lacks_it(refused, folder):
    assert "a.csv has no column 'review'" in refused(read_pool, "*.csv", text_column="review")


def test_an_id_that_two_files_have_names_both(refused, folder):
    (folder / "a.csv").write_text("id,text\n1,one\n2,two\n", encoding="utf-8")
    (folder / "b.csv").write_text("id,text\n3,one\n\n1,two\n", encoding="utf-8")
    message = refused(read_pool, "*.csv")
    assert "b.csv, row 2: the id '1' in column 'id' is also that of a.csv, row 1" in message


def test_an_id_that_one_file_lacks_names_it(refused, folder):
    (folder / "a.csv").write_text("id,text\n1,one\n", encoding="utf-8")
    assert "b.csv, row 1: the id in column 'id' is empty" in refused(read_pool, "*.csv")


def test_several_files_exclude(folder):
    pool = read_pool(["one", "two", "three", "five"])
    assert excluded_rows(pool, "*.csv").nonzero()[0].tolist() == [0, 1]
    assert excluded_rows(pool, [Path("deep/c.csv"), Path("a.csv")]).nonzero()[0].tolist() == [0, 2]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_to_nothing_is_explained(refused, folder):
    (folder / "link.csv").symlink_to(folder / "gone.csv")
    for source in ("link.csv", folder / "link.csv", "l*.csv"):
        message = refused(read_pool, source)
        assert "link.csv is a link to a file that does not exist" in message


def test_a_folder_says_how_to_name_its_files(refused, folder):
    assert f"deep{os.sep}*.csv" in refused(read_pool, "deep")
    assert "is a folder" in refused(read_pool, [folder / "deep"])


@pytest.mark.parametrize("option", ["split", "sheet"])
@pytest.mark.parametrize("source", ["a.csv", ["a text"]])
def test_an_option_that_means_nothing_here_is_refused(refused, folder, option, source):
    assert f"--{option}" in refused(read_pool, source, **{option: "x"})
