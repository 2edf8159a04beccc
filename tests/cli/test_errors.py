"""Every mistake a user can make is one sentence and exit code 2, and nothing is left behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.bad_files import make_files, make_models
from tests.cli.conftest import Alps, write_as
from tests.processes import Result, run_alps

ARTICLES = "articles.csv"
RECIPE = "--config"
ALPS = ["--strategy", "alps"]

INPUT = {
    "no such file": (["nothing.csv"], "nothing.csv does not exist"),
    "no source": ([], "There is nothing to read; name a file"),
    "a folder": (["folder"], "folder is a folder"),
    "not a demo": (["bbc-old"], "bbc-news"),
    "a pattern of nothing": (["nothing-*.csv"], "No file matches 'nothing-*.csv'"),
    "one of several": ([ARTICLES, "nothing.csv"], "nothing.csv does not exist"),
    "a URL among several": ([ARTICLES, "https://example.org/a.csv"], "several sources must be files"),
    "an empty file": (["empty.csv"], "empty.csv is empty"),
    "only a header": (["header.csv"], "no rows"),
    "all empty": (["blank.csv"], "blank.csv"),
    "not UTF-8": (["latin.csv"], "latin.csv, line 3: byte 0xe9 at offset 5"),
    "UTF-16": (["utf-16.csv"], "UTF-16"),
    "binary": (["binary.csv"], "binary.csv is a binary file"),
    "zero characters": (["zeros.csv"], "zeros.csv, line 2: there is a NUL byte (0x00) at offset 3"),
    "a ragged row": (["ragged.csv"], "line 3: 4 fields found, 2 expected"),
    "a short row": (["short.csv"], "line 3: 2 fields found, 3 expected"),
    "a quote that never ends": (["quote.csv"], "quot"),
    "two candidate columns": (["two.csv"], "choose --text-column from: left, right"),
    "two columns of one name": (["twice.csv"], "text"),
    "no lines": (["nothing.jsonl"], "nothing.jsonl"),
    "a broken JSON line": (["broken.jsonl"], "line 2"),
    "a JSON line that is no object": (["list.jsonl"], "line 2"),
    "numbers for texts": (["number.jsonl"], "number.jsonl"),
    "NaN for a text": (["nan.jsonl"], "nan.jsonl"),
    "broken JSON": (["broken.json"], "broken.json"),
    "broken Parquet": (["broken.parquet"], "broken.parquet"),
    "a broken workbook": (["broken.xlsx"], "broken.xlsx"),
    "a broken gzip": (["broken.csv.gz"], "broken.csv.gz"),
    "different columns": ([ARTICLES, "without.csv"], "without.csv"),
    "no such column": ([ARTICLES, "--text-column", "body"], "choose --text-column from: id, title, text, topic"),
    "no such id column": ([ARTICLES, "--id-column", "key"], "key"),
    "ids that repeat": (["repeated.csv"], "repeated.csv"),
    "an id column that repeats": ([ARTICLES, "--id-column", "topic"], "topic"),
    "no such format": ([ARTICLES, "--format", "word"], "choose --format from"),
    "a split of a file": ([ARTICLES, "--split", "train"], "leave out --split"),
    "a sheet of a file": ([ARTICLES, "--sheet", "one"], "leave out --sheet"),
    "nothing to exclude": ([ARTICLES, "--exclude", "nothing.csv"], "nothing.csv"),
    "an exclusion that matches nothing": ([ARTICLES, "--exclude", "other.csv"], "none of its 1 rows is in the pool"),
    "everything excluded": ([ARTICLES, "--exclude", ARTICLES], "there is nothing left to choose"),
    "empty standard input": (["-"], "standard input is empty"),
}

CHOICE = {
    "k of nothing": (["-k", "0"], "-k takes no less than 1; see alps select --help."),
    "a negative k": (["-k", "-3"], "-k takes no less than 1"),
    "k that is no number": (["-k", "many"], "-k takes a whole number"),
    "k that is not whole": (["-k", "1.5"], "-k takes a whole number"),
    "no such strategy": (["--strategy", "magic"], "choose one of alps, alps-kmeans++"),
    "no such preset": (["--kmeans", "magic"], "--kmeans does not know 'magic'; choose one of 'default', 'paper'"),
    "no token": ([*ALPS, "--evaluated-fraction", "0"], "fraction 0.0"),
    "too many tokens": ([*ALPS, "--evaluated-fraction", "1.5"], "fraction 1.5"),
    "not a number": ([*ALPS, "--evaluated-fraction", "nan"], "fraction nan"),
    "a fraction in words": (["--evaluated-fraction", "half"], "--evaluated-fraction takes a number"),
    "a negative seed": (["--seed", "-1"], "--seed takes no less than 0"),
    "a seed that is not whole": (["--seed", "0.5"], "--seed takes a whole number"),
    "a huge seed": (["--seed", str(2**64)], "seed"),
}

MODEL = {
    "no such type": (["--dtype", "int4"], "choose one of 'auto', 'float32', 'bfloat16', 'float16'"),
    "no such pooling": (["--pooling", "max"], "choose one of 'auto', 'cls', 'mean', 'pooler'"),
    "no such device": (["--device", "abacus"], "use --device cpu or auto"),
    "a device that is not there": (["--device", "cuda:7"], "use --device cpu or auto"),
    "no such model folder": (["--model", "./nowhere"], "./nowhere"),
    "a folder without a model": (["--model", "folder"], "config.json"),
    "a model not here": (["--model", "someone/something"], "hf download someone/something"),
    "no head": ([*ALPS, "--model", "headless"], "choose a checkpoint that was saved from a masked language model"),
    "a tokenizer of another model": (["--model", "misfit"], "they do not belong together"),
    "pickled weights": (["--model", "pickled"], "no model.safetensors"),
    "corrupt weights": (["--model", "corrupt"], "corrupt"),
    "half the weights": (["--model", "cut"], "corrupt"),
    "no tokenizer": (["--model", "no-tokenizer"], "tokenizer"),
    "a broken config": (["--model", "broken-config"], "broken-config"),
    "code of its own": (["--model", "remote"], "remote"),
    "too short": (["--max-length", "2"], "use at least 3"),
    "no room": (["--max-length", "0"], "--max-length"),
    "negative room": (["--max-length", "-1"], "--max-length"),
    "too long": (["--max-length", "100000"], "reads at most 128 tokens; lower --max-length"),
    "no tokens at once": (["--tokens-per-batch", "0"], "--tokens-per-batch takes no less than 1"),
    "the cache is a file": (["--cache-dir", "empty.csv"], "empty.csv"),
}

OUTPUT = {
    "no such folder": (["-o", "no/queries.csv"], "The folder no does not exist"),
    "a folder that is a file": (["-o", "empty.csv/queries.csv"], "empty.csv"),
    "a folder": (["-o", "folder"], "is a folder; name a file to write"),
    "a device": (["-o", "/dev/null"], "not an ordinary file"),
    "a file that exists": (["-o", "other.csv"], "exists already; choose another name or add --force"),
    "the input": (["-o", ARTICLES, "--force"], "articles.csv is read and would be replaced"),
    "the input by another name": (["-o", "./articles.csv", "--force"], "is read and would be replaced"),
    "what is excluded": (
        ["--exclude", "other.csv", "-o", "other.csv", "--force"],
        "other.csv is read and would be replaced",
    ),
    "no known format": (["-o", "queries.docx"], "choose a name that ends in .csv"),
    "a plain text": (["-o", "queries.txt"], "choose a name that ends in .csv"),
    "no such map": (["--map", "globe"], "choose one of 'pca', 'tsne'"),
    "a report that is no page": (["--report", "report.pdf"], "choose a name that ends in .html"),
    "a report in no folder": (["--report", "no/report.html"], "The folder no does not exist"),
    "two outputs in one": (
        ["--output-dir", "out", "--report", "out/summary.json"],
        "out/summary.json is named for two",
    ),
    "two places": (["-o", "queries.csv", "--output-dir", "out"], "leave one of them out"),
    "a folder of outputs that is a file": (["--output-dir", "empty.csv"], "empty.csv is a file; name a folder"),
    "a folder of outputs in a file": (["--output-dir", "empty.csv/out"], "cannot be made in"),
}

RECIPES = {
    "no recipe": ("nothing.toml", "The recipe nothing.toml cannot be read"),
    "broken": ("broken.toml", "line 2"),
    "not UTF-8": ("latin.toml", "is not UTF-8 (byte 14)"),
    "an unknown key": ("unknown.toml", "unknown.toml: there is no option 'strategi'; perhaps strategy."),
    "a key like none": ("nonsense.toml", "nonsense.toml: there is no option 'zzz'; the --help of the command lists"),
    "words for a number": ("typed.toml", "typed.toml: k is 'many'; write a whole number."),
    "truth for a number": ("truth.toml", "truth.toml: k is True; write a whole number."),
    "words for truth": ("flag.toml", "flag.toml: masked is 'yes'; write true or false."),
    "not whole": ("fraction.toml", "fraction.toml: seed is 1.5; write a whole number."),
    "out of range": ("range.toml", "range.toml: k takes no less than 1"),
    "no choice": ("choice.toml", "choice.toml: kmeans does not know 'magic'"),
    "sources that are no files": ("sources.toml", "write a text in quotes, or a list of them"),
    "said twice": ("doubled.toml", "doubled.toml: the key max_seq_length says again"),
    "a table": ("table.toml", "table.toml: there is no option 'select'"),
    "no source": ("unset.toml", "There is nothing to read"),
}

LINES = {
    "no such command": (["selct", "a.csv"], "No such command 'selct' (perhaps 'select'); see alps --help."),
    "no such option": (["select", "a.csv", "--sead", "1"], "There is no option --sead (perhaps --seed"),
    "no such letter": (["select", "a.csv", "-z"], "There is no option -z; see alps select --help."),
    "an option without its value": (["select", "a.csv", "-k"], "'-k' requires an argument"),
    "a value for a flag": (["select", "a.csv", "--force=yes"], "'--force' does not take a value"),
    "too many words": (["strategies", "alps"], "alps strategies --help"),
    "two manners": (["select", "a.csv", "--quiet", "-v"], "contradict each other"),
    "no such command of a group": (["cache", "lst"], "No such command 'lst' (perhaps 'list'); see alps cache --help."),
}

MISTAKES = {
    **{f"input: {name}": mistake for name, mistake in INPUT.items()},
    **{f"choice: {name}": ([ARTICLES, *line], said) for name, (line, said) in CHOICE.items()},
    **{f"model: {name}": ([ARTICLES, *line], said) for name, (line, said) in MODEL.items()},
    **{f"output: {name}": ([ARTICLES, *line], said) for name, (line, said) in OUTPUT.items()},
    **{f"recipe: {name}": ([RECIPE, file], said) for name, (file, said) in RECIPES.items()},
}


@pytest.fixture(scope="module")
def bad_folder(
    checkpoints: dict[str, Path], articles: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with everything that can be wrong, and one good file; no command may change anything in it."""
    folder = tmp_path_factory.mktemp("bad")
    make_files(folder)
    make_models(checkpoints["bert"], folder)
    write_as("csv", articles, folder / ARTICLES)
    return folder


def said_in_one_sentence(result: Result) -> str:
    assert (result.code, result.out) == (2, ""), result.err
    (line,) = result.err.splitlines()  # and nothing was computed first
    assert line.startswith("Error: ")
    assert "Traceback" not in line
    assert re.search(r"[.!']$|hf download \S+$", line)
    return line


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence(mistake: str, tiny: list[str], bad_folder: Path) -> None:
    arguments, said = MISTAKES[mistake]
    before = content_of(bad_folder)
    line = said_in_one_sentence(run_alps(["select", *tiny, *arguments], bad_folder))
    assert said in line, line
    assert content_of(bad_folder) == before


def content_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file; the cache may be described already, but holds no values."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "store.json"]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


@pytest.mark.parametrize("mistake", LINES)
def test_a_misspelt_line_is_one_sentence(mistake: str, alps: Alps) -> None:
    arguments, said = LINES[mistake]
    line = said_in_one_sentence(alps(*arguments))
    assert said in line, line
