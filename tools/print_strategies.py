"""
Print the table of strategies into ``docs/strategies.md``, between its two marks.

Usage: python tools/print_strategies.py [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

from alps.strategies import Strategy, strategies

PAGE = Path(__file__).parents[1] / "docs" / "strategies.md"
BEGIN, END = "<!-- strategies: begin -->", "<!-- strategies: end -->"


def page_with_strategies(page: str) -> str:
    """The page, with what stands between its marks made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    cold = [row for row in strategies().values() if "classifier" not in row.needs]
    warm = [row for row in strategies().values() if "classifier" in row.needs]
    sections = [
        "## From the first batch on, without labels",
        *(section_of(row) for row in cold),
        "## Once there are labels",
        *(section_of(row) for row in warm),
    ]
    return before + "\n\n".join([BEGIN, *sections, END]) + after


def section_of(row: Strategy) -> str:
    """What one row says, as a section."""
    lines = {
        "needs": ", ".join(sorted(row.needs)) or "nothing",
        "cost of a batch": row.cost,
        "source": row.source,
        "looks through": modules_of(row),
    }
    if row.uses_labelled:
        lines["labelled texts"] = "are looked at by the selector"
    if not row.multi_label:
        lines["labels"] = "one a text"
    if "classifier" in row.needs:
        lines["first batch"] = f"`{row.first_batch}`"
    listed = "\n".join(f"- {name}: {value}" for name, value in lines.items())
    return f"### `{row.name}`\n\n{row.summary}\n\n{listed}"


def modules_of(row: Strategy) -> str:
    """Its representation and its selector, with the options that make the row differ from others."""
    parts = []
    representation_options = {**row.representation_defaults, **row.representation_options}
    for module, options in ((row.representation, representation_options), (row.selector, row.selector_options)):
        if module is not None:
            told = ", ".join(f"{name} {value}" for name, value in options.items())
            parts.append(f"`{module}`" + (f" ({told})" if told else ""))
    return " -> ".join(parts)


def main() -> None:
    """Write the page, or only tell whether it is up to date."""
    page = PAGE.read_text(encoding="utf-8")
    made = page_with_strategies(page)
    if "--check" in sys.argv[1:]:
        sys.exit(0 if made == page else f"{PAGE.name} is out of date; run: python tools/print_strategies.py")
    PAGE.write_text(made, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
