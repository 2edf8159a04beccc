"""Every link between the documents, and every file and heading that it names, is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
DOCUMENTS = [
    path
    for folder in (REPOSITORY, REPOSITORY / "docs", REPOSITORY / "src")
    for path in sorted(folder.glob("*.md") if folder == REPOSITORY else folder.rglob("*.md"))
]
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def without_code(text: str) -> str:
    """A document without its blocks of code, in which `# ...` is no heading."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors_of(document: Path) -> set[str]:
    """The anchors that GitHub gives the headings: lower case, words joined by dashes, no other punctuation."""
    headings = _HEADING.findall(without_code(document.read_text(encoding="utf-8")))
    shown = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading) for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in shown}


def broken_links(document: Path) -> list[str]:
    """The links of a document that lead nowhere in this repository."""
    broken = []
    for link in _LINK.findall(without_code(document.read_text(encoding="utf-8"))):
        name, _, anchor = link.partition("#")
        if name.startswith(("http://", "https://", "mailto:")):
            continue
        target = document.parent / name if name else document
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_link_leads_somewhere(document: Path) -> None:
    assert broken_links(document) == []


def test_a_broken_link_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Why `usl` falls behind\n\n```\n# no heading\n```\n")
    (tmp_path / "page.md").write_text(
        "[a](other.md) [b](other.md#why-usl-falls-behind) [c](gone.md) [d](other.md#no-heading) [e](#here)\n"
    )
    assert broken_links(tmp_path / "page.md") == ["gone.md", "other.md#no-heading", "#here"]
