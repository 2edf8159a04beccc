"""What the processes of these tests do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alps.pool.write import write_table
from alps.selection import select
from alps.shards import plan

TOKENS_PER_SHARD = 600


def write_queries(pool: Path, model: str, cache: Path, output: Path, options: dict[str, Any]) -> None:
    """`alps.select`, shard by small shard, and its queries in a file."""
    plan.TOKENS_PER_SHARD = TOKENS_PER_SHARD
    selection = select(pool, 10, model=model, device="cpu", cache_dir=cache, **options)
    write_table(selection.to_table(), output, force=True)


def write_queries_together(pool: Path, model: str, cache: Path, output: Path, n_processes: int) -> None:
    """As `write_queries`, beginning when all processes are there."""
    from tests.processes import wait_until

    output.with_suffix(".ready").touch()
    wait_until(lambda: len(list(output.parent.glob("*.ready"))) == n_processes)
    write_queries(pool, model, cache, output, {})
