"""A tiny data set on disk, which everything in a simulation can be tried on in seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

_WORDS = {"sport": ("goal", "match", "cup", "team"), "trade": ("bank", "share", "price", "market")}


def lines(n: int, start: int = 0) -> str:
    """A file of n different texts of two classes, in turn."""
    rows = ["text\tlabel"]
    for i in range(start, start + n):
        label = ("sport", "trade")[i % 2]
        words = _WORDS[label]
        rows.append(f"the {words[i % 4]} and the {words[i // 4 % 4]} of {i}\t{label}")
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 60 texts in train and 20 in test."""
    folder = tmp_path_factory.mktemp("data") / "tiny"
    folder.mkdir()
    (folder / "train.tsv").write_text(lines(60), encoding="utf-8")
    (folder / "test.tsv").write_text(lines(20, start=60), encoding="utf-8")
    return folder
