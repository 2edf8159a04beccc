"""Standard streams that are closed, full, or of another encoding, and texts that mean harm or are very many."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Alps
from tests.processes import command, environment_for

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
RANDOM = ["-k", "3", "--strategy", "random"]


def in_a_shell(redirection: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command with a redirection of the shell."""
    line = f'exec "$@" {redirection}'
    environment = {**os.environ, **environment_for(folder)}
    return subprocess.run(
        ["sh", "-c", line, "sh", *command(), *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@POSIX
@pytest.mark.usefixtures("csv_file")
def test_closed_standard_input_is_empty(tmp_path: Path) -> None:
    result = in_a_shell("<&-", tmp_path, "select", "-")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "Error: standard input is empty; give a file with one text or more.\n"


@POSIX
@pytest.mark.usefixtures("csv_file")
@pytest.mark.parametrize("redirection", [">&-", "2>&-", "2>/dev/full", "<&- >&- 2>&-"])
def test_closed_or_full_streams_do_not_keep_the_file_from_being_written(redirection: str, tmp_path: Path) -> None:
    if "full" in redirection and not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    result = in_a_shell(redirection, tmp_path, "select", "articles.csv", *RANDOM, "-o", "queries.csv")
    assert result.returncode == 0, result.stderr
    assert len(list(csv.DictReader((tmp_path / "queries.csv").open(newline="", encoding="utf-8")))) == 3


@POSIX
def test_a_mistake_that_cannot_be_told_still_has_its_exit_code(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    assert in_a_shell("2>/dev/full", tmp_path, "select", "nothing.csv").returncode == 2


@POSIX
def test_an_old_locale_gets_its_error(tmp_path: Path) -> None:
    old = "LC_ALL=C PYTHONCOERCECLOCALE=0 PYTHONUTF8=0"
    result = in_a_shell("", tmp_path, "select", "na\u00efve.csv")
    assert "na\u00efve.csv does not exist" in result.stderr
    environment = {**os.environ, **environment_for(tmp_path), **dict(item.split("=") for item in old.split())}
    result = subprocess.run(
        [*command(), "select", "na\u00efve.csv"],
        cwd=tmp_path, env=environment, capture_output=True, check=False,
    )  # fmt: skip
    assert result.returncode == 2
    assert result.stderr.startswith(b"Error: na")
    assert b"Traceback" not in result.stderr


@pytest.mark.usefixtures("csv_file")
@pytest.mark.parametrize("setting", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"FORCE_COLOR": "0"}])
def test_no_escape_codes_in_a_pipe(setting: dict[str, str], alps: Alps) -> None:
    result = alps("select", "articles.csv", *RANDOM, "-v", environment=setting)
    assert result.code == 0
    assert "\x1b" not in result.out + result.err


HARMFUL = ["\x1b[31mred\x1b[0m", "\u202egnp.exe", "zero\u200bwidth", "bell\x07", "\x9b2J"]


NAMED = {
    "source": ["{}.csv"],
    "output": ["a.csv", "-o", "{}/q.csv"],
    "strategy": ["a.csv", "--strategy", "{}"],
    "model": ["a.csv", "--model", "./{}"],
    "exclude": ["a.csv", "--exclude", "{}.csv"],
    "recipe": ["--config", "{}.toml"],
    "choice": ["a.csv", "--kmeans", "{}"],
    "number": ["a.csv", "-k", "{}"],
    "option": ["a.csv", "--{}"],
}


@pytest.mark.parametrize("name", HARMFUL, ids=range(len(HARMFUL)))
@pytest.mark.parametrize("where", NAMED)
def test_a_name_cannot_speak_to_the_terminal(where: str, name: str, alps: Alps, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\none\ntwo\n")
    result = alps("select", *(word.format(name) for word in NAMED[where]))
    assert result.code == 2, result.err
    assert result.err.startswith("Error: ")
    assert not any(character in result.err for character in "\x1b\u202e\u200b\x07\x9b")


def test_formulas_and_hidden_characters_are_written_as_they_can_be_read_back(alps: Alps, tmp_path: Path) -> None:
    texts = ["=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "\u202eright to left", "zero\u200bwidth", "'=quoted", "-3.5"]
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    result = alps("select", "texts.jsonl", "-k", 7, "--strategy", "random", "-o", "queries.csv")
    assert result.code == 0, result.err
    with (tmp_path / "queries.csv").open(newline="", encoding="utf-8") as file:
        written = {row["text"] for row in csv.DictReader(file)}
    assert not any(text.startswith(("=", "+", "@")) for text in written)
    assert "-3.5" in written
    excluded = alps("select", "texts.jsonl", "--exclude", "queries.csv")
    assert "there is nothing left to choose" in excluded.err  # every text is found again


def test_a_text_of_fifty_megabytes(alps: Alps, tiny: list[str], tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("short\n" + "word " * 10_000_000 + "\nother\n")
    result = alps("select", "long.txt", "-k", 2, "--json", *tiny)
    assert result.code == 0, result.err
    assert json.loads(result.out)["texts_cut"] == 1


def test_a_hundred_thousand_empty_rows(alps: Alps, tiny: list[str], tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("id,text\n" + "".join(f"{i},\n" for i in range(100_000)) + "x,one text\n")
    result = alps("select", "empty.csv", "-k", 1, *tiny)
    assert result.code == 0, result.err
    assert [row["id"] for row in csv.DictReader(io.StringIO(result.out))] == ["x"]
