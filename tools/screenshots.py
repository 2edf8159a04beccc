"""Make the screenshots of the docs: the report of a selection from texts written for it, in headless Chromium.

    apt-get install chromium
    python tools/screenshots.py docs/images

Writes `report-light.png`, `report-dark.png` and `report-phone.png`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import alps
from alps.reports.selection_report import write_selection_report

THINGS = ("The hotel", "Our guide", "The new phone", "Breakfast", "The second season", "Her latest novel")
VERDICTS = (
    "was better than anything we had hoped for, and we had hoped for a lot.",
    "let us down twice before noon and never said sorry.",
    "costs too much for what it is; the marmalade tasted of paraffin.",
    "is fine.",
    "kept us awake until three, laughing, which nobody had promised.",
    "arrived late, left early, and in between stared at the wallpaper.",
    "deserves every one of its prizes except the one for brevity.",
    "works as described.",
)
# Name, width and height in pixels, and further arguments of Chromium.
SHOTS = (
    ("report-light", 1280, 2400, ()),
    ("report-dark", 1280, 1700, ("--blink-settings=preferredColorScheme=0",)),
    ("report-phone", 500, 1400, ()),  # the narrowest window that Chromium opens
)


def sample_texts() -> list[str]:
    """Short reviews, written here, so that nobody's text is reprinted."""
    return [f"{thing} {verdict}" for thing, verdict in product(THINGS, VERDICTS)]


def screenshot(page: Path, name: str, width: int, height: int, further: Sequence[str], folder: Path) -> None:
    """One picture of a page."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is not installed; on Debian: apt-get install chromium")
    arguments = ["--headless", "--hide-scrollbars", f"--window-size={width},{height}", *further]
    arguments += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command = [chromium, *arguments, f"--screenshot={folder / name}.png", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make all screenshots."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(arguments).folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        page = Path(temporary) / "report.html"
        selection = alps.select(sample_texts(), k=8, strategy="alps", evaluated_fraction=0.3)
        write_selection_report(
            selection, page, command="alps select reviews.csv -k 8 --strategy alps --evaluated-fraction 0.3"
        )
        for name, width, height, further in SHOTS:
            screenshot(page, name, width, height, further, folder)


if __name__ == "__main__":
    main()
