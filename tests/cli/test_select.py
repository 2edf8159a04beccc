"""`alps select` as a person or a script runs it."""

from __future__ import annotations

import csv
import io
import json
import os
import select as ready
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from alps.base.text_safety import from_spreadsheet
from tests.cli.conftest import Alps, write_as
from tests.processes import CAN_FORK, alps_in_child, command, environment_for, finish, start, wait_until

COLUMNS = ["rank", "id", "text", "cluster_size", "distance_to_centre", "mean_surprisal"]
NEEDS_TERMINALS = pytest.mark.skipif(sys.platform == "win32" or not CAN_FORK, reason="needs pseudo-terminals")


def parse(text: str) -> list[dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert all(None not in row and None not in row.values() for row in rows)  # no row is ragged
    return rows


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet", "txt"])
def test_queries_have_the_documented_and_the_original_columns(kind, alps: Alps, tiny, articles, tmp_path: Path) -> None:
    originals = write_as(kind, articles, tmp_path / f"articles.{kind}")
    result = alps("select", f"articles.{kind}", "-k", 7, "--strategy", "alps", "-o", "queries.csv", *tiny)
    assert (result.code, result.out) == (0, "")
    assert result.err.splitlines()[-1] == "Wrote 7 texts to queries.csv"
    queries = parse((tmp_path / "queries.csv").read_text(encoding="utf-8"))
    extra = [] if kind == "txt" else ["title", "topic"]
    assert list(queries[0]) == COLUMNS + extra
    assert [query["rank"] for query in queries] == [str(i) for i in range(1, 8)]
    assert len({query["id"] for query in queries}) == 7
    assert sum(int(query["cluster_size"]) for query in queries) == len(articles)
    by_text = {row["text"]: row for row in originals}
    for query in queries:
        original = by_text[from_spreadsheet(query["text"])]
        for name in extra:
            assert query[name] == original[name]
        assert query["id"] == original.get("id", query["id"])
        assert float(query["distance_to_centre"]) >= 0
        assert query["mean_surprisal"] == "" or float(query["mean_surprisal"]) > 0
    assert any(query["mean_surprisal"] for query in queries)


def test_every_format_gives_the_same_picks(alps: Alps, tiny, articles, tmp_path: Path) -> None:
    plain = [{name: value.replace("\n", " ") for name, value in row.items()} for row in articles]
    results = []
    for kind in ("csv", "tsv", "jsonl", "parquet"):
        write_as(kind, plain, tmp_path / f"articles.{kind}")
        results.append(alps("select", f"articles.{kind}", "-k", 5, *tiny))
    assert [result.code for result in results] == [0] * 4
    assert len({result.out for result in results}) == 1
    assert len(parse(results[0].out)) == 5


def test_standard_input_is_read_as_lines_or_as_told(alps: Alps, articles, csv_file: Path) -> None:
    options = ["-k", 4, "--strategy", "random"]
    lines = "".join(row["text"].replace("\n", " ") + "\n" for row in articles).encode()
    queries = parse(alps("select", "-", *options, standard_input=lines).out)
    texts = {row["text"].replace("\n", " ") for row in articles}
    assert len({from_spreadsheet(query["text"]) for query in queries} & texts) == 4
    as_table = alps("select", "-", "--format", "csv", *options, standard_input=csv_file.read_bytes())
    assert as_table.out == alps("select", csv_file, *options).out
    assert list(parse(as_table.out)[0]) == [*COLUMNS, "title", "topic"]
    assert "plain text" not in as_table.err
    as_lines = alps("select", "-", *options, standard_input=csv_file.read_bytes())
    assert "Note: standard input is read as plain text" in as_lines.err
    assert "add --format csv" in as_lines.err


def test_piped_output_is_the_file(alps: Alps, tiny, csv_file: Path, tmp_path: Path) -> None:
    piped = alps("select", csv_file, "-k", 20, *tiny)
    assert piped.code == 0
    assert alps("select", csv_file, "-k", 20, "-o", "queries.csv", *tiny).code == 0
    assert (tmp_path / "queries.csv").read_bytes().decode() == piped.out
    queries = parse(piped.out)
    assert len(queries) == 20
    assert any("\n" in query["text"] for query in queries)
    assert [query["text"] for query in queries if query["text"].startswith("'=")] == ["'=1+1 is what it said"]


def test_the_installed_command_on_the_bundled_model(alps: Alps, csv_file: Path, tmp_path: Path) -> None:
    first = alps("select", csv_file, "-k", 5, "--strategy", "alps", "-o", "queries.csv", real=True)
    assert (first.code, first.out) == (0, "")
    assert "token surprisal: 20 of 20 texts" in first.err
    again = alps("select", csv_file, "-k", 5, "--json", "--strategy", "alps-kmeans++")
    assert again.code == 0, again.err
    assert json.loads(again.out)["texts_computed"] == 0  # another process found what the first one kept
    assert "token surprisal" not in again.err
    assert len(parse((tmp_path / "queries.csv").read_text(encoding="utf-8"))) == 5


def test_the_summary_says_what_was_read_and_done(alps: Alps, tiny, articles, tmp_path: Path) -> None:
    articles = [{**row, "text": " ".join(row["text"].split()[:12])} for row in articles]
    rows = [*articles, {**articles[0], "id": "copy"}, {**articles[0], "id": "empty", "text": "  "}]
    rows += [{**articles[0], "id": "long", "text": "word " * 300}]
    write_as("csv", rows, tmp_path / "articles.csv")
    result = alps("select", "articles.csv", "-k", 6, "--strategy", "alps", "--seed", 3, "--json", *tiny)
    assert result.code == 0, result.err
    summary = json.loads(result.out)
    expected = {
        "strategy": "alps", "k": 6, "seed": 3, "evaluated_fraction": 0.15, "masked": False, "model": tiny[1],
        "source": "articles.csv", "text_column": "text", "id_column": "id", "device": "cpu", "dtype": "float32",
        "max_length": 128, "texts_read": 23, "texts_empty": 1, "texts_excluded": 0, "texts_in_pool": 22,
        "texts_distinct": 21, "copies": 1, "texts_cut": 1, "texts_computed": 21,
    }  # fmt: skip
    assert {name: summary[name] for name in expected} == expected
    assert 0 <= summary["texts_zero"] < 22
    assert 0 <= summary["unknown_piece_rate"] <= 1
    assert summary["tokens_per_second"] > 0
    assert set(summary["seconds"]) == {"read", "libraries", "represent", "select"}
    assert {"python", "alps-learn", "torch", "transformers", "numpy", "scikit-learn"} <= set(summary["versions"])
    assert len(summary["model_digest"]) == len(summary["fingerprint"]) == 32
    assert len(set(summary["ids"])) == 6
    assert "empty" not in summary["ids"]


def test_the_summary_is_plain_ascii_that_no_terminal_trips_over(alps: Alps, tmp_path: Path) -> None:
    rows = [{"id": "東京\x9b2J\u202e", "text": "a tower"}, {"id": "é", "text": "a cliff"}]
    (tmp_path / "ids.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = alps("select", "ids.jsonl", "-k", 2, "--strategy", "random", "--json")
    assert result.out.isascii()
    assert sorted(json.loads(result.out)["ids"]) == sorted(row["id"] for row in rows)


def test_the_summary_can_come_with_the_file(alps: Alps, csv_file: Path, tmp_path: Path) -> None:
    result = alps("select", csv_file, "-k", 3, "--strategy", "random", "--json", "-o", "queries.csv")
    queries = parse((tmp_path / "queries.csv").read_text(encoding="utf-8"))
    assert json.loads(result.out)["ids"] == [query["id"] for query in queries]


def test_the_seed_decides(alps: Alps, csv_file: Path) -> None:
    outputs = [alps("select", csv_file, "-k", 5, "--strategy", "random", "--seed", seed).out for seed in (0, 0, 1)]
    assert outputs[0] == outputs[1] != outputs[2]


def test_excluded_texts_are_not_chosen_again(alps: Alps, tiny, csv_file: Path, tmp_path: Path) -> None:
    chosen: list[str] = []
    for round_number in (1, 2):
        name = f"round-{round_number}.csv"
        exclude = ["--exclude", "round-1.csv"] if round_number == 2 else []
        assert alps("select", csv_file, "-k", 8, "-o", name, *exclude, *tiny).code == 0
        chosen += [query["id"] for query in parse((tmp_path / name).read_text(encoding="utf-8"))]
    assert len(set(chosen)) == 16
    summary = json.loads(alps("select", csv_file, "-k", 8, "--json", "--exclude", "round-1.csv", *tiny).out)
    assert (summary["texts_read"], summary["texts_excluded"], summary["texts_in_pool"]) == (20, 8, 12)


def test_an_existing_file_is_kept_without_force(alps: Alps, csv_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "queries.csv"
    output.write_text("labels of a week")
    arguments = ["select", csv_file, "-k", 2, "--strategy", "random", "-o", "queries.csv"]
    refused = alps(*arguments)
    assert refused.code == 2
    assert refused.err == "Error: queries.csv exists already; choose another name or add --force to replace it.\n"
    assert output.read_text() == "labels of a week"
    assert alps(*arguments, "--force").code == 0
    assert len(parse(output.read_text(encoding="utf-8"))) == 2


def test_notes_say_what_cannot_be_seen(alps: Alps, tiny, csv_file: Path) -> None:
    result = alps("select", csv_file, "-k", 30, "--strategy", "alps", *tiny)
    assert result.code == 0
    others = [line for line in result.err.splitlines() if not line.startswith("token surprisal: ")]
    assert others
    assert all(line.startswith("Note: ") for line in others)
    assert "Note: Only 20 distinct texts are there to choose from, fewer than k = 30: all are chosen." in others
    assert len(parse(result.out)) == 20


def test_no_cache_keeps_nothing(alps: Alps, tiny, csv_file: Path, tmp_path: Path) -> None:
    assert alps("select", csv_file, "-k", 2, "--no-cache", *tiny).code == 0
    assert not (tmp_path / "cache").exists()
    assert alps("select", csv_file, "-k", 2, "--cache-dir", "here", *tiny).code == 0
    assert not (tmp_path / "cache").exists()
    assert list((tmp_path / "here").glob("*/*.arrow"))


def read_terminal(master: int, process: BaseProcess, until: bytes | None = None) -> str:
    """What a terminal was told to show, until the process ends or something is shown."""
    shown = b""

    def more() -> bool:
        nonlocal shown
        while ready.select([master], [], [], 0)[0]:
            try:
                part = os.read(master, 65536)
            except OSError:  # nobody holds the other end
                return True
            if not part:
                return True
            shown += part
        return not process.is_alive() or (until is not None and until in shown)

    wait_until(more)
    return shown.decode("utf-8", errors="replace")


@contextmanager
def on_a_terminal(arguments: list[str], folder: Path) -> Iterator[tuple[int, BaseProcess]]:
    """`alps` on a pseudo-terminal of its own: what it shows can be read from the file descriptor."""
    import pty

    master, slave = pty.openpty()
    settings = {**environment_for(folder), "COLUMNS": "90", "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"}
    process = start(alps_in_child, arguments, folder, [os.ttyname(slave)] * 3, settings)
    try:
        yield master, process
    finally:
        process.kill()
        os.close(master)
        os.close(slave)


@NEEDS_TERMINALS
def test_a_terminal_shows_a_harmless_table(tiny, tmp_path: Path) -> None:
    evil = "red \x1b[31malert\x1b]0;pwned\x07 \u202egnp.exe \x9b2J and a long tail " + "of words " * 40
    rows = [{"id": "a\x1b[2J", "text": evil}, {"id": "b", "text": "[bold]rain[/bold] in Rome"}]
    (tmp_path / "evil.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with on_a_terminal(["select", "evil.jsonl", "-k", "2", *tiny], tmp_path) as (master, process):
        shown = read_terminal(master, process)
        assert finish(process) == 0, shown
    for harmful in ("\x1b[31malert", "\x1b]0;", "\x07", "\u202e", "\x9b", "a\x1b[2J"):
        assert harmful not in shown
    assert "red \ufffd[31malert" in shown
    assert "a\ufffd[2J" in shown
    assert "[bold]rain[/bold] in Rome" in shown
    assert "stands for" in shown
    assert "…" in shown
    assert "rank,id" not in shown


@NEEDS_TERMINALS
def test_an_interrupt_gives_the_terminal_back(tiny, tmp_path: Path) -> None:
    arguments = ["select", "bbc-news", "-k", "3", "--strategy", "alps", "--evaluated-fraction", "1.0", *tiny]
    with on_a_terminal(arguments, tmp_path) as (master, process):
        shown = read_terminal(master, process, until=b"/2,127 texts")
        assert process.pid is not None
        os.kill(process.pid, signal.SIGINT)
        shown += read_terminal(master, process)
        assert finish(process) == 130, shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")  # the cursor is to be seen again
    assert "Interrupted; the same command goes on" in shown
    assert "Traceback" not in shown


@pytest.mark.skipif(os.name != "posix", reason="a pipe that breaks")
def test_a_reader_that_leaves_early_sees_no_traceback(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*command(), "select", "bbc-news", "-k", "2000", "--strategy", "random"],
        cwd=tmp_path, env={**os.environ, **environment_for(tmp_path)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    header = process.stdout.readline()
    process.stdout.close()  # what `head -1` does; megabytes are still to come
    err = process.stderr.read().decode()
    process.stderr.close()
    process.wait(120)
    assert header.startswith(b"rank,id,text")
    assert err == ""


@pytest.mark.skipif(not Path("/dev/full").exists() or not CAN_FORK, reason="needs /dev/full")
@pytest.mark.parametrize("k", ["3", "1500"])
def test_a_full_disk_behind_standard_output_is_one_sentence(k: str, tmp_path: Path) -> None:
    places = [str(tmp_path / "stdin"), "/dev/full", str(tmp_path / "stderr")]
    arguments = ["select", "bbc-news", "-k", k, "--strategy", "random"]
    assert finish(start(alps_in_child, arguments, tmp_path, places, environment_for(tmp_path))) == 2
    assert (tmp_path / "stderr").read_text() == (
        "Error: The disk is full while writing standard output; free some space or choose another place.\n"
    )


def test_a_console_without_utf_8_still_gets_utf_8(alps: Alps, tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("Приве́т\nこんにちは\n", encoding="utf-8")
    latin = {"PYTHONIOENCODING": "latin-1", "LC_ALL": "C", "PYTHONUTF8": "0"}
    result = alps("select", "texts.txt", "-k", 2, "--strategy", "random", environment=latin, real=True)
    assert result.code == 0, result.err
    assert {query["text"] for query in parse(result.out)} == {"Приве́т", "こんにちは"}


def test_a_warm_strategy_learns_from_labelled_texts(alps: Alps, tmp_path: Path) -> None:
    pool, labelled = tmp_path / "pool.csv", tmp_path / "labelled.csv"
    pool.write_text("text\nrain in Rome\nsun in Rome\ngoal by Milan\nlate goal\nrates rise\nrates fall\n")
    labelled.write_text("text,kind\nrain in Rome,weather\nlate goal,sport\n")
    options = (str(pool), "-k", "2", "--strategy", "margin", "--no-cache", "--json")
    told = json.loads(alps("select", *options, "--labelled", str(labelled), "--label-column", "kind").out)
    assert told["texts_labelled"] == {"sport": 1, "weather": 1}
    assert (told["k"], told["texts_in_pool"]) == (2, 4)
    result = alps("select", *options)
    assert result.code == 2
    assert result.err.startswith(
        "Error: The strategy margin looks through a trained classifier; give texts with labels"
    )
