"""
Print the files of the example package into ``docs/extending.md``, each between its two marks.

Usage: python tools/print_example.py [--check]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
PAGE, PACKAGE = DOCS / "extending.md", DOCS / "examples" / "longest"
PLACE = re.compile(r"<!-- example: (?P<name>\S+\.\S+) -->.*?<!-- example: end -->", re.DOTALL)
LANGUAGES = {".py": "python", ".toml": "toml"}


def page_with_example(page: str) -> str:
    """The page, with what stands between its marks made anew."""
    return PLACE.sub(lambda place: printed(place["name"]), page)


def printed(name: str) -> str:
    """A file between its marks."""
    content = (PACKAGE / name).read_text(encoding="utf-8")
    fenced = f"```{LANGUAGES[Path(name).suffix]}\n{content}```"
    return f"<!-- example: {name} -->\n\n{fenced}\n\n<!-- example: end -->"


def main() -> None:
    """Write the page, or only tell whether it is up to date."""
    page = PAGE.read_text(encoding="utf-8")
    made = page_with_example(page)
    if "--check" in sys.argv[1:]:
        sys.exit(0 if made == page else f"{PAGE.name} is out of date; run: python tools/print_example.py")
    PAGE.write_text(made, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
