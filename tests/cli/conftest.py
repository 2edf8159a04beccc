"""Small files of real articles, and the real command."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.processes import Result, run_alps

Alps = Callable[..., Result]


@pytest.fixture(scope="session")
def articles() -> list[dict[str, str]]:
    """20 BBC articles, cut after a few words; four columns, and everything that CSV finds hard."""
    from alps.pool.read import read_pool

    rows = read_pool("bbc-news").table.to_pylist()[5::110][:20]
    for i, row in enumerate(rows):
        row["text"] = " ".join(row["text"].split()[: 4 + 3 * i])
    rows[3]["text"] = 'He said "no, thanks", and left;\nthe rest is silence'
    rows[4]["text"] = "=1+1 is what it said"
    rows[5]["title"] = "a comma, a 'quote' and a £"
    return rows


@pytest.fixture
def csv_file(articles: list[dict[str, str]], tmp_path: Path) -> Path:
    path = tmp_path / "articles.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(articles[0]))
        writer.writeheader()
        writer.writerows(articles)
    return path


def write_as(kind: str, articles: list[dict[str, str]], path: Path) -> list[dict[str, str]]:
    """Write articles in a format; the rows that are in the file, where it cannot hold a line feed without it."""
    if kind in ("tsv", "txt"):
        articles = [{name: value.replace("\n", " ") for name, value in row.items()} for row in articles]
    if kind == "csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(articles[0]))
            writer.writeheader()
            writer.writerows(articles)
    elif kind == "tsv":
        lines = ["\t".join(articles[0]), *("\t".join(row.values()) for row in articles)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in articles), encoding="utf-8")
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist(articles), path)
    else:
        path.write_text("".join(row["text"] + "\n" for row in articles), encoding="utf-8")
        articles = [{"text": row["text"]} for row in articles]
    return articles


@pytest.fixture
def alps(tmp_path: Path) -> Alps:
    """Run the command in a folder of its own; see `run_alps`."""

    def run(*arguments: str | Path | int, **options) -> Result:
        return run_alps([str(argument) for argument in arguments], tmp_path, **options)

    return run


@pytest.fixture
def tiny(checkpoints: dict[str, Path]) -> list[str]:
    """Options that name the tiny model."""
    return ["--model", str(checkpoints["bert"]), "--device", "cpu"]
