"""What `--verbose` tells: every stage with its seconds, what was computed, and where it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

_STAGES = (("read", "read the pool"), ("libraries", "loaded the libraries"), ("represent", "looked at the texts"),
           ("select", "chose"))  # fmt: skip


class Clock:
    """Seconds by stage, each since the one before."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, stage: str) -> None:
        """End a stage."""
        now = perf_counter()
        self.seconds[stage] = round(now - self._last, 3)
        self._last = now


def account(summary: Mapping[str, Any], cache_folder: Path | None) -> Iterator[str]:
    """Lines about a selection, from its summary and the folder in which values are kept."""
    yield f"pool: {summary['texts_read']:,} texts of {summary['source']}, {summary['texts_distinct']:,} to choose from"
    if "texts_sampled_from" in summary:
        yield f"sample: {summary['texts_in_pool']:,} random ones of {summary['texts_sampled_from']:,} texts"
    if "model" in summary:
        yield f"model: {summary['model']}, {summary['dtype']} on {summary['device']}, {summary['threads']} threads"
        kept = summary["texts_distinct"] - summary["texts_computed"]
        yield f"values: {summary['texts_computed']:,} texts computed, {max(kept, 0):,} found in the cache"
    yield f"cache: {cache_folder if cache_folder is not None else 'none'}"
    for stage, done in _STAGES:
        if stage in summary["seconds"]:
            yield f"{summary['seconds'][stage]:.2f} s: {done}"
