"""The pages that are made from the code and the tests are up to date."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from alps.strategies import strategies

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.mark.parametrize(
    ("tool", "function"),
    [
        ("print_conformance.py", "page_with_checks"),
        ("print_example.py", "page_with_example"),
        ("print_strategies.py", "page_with_strategies"),
    ],
)
def test_a_printed_page_is_up_to_date(tool: str, function: str) -> None:
    names = runpy.run_path(str(TOOLS / tool))
    page = names["PAGE"].read_text(encoding="utf-8")
    assert names[function](page) == page, f"run: python tools/{tool}"


@pytest.mark.parametrize("page", ["conformance.md", "strategies.md"])
def test_every_strategy_is_on_the_page(page: str) -> None:
    text = (TOOLS.parent / "docs" / page).read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in strategies())
