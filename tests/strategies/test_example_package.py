"""The package of ``docs/extending.md``, installed by pip beside alps and used from the command line."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "longest"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which pip has put the package, built without a network."""
    pytest.importorskip("hatchling", reason="hatchling builds the package")
    folder = tmp_path_factory.mktemp("example")
    source = shutil.copytree(EXAMPLE, folder / "source")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", str(folder / "site")]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(source)], check=True)
    return folder / "site"


def alps(installed: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", "from alps.cli.main import main; main()", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def test_it_stands_in_the_list(installed: Path) -> None:
    assert "longest\n  The longest texts." in alps(installed, "strategies")


def test_it_selects(installed: Path, tmp_path: Path) -> None:
    pool, out = tmp_path / "pool.csv", tmp_path / "out.csv"
    pool.write_text("text\none\none two three\none two\none two three four\n", encoding="utf-8")
    alps(installed, "select", str(pool), "-k", "2", "--strategy", "longest", "--output", str(out))
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert [row["text"] for row in csv.DictReader(file)] == ["one two three four", "one two three"]
