"""The tour, as a reader would follow it: every command of the page, in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TOUR = Path(__file__).parents[1] / "docs" / "tour.md"


@pytest.mark.skipif(sys.platform == "win32", reason="the tour is written for a POSIX shell")
def test_every_command_of_the_tour_works(tmp_path: Path) -> None:
    blocks = re.findall(r"^```bash\n(.*?)^```", TOUR.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 6
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ALPS_CACHE_DIR": str(tmp_path / "cache"),
    }
    folder = tmp_path / "tour"
    folder.mkdir()
    result = subprocess.run(
        ["bash", "-e"], input="".join(blocks), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "Error" not in result.stderr
    made = {"queries.csv", "queries.recipe.toml", "report.html", "again.csv", "more.csv", "unsure.csv"}
    assert made <= {path.name for path in folder.iterdir()}
    lines = (folder / "queries.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("rank,id,text,") and len(lines) == 5
