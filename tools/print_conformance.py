"""
Print what the tests check of every strategy into ``docs/conformance.md``, between its two marks.

A strategy is checked by the tests of its representation and of its selector, which are named after their modules, and
by the template that all strategies pass. The formulas are those of the modules' docstrings; a test's name is the
sentence that it checks. Nothing is imported from the tests.

Usage: python tools/print_conformance.py [--check]
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from alps.strategies import Strategy, strategies

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "conformance.md"
BEGIN, END = "<!-- conformance: begin -->", "<!-- conformance: end -->"
TEMPLATE = Path("tests/strategies/test_every_strategy.py")
PEERS = Path("tests/selectors/test_peers.py")


def page_with_checks(page: str) -> str:
    """The page, with what stands between its marks made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = strategies().values()
    modules = sorted({module for row in rows for module in modules_of(row)})
    sections = [
        "## Each strategy\n\n| strategy | source | formulas and tests of |\n|---|---|---|\n"
        + "\n".join(line_of(row) for row in rows),
        f"## Every strategy\n\n{checks_of(TEMPLATE)}",
        f"## Against other people's code\n\n{checks_of(PEERS)}",
        *(section_of(module) for module in modules),
    ]
    return before + "\n\n".join([BEGIN, *sections, END]) + after


def modules_of(row: Strategy) -> tuple[str, ...]:
    """``representations/surprisal`` and ``selectors/kmeans``, for the rows whose modules are ours."""
    named = (("representations", row.representation), ("selectors", row.selector))
    return tuple(f"{package}/{name}" for package, name in named if name is not None and "." not in name)


def line_of(row: Strategy) -> str:
    """The strategy's line in the table."""
    links = ", ".join(f"[{module}](#{re.sub(r'[^a-z_]', '', module)})" for module in modules_of(row))
    return f"| `{row.name}` | {row.source} | {links} |"


def section_of(module: str) -> str:
    """What a module says that it computes, and what its tests check."""
    tree = ast.parse((ROOT / "src" / "alps" / f"{module}.py").read_text(encoding="utf-8"))
    package, name = module.split("/")
    return f"## {module}\n\n{ast.get_docstring(tree)}\n\n{checks_of(Path('tests', package, f'test_{name}.py'))}"


def checks_of(path: Path) -> str:
    """The tests of a file, one line each."""
    if not (ROOT / path).exists():
        return "It has no tests of its own yet, beside those that every strategy passes."
    listed = "\n".join(f"- {sentence}" for sentence in sentences(ast.parse((ROOT / path).read_text(encoding="utf-8"))))
    return f"Checked in `{path.as_posix()}`:\n\n{listed}"


def sentences(tree: ast.AST) -> Iterator[str]:
    """The names of the tests, in the order of the file, and what their docstrings add."""
    for node in getattr(tree, "body", []):
        if isinstance(node, ast.ClassDef):
            yield from sentences(node)
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            name = node.name.removeprefix("test_").replace("_", " ")
            explained = (ast.get_docstring(node) or "").partition("\n\n")[0].replace("\n", " ")
            yield f"{name}: {explained}" if explained else name


def main() -> None:
    """Write the page, or only tell whether it is up to date."""
    page = PAGE.read_text(encoding="utf-8")
    made = page_with_checks(page)
    if "--check" in sys.argv[1:]:
        sys.exit(0 if made == page else f"{PAGE.name} is out of date; run: python tools/print_conformance.py")
    PAGE.write_text(made, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
