"""Every mistake a user can make is one sentence and exit code 2, before any costly work is done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Alps

ARTICLES = "articles.csv"

MISTAKES = {
    "no such file": (["nothing.csv"], "nothing.csv"),
    "a folder": (["."], "is a folder"),
    "an empty file": (["empty.csv"], "empty.csv is empty"),
    "not UTF-8": (["latin.csv"], "latin.csv"),
    "only a header": (["header.csv"], "no rows"),
    "not a demo": (["bbc-old"], "bbc-news"),
    "k of nothing": ([ARTICLES, "-k", "0"], "k is 0; ask for at least 1 text."),
    "a negative k": ([ARTICLES, "-k", "-3"], "k is -3"),
    "no token": ([ARTICLES, "--evaluated-fraction", "0"], "fraction 0.0"),
    "too many tokens": ([ARTICLES, "--evaluated-fraction", "1.5"], "fraction 1.5"),
    "not a number": ([ARTICLES, "--evaluated-fraction", "nan"], "fraction nan"),
    "no such strategy": ([ARTICLES, "--strategy", "magic"], "choose one of alps, alps-kmeans++, "),
    "no such preset": ([ARTICLES, "--kmeans", "magic"], "choose one of default, paper, released"),
    "no such type": ([ARTICLES, "--dtype", "int4"], "choose one of auto, float32, bfloat16, float16"),
    "no such device": ([ARTICLES, "--device", "abacus"], "use --device cpu or auto"),
    "no such pooling": (
        [ARTICLES, "--strategy", "bert-km", "--pooling", "max"],
        "choose one of auto, cls, mean, pooler",
    ),
    "no such model folder": ([ARTICLES, "--model", "./nowhere"], "./nowhere"),
    "a model not here": ([ARTICLES, "--model", "someone/something"], "hf download someone/something"),
    "too short": ([ARTICLES, "--max-length", "2"], "use at least 3"),
    "too long": ([ARTICLES, "--max-length", "129"], "reads at most 128 tokens; lower --max-length"),
    "no room": ([ARTICLES, "--max-length", "-1"], "--max-length"),
    "no tokens at once": ([ARTICLES, "--tokens-per-batch", "0"], "tokens_per_batch is 0"),
    "no such column": ([ARTICLES, "--text-column", "body"], "choose --text-column from: id, title, text, topic"),
    "no such id column": ([ARTICLES, "--id-column", "key"], "key"),
    "ids that repeat": ([ARTICLES, "--id-column", "topic"], "topic"),
    "no such format": ([ARTICLES, "--format", "word"], "choose --format from"),
    "nothing to exclude": ([ARTICLES, "--exclude", "nothing.csv"], "nothing.csv"),
    "everything excluded": ([ARTICLES, "--exclude", ARTICLES], "there is nothing left to choose"),
    "no such output folder": ([ARTICLES, "-o", "no/queries.csv"], "The folder no does not exist"),
    "output is a folder": ([ARTICLES, "-o", "."], "is a folder; name a file to write"),
    "output is the input": ([ARTICLES, "-o", ARTICLES], "exists already"),
    "output is no CSV": ([ARTICLES, "-o", "queries.xlsx"], "choose a name that ends in .csv"),
    "the cache is a file": ([ARTICLES, "--cache-dir", "empty.csv"], "empty.csv"),
    "a negative seed": ([ARTICLES, "--seed", "-1"], "seed"),
}


@pytest.fixture
def files(csv_file: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "header.csv").write_bytes(b"id,text\n")
    (tmp_path / "latin.csv").write_bytes("id,text\n1,caf\u00e9\n".encode("latin-1"))


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence(mistake: str, alps: Alps, tiny: list[str], tmp_path: Path) -> None:
    arguments, said = MISTAKES[mistake]
    model = [] if "--model" in arguments else tiny
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    result = alps("select", *model, *arguments)
    assert (result.code, result.out) == (2, ""), result.err
    (line,) = result.err.splitlines()  # and nothing was computed first
    assert line.startswith("Error: ")
    assert said in line
    assert re.search(r"[.!']$|hf download \S+$", line)
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("where", [0, 1, 2, 4])
def test_debug_anywhere_on_the_line_shows_the_traceback(where: int, alps: Alps) -> None:
    arguments = ["select", ARTICLES, "--strategy", "magic"]
    result = alps(*arguments[:where], "--debug", *arguments[where:])
    assert result.code not in (0, 130)
    assert "Traceback (most recent call last)" in result.err
    assert result.err.splitlines()[-1].startswith("alps.base.errors.AlpsError: There is no strategy 'magic'")


@pytest.mark.parametrize(
    "arguments", [["select"], ["selct", "a.csv"], ["select", "a.csv", "--speed"], ["select", "a.csv", "-k", "many"]]
)
def test_a_misspelt_command_line_is_told_without_traceback(arguments: list[str], alps: Alps) -> None:
    result = alps(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in result.err


def test_the_installed_command_says_it_as_well(alps: Alps) -> None:
    result = alps("select", "bbc-news", "-o", "no/queries.csv", real=True)
    assert (result.code, result.out) == (2, "")
    assert result.err == "Error: The folder no does not exist; make it first or write elsewhere.\n"


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    "arguments",
    [["red\x07\u202e.csv"], [ARTICLES, "-o", "red\x07\u202e/queries.csv"], [ARTICLES, "--strategy", "red\x07\u202e"],
     [ARTICLES, "--model", "./red\x07\u202e"], [ARTICLES, "--exclude", "red\x07\u202e.csv"]],
)  # fmt: skip
def test_a_name_cannot_speak_to_the_terminal(arguments: list[str], alps: Alps) -> None:
    result = alps("select", *arguments)
    assert result.code == 2
    assert "\x07" not in result.err
    assert "\u202e" not in result.err
    assert "red" in result.err
