"""The help texts, and the page that is made of them."""

from __future__ import annotations

import runpy
from pathlib import Path

from tests.cli.conftest import Alps

TOOL = Path(__file__).parents[2] / "tools" / "print_help.py"


def test_the_page_of_the_command_line_is_up_to_date() -> None:
    tool = runpy.run_path(str(TOOL))
    page = tool["PAGE"].read_text(encoding="utf-8")
    assert tool["page_with_help"](page) == page, "run: python tools/print_help.py"
    for names in tool["command_names"]():
        assert f"Usage: {' '.join(names)}" in page


def test_the_options_of_select_stand_in_sections(alps: Alps) -> None:
    lines = alps("select", "--help", environment={"COLUMNS": "200"}).out.splitlines()
    sections = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert sections == ["Input:", "Choice:", "Model:", "Output:", "Computing:", "Other:"]
    assert lines.index("Input:") < next(i for i, line in enumerate(lines) if "--split" in line) < lines.index("Choice:")


def test_every_format_is_named(alps: Alps) -> None:
    from alps.pool.formats import FORMATS

    shown = alps("select", "--help").out
    assert all(row.extensions[0] in shown for row in FORMATS)
