"""
Peak memory of ``alps select`` for pools of several sizes.

    python benchmarks/memory.py agnews/train.tsv --sizes 20000 200000

Each size runs in a process of its own with an empty cache folder. A pool larger than the file is made by giving further
copies of each text another beginning, so that all texts are distinct and as long as the real ones.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from alps.pool.read import read_pool

_RUN = """
import json, resource, sys
import alps
selection = alps.select(sys.argv[1], k=100, strategy=sys.argv[4], cache_dir=sys.argv[2], model=sys.argv[3])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({"peak": peak, "texts": selection.summary["texts_distinct"]}))
"""


def peak_bytes(texts: list[str], model: str, strategy: str) -> dict[str, int]:
    """Peak resident memory of one selection, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        pool = Path(folder) / "pool.txt"
        pool.write_text("\n".join(texts), encoding="utf-8")
        command = [sys.executable, "-c", _RUN, str(pool), str(Path(folder) / "cache"), model, strategy]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
        found: dict[str, int] = json.loads(done.stdout)
        return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--model", default="bundled", help="a smaller one is quicker, and takes less by its own size")
    parser.add_argument("--strategy", default="alps")
    options = parser.parse_args()
    texts = [" ".join(text.split()) for text in read_pool(options.file).texts.to_pylist()]
    print("| texts | peak memory |\n|---|---|")
    for size in options.sizes:
        copies = -(-size // len(texts))
        pool = [f"{copy} {text}" if copy else text for copy in range(copies) for text in texts][:size]
        found = peak_bytes(pool, options.model, options.strategy)
        print(f"| {found['texts']:,} | {found['peak'] / 1e6:,.0f} MB |", flush=True)


if __name__ == "__main__":
    main()
