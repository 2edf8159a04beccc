"""Every row of the table of formats keeps the same promises."""

import datetime
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alps.base.text_safety import for_spreadsheet
from alps.pool import formats
from alps.pool.compression import COMPRESSIONS
from alps.pool.exclude import excluded_rows
from alps.pool.formats import FORMATS, format_called, format_of_name
from alps.pool.input_file import open_input
from alps.pool.read import read_pool
from alps.pool.write import check_name, write_table

WRITTEN = [row for row in FORMATS if row.writer is not None]
ENDINGS = [f"{row.extensions[0]}" for row in WRITTEN]
PACKED = [f"{row.extensions[0]}{packed.extension}" for row in WRITTEN if row.is_text for packed in COMPRESSIONS]
HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.sampled_from("ab '\",;=+-@#\t\n\r\0\u200b\ufeff\u2028\x1b\x85\uffff\U0001f4a9")),
    st.sampled_from(["=1+1", "#N/A", "_x000D_", "__x0041_", "1e5", "nan", "TRUE", "2020-01-01", " ", "a\r\nb"]),
)
COLUMNS = st.lists(st.one_of(st.none(), HOSTILE), min_size=1, max_size=6)


def read_back(path: Path) -> pa.Table:
    row = format_of_name(path.name)
    file = open_input(path)
    return pa.Table.from_batches(row.read(file, {}))


def as_read_back(text: str | None, ending: str) -> str | None:
    """What becomes of a text on its way through a file; the exceptions that the documentation names."""
    if ending.startswith((".csv", ".tsv")):
        return for_spreadsheet((text or "").replace("\0", "\ufffd"))
    if ending.startswith(".xlsx"):
        return text or None
    return text


@pytest.mark.parametrize("ending", [*ENDINGS, *PACKED])
def test_what_is_written_is_read_back(tmp_path_factory, ending):
    folder = tmp_path_factory.mktemp("written")

    @settings(deadline=None, max_examples=20 if ending in PACKED else 60)
    @given(texts=COLUMNS, alone=st.booleans())
    @example(texts=["ends with a return\r", "=1+1", ""], alone=True)
    @example(texts=['"quoted"', "a\tb", "x\ny"], alone=False)
    @example(texts=["\ufeffmark", "_x005F_x0041_", "#N/A"], alone=False)
    def check(texts: list[str | None], alone: bool) -> None:
        column = pa.array(texts, pa.large_string())
        table = pa.table({"text": column} if alone else {"\ufefffirst": column, "text": column, "last": column})
        if ending == ".xlsx":  # a row without a value is no row of a sheet
            table = table.append_column("n", pa.array(["x"] * len(texts), pa.large_string()))
        path = folder / f"table{ending}"
        write_table(table, path, force=True)
        again = read_back(path)
        assert again.schema.names == [as_read_back(name, ending) for name in table.schema.names]
        for name in again.schema.names:
            expected = ["x"] * len(texts) if name == "n" else [as_read_back(text, ending) for text in texts]
            assert again[name].to_pylist() == expected

    check()


@pytest.mark.parametrize("ending", ENDINGS)
def test_values_of_every_type_are_written(tmp_path, ending):
    table = pa.table(
        {
            "text": ["a", None],
            "whole": [3, None],
            "large": [2**53 + 1, -(2**62)],
            "broken": [0.25, float("nan")],
            "yes": [True, None],
            "time": [datetime.datetime(2020, 1, 2, 3, 4, 5), None],
            "tags": [["a", "\u00e9"], None],
            "kind": pa.array(["x", None]).dictionary_encode(),
        }
    )
    write_table(table, tmp_path / f"a{ending}")
    again = read_back(tmp_path / f"a{ending}")
    if ending in (".parquet", ".arrow"):
        assert again.to_pylist()[0] == table.to_pylist()[0]
        return
    assert {name: value or "" for name, value in again.to_pylist()[0].items()} == {
        "text": "a",
        "whole": "3",
        "large": "9007199254740993",
        "broken": "0.25",
        "yes": "true",
        "time": "2020-01-02 03:04:05.000000",
        "tags": ["a", "\u00e9"] if ending == ".jsonl" else '["a", "\u00e9"]',
        "kind": "x",
    }
    assert again["large"].to_pylist()[1] == str(-(2**62))


@pytest.mark.parametrize("ending", [*ENDINGS, *PACKED])
def test_a_written_file_excludes_its_rows(tmp_path, ending):
    pool = read_pool(["=1+1", "'=1", "-", "@home", "\ttab", "plain", 'quo"te', "line\nbreak", "back\rback"])
    for row in range(pool.n):
        write_table(pool.take([row]), tmp_path / f"labelled{ending}", force=True)
        assert excluded_rows(pool, tmp_path / f"labelled{ending}").nonzero()[0].tolist() == [row]


@pytest.mark.parametrize("ending", [*ENDINGS, *PACKED])
def test_equal_tables_give_equal_bytes(tmp_path, ending):
    if ending == ".xlsx":
        pytest.skip("a workbook holds the time at which it was written")
    table = pa.table({"text": ["a", "b"]})
    for name in "ab":
        write_table(table, tmp_path / f"{name}{ending}")
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_existing_file_is_safe(refused, tmp_path, ending):
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"mine")
    assert "--force" in refused(write_table, pa.table({"text": ["new"]}), path)
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize("ending", [ending for row in FORMATS for ending in row.extensions])
def test_an_ending_tells_one_format(ending):
    assert [row for row in FORMATS if ending in row.extensions] == [format_of_name(f"a.b{ending.upper()}")]
    assert format_of_name(f"a{ending}.gz") == format_of_name(f"a{ending}")


@pytest.mark.parametrize("name", ["a", ".csv", "a.gz", "a.csv.zip", "csv", "a.csv."])
def test_other_endings_tell_none(name):
    assert format_of_name(name) is None


def test_a_missing_package_is_named_before_anything_is_done(refused, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    monkeypatch.setattr(formats, "require", _require_nothing)
    message = refused(check_name, tmp_path / "a.xlsx")
    assert "'alps-learn[excel]'" in message
    (tmp_path / "a.xlsx").write_bytes(b"something")
    assert "'alps-learn[excel]'" in refused(read_pool, tmp_path / "a.xlsx")


def _require_nothing(package: str, extra: str) -> None:
    from alps.base.errors import AlpsError

    raise AlpsError(f"The package {package} is not installed; run: pip install 'alps-learn[{extra}]'")


def test_the_table_is_light():
    program = "import sys; from alps.pool.formats import FORMATS; print(len(FORMATS), 'pyarrow' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.split() == [str(len(FORMATS)), "False"]


def test_the_documentation_lists_the_table():
    page = (Path(__file__).parents[2] / "docs" / "pools.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    assert listed == [
        (
            row.name,
            " ".join(f"`{ending}`" for ending in row.extensions),
            row.description,
            "read and written" if row.writer else "read",
        )
        for row in FORMATS
    ]
    for row in COMPRESSIONS:
        assert f"`{row.extension}`" in page
    assert format_called("excel").needs[1] in page
