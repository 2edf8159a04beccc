"""Where the results go: files, reports, and a folder of everything."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from alps.pool.formats import FORMATS
from alps.pool.read import read_pool
from tests.cli.conftest import Alps

RANDOM = ["-k", "4", "--strategy", "random"]
WRITTEN = [row.extensions[0] for row in FORMATS if row.writer is not None]


@pytest.mark.usefixtures("csv_file")
@pytest.mark.parametrize("ending", [*WRITTEN, ".csv.gz", ".jsonl.xz"])
def test_the_ending_of_the_name_tells_the_format(ending: str, alps: Alps, tmp_path: Path) -> None:
    result = alps("select", "articles.csv", *RANDOM, "-o", f"queries{ending}")
    assert (result.code, result.err) == (0, f"Wrote 4 texts to queries{ending}\n")
    assert {path.name for path in tmp_path.glob("queries*")} == {f"queries{ending}", "queries.recipe.toml"}
    assert len(read_pool(str(tmp_path / f"queries{ending}"))) == 4


@pytest.mark.usefixtures("csv_file")
def test_a_folder_holds_everything(alps: Alps, tiny: list[str], tmp_path: Path) -> None:
    arguments = ["select", "articles.csv", "-k", 3, "--output_dir", "new/results", *tiny]
    result = alps(*arguments)
    assert (result.code, result.out) == (0, ""), result.err
    folder = tmp_path / "new" / "results"
    assert {path.name for path in folder.iterdir()} == {"queries.csv", "report.html", "summary.json", "recipe.toml"}
    with (folder / "queries.csv").open(newline="", encoding="utf-8") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    assert json.loads((folder / "summary.json").read_text())["ids"] == ids
    before = {path: path.read_bytes() for path in folder.iterdir()}
    refused = alps(*arguments)
    assert refused.code == 2
    assert "exists already; choose another name or add --force" in refused.err
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert alps(*arguments, "--force").code == 0
    again = alps("select", "--config", "new/results/recipe.toml", "-o", "other.csv")
    assert again.code == 0, again.err
    assert (tmp_path / "other.csv").read_bytes() == before[folder / "queries.csv"]


@pytest.mark.usefixtures("csv_file")
@pytest.mark.parametrize("projection", ["pca", "tsne"])
def test_a_report_is_a_page_that_names_the_command(
    projection: str, alps: Alps, tiny: list[str], tmp_path: Path
) -> None:
    result = alps("select", "articles.csv", "-k", 3, "--report", "picks.html", "--map", projection, *tiny)
    assert result.code == 0, result.err
    assert result.out.startswith("rank,id,text")
    page = (tmp_path / "picks.html").read_text(encoding="utf-8")
    assert "alps select articles.csv -k 3 --report picks.html" in page
    assert "<script" not in page


@pytest.mark.usefixtures("csv_file")
def test_several_files_are_one_pool(alps: Alps, articles: list[dict[str, str]], tmp_path: Path) -> None:
    rows = (tmp_path / "articles.csv").read_bytes().split(b"\n", 1)
    (tmp_path / "empty-of-rows.csv").write_bytes(rows[0] + b"\nz,another title,another text,sport\n")
    several = alps("select", "articles.csv", "empty-of-rows.csv", "--strategy", "random", "-k", 30, "--quiet")
    assert several.code == 0, several.err
    assert {row["id"] for row in csv.DictReader(several.out.splitlines())} >= {"z"}
    assert several.out == alps("select", "*.csv", "--strategy", "random", "-k", 30, "--quiet").out


@pytest.mark.skipif(sys.platform == "win32", reason="a limit of POSIX stands for a full disk")
@pytest.mark.usefixtures("csv_file")
def test_a_full_disk_leaves_nothing_half_written(alps: Alps, tmp_path: Path) -> None:
    result = alps("select", "bbc-news", "-k", 2000, "--strategy", "random", "-o", "queries.csv", file_limit=100_000)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("Error: The disk is full while writing ")
    assert {path.name for path in tmp_path.iterdir()} <= {"articles.csv", "cache"}


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing can be made: without permission, or, since that does not bind root, a mounted one."""
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    if os.geteuid() != 0:
        yield folder
        return
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", folder], capture_output=True).returncode != 0:
        pytest.skip("this root can mount nothing")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a file system")
@pytest.mark.usefixtures("csv_file", "read_only_folder")
@pytest.mark.parametrize("option", [["-o", "locked/queries.csv"], ["--report", "locked/report.html"]])
def test_a_read_only_output_is_refused_before_the_work(option: list[str], alps: Alps, tiny: list[str]) -> None:
    result = alps("select", "articles.csv", "-k", 3, *tiny, *option)
    assert (result.code, result.out) == (2, "")
    name = Path(option[1]).name
    assert result.err == f"Error: The folder locked is not writable; choose another place to write {name}.\n"


@pytest.mark.usefixtures("csv_file")
def test_a_damaged_store_is_told_and_computed_again(alps: Alps, tiny: list[str], tmp_path: Path) -> None:
    arguments = ["select", "articles.csv", "-k", 3, "--strategy", "alps", *tiny]
    first = alps(*arguments)
    (shard,) = (tmp_path / "cache").glob("*/*.arrow")
    shard.write_bytes(shard.read_bytes()[:-50])
    again = alps(*arguments)
    assert again.out == first.out
    assert f"Note: The store's shard {shard.name} is damaged; its texts are computed again." in again.err
    assert "token surprisal: 20 of 20 texts" in again.err
