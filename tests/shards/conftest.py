"""Real texts, a tiny model, and one selection that every interrupted, shared or resumed run must give again."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alps.base.errors import AlpsWarning
from alps.pool.write import write_csv
from alps.selection import Selection, select


@pytest.fixture(scope="session")
def bert(checkpoints: dict[str, Path]) -> str:
    return str(checkpoints["bert"])


@pytest.fixture(scope="session")
def articles() -> list[str]:
    """240 different pieces of BBC articles, 3 to 130 words long."""
    from alps.pool.read import read_pool

    texts = read_pool("bbc-news").texts.to_pylist()[::9][:240]
    pieces = [" ".join(text.split()[: 3 + (37 * i) % 128]) for i, text in enumerate(texts)]
    assert len(set(pieces)) == 240
    return pieces


@pytest.fixture(scope="session")
def pool_file(articles: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pool") / "articles.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "length"])
        writer.writerows([text, len(text)] for text in articles)
    return path


def as_csv(selection: Selection) -> str:
    """What a user gets to see of a selection, every byte of it."""
    file = io.StringIO()
    write_csv(selection.to_table(), file)
    return file.getvalue()


@pytest.fixture
def choose(bert: str) -> Callable[..., Selection]:
    """`alps.select` with the tiny model; notes on the texts are of no interest here."""

    def call(texts: Any, k: int = 10, **options: Any) -> Selection:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The model's vocabulary|.* of the texts", AlpsWarning)
            return select(texts, k, **{"model": bert, "device": "cpu", **options})

    return call


@pytest.fixture(scope="session")
def expected(pool_file: Path, bert: str) -> str:
    """The queries of an undisturbed run without a store."""
    with pytest.warns(AlpsWarning):
        return as_csv(select(pool_file, 10, model=bert, device="cpu"))
