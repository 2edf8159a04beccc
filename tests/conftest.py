"""Small checkpoints of every architecture, and real text, for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")

ARCHITECTURES = ("bert", "camembert", "distilbert", "electra", "modernbert", "roberta", "xlm-roberta")
NO_FAST_PATH = "mpnet"


@pytest.fixture(scope="session")
def news() -> list[str]:
    """Real text: 60 pieces of BBC articles of very different lengths."""
    from alps.pool.read import read_pool

    articles = read_pool("bbc-news").texts.to_pylist()[::40][:60]
    return [" ".join(article.split()[: 3 + 4 * i]) for i, article in enumerate(articles)]


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory, news: list[str]) -> dict[str, Path]:
    """Randomly initialised masked language models, with tokenizers, saved to disk: architecture -> folder."""
    from tests.checkpoints import save_checkpoint

    root = tmp_path_factory.mktemp("checkpoints")
    return {name: save_checkpoint(name, root / name, news) for name in (*ARCHITECTURES, NO_FAST_PATH)}


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real data sets named by ALPS_TEST_DATA; tests that need it are skipped where it is absent."""
    named = os.environ.get("ALPS_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real data sets: set ALPS_TEST_DATA to a folder with agnews/train.tsv and others")
    return folder
