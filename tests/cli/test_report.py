"""``alps report``."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from alps.cli.main import app
from alps.cli.manner import split_manner
from alps.simulation.results import Cell, CurveFile, Round


def report(*arguments: str) -> str | None:
    """What went wrong, in words."""
    rest, manner = split_manner(["report", *arguments])[::-1]
    result = CliRunner().invoke(app, rest, obj=manner)
    return None if result.exception is None else str(result.exception)


def test_a_report_is_written_and_not_replaced(tmp_path: Path) -> None:
    file = CurveFile(tmp_path / "run", Cell("news", "alps", "probe", 0))
    file.begin({"k": 10})
    file.append(Round(1, 10, [], [], {"test": {"micro_f1": 0.5}}))
    arguments = (str(tmp_path / "run"), "--output-dir", str(tmp_path / "out"))
    assert report(*arguments) is None
    assert (tmp_path / "out" / "report.html").exists()
    assert "exists" in (report(*arguments) or "")
    assert report(*arguments, "--force") is None


def test_mistakes_are_told_in_a_sentence(tmp_path: Path) -> None:
    assert "--output-dir" in (report(str(tmp_path)) or "")
    assert "holds no run" in (report(str(tmp_path), "--output-dir", str(tmp_path / "out")) or "")
