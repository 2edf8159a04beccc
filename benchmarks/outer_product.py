r"""BADGE on outer products that are never written out, against the plain matrix of them, as a Markdown table.

    python benchmarks/outer_product.py --texts 20000 --classes 4 77

Every cell is a process of its own: gradients of random probabilities and embeddings, then k-means++ sampling of
--picks rows. Memory is the peak of the process beyond what it had after its imports and inputs. Both must pick alike.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.representations.gradient import gradient_embeddings
from alps.selectors import kmeans_plus_plus


def measure(n: int, n_classes: int, width: int, k: int, *, written_out: bool) -> dict[str, object]:
    """Seconds, megabytes and the picks of one way."""
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet(np.ones(n_classes), n).astype(np.float32)
    hidden = generator.standard_normal((n, width), dtype=np.float32)
    candidates, labelled = np.arange(n), np.empty(0, np.int64)
    before = peak()
    start = time.perf_counter()
    some: Features = gradient_embeddings(probabilities, hidden, np.ones(n, np.int64))
    if written_out:
        some = Features(some.dense(candidates), some.copies)
    picks = kmeans_plus_plus.select(some, candidates, labelled, k, Stream(0), conditioned=False)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "megabytes": peak() - before, "picks": picks.rows.tolist()}


def peak() -> float:
    """The largest size of this process so far, in megabytes (Linux counts kilobytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_a_process(arguments: list[str]) -> dict[str, object]:
    """What this file prints for one cell."""
    printed = subprocess.run([sys.executable, __file__, *arguments], check=True, capture_output=True, text=True).stdout
    found: dict[str, object] = json.loads(printed)
    return found


def main() -> None:
    """Print the table, or one cell of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=20000)
    parser.add_argument("--classes", nargs="+", type=int, default=[4, 77])
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--picks", type=int, default=100)
    parser.add_argument("--cell", choices=["never", "plain"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.cell:
        sizes = (given.texts, given.classes[0], given.width, given.picks)
        print(json.dumps(measure(*sizes, written_out=given.cell == "plain")))
        return
    print("| texts x (classes x width) | plain, time | ours | plain, MB | ours, MB | same picks |")
    print("|---|---|---|---|---|---|")
    for n_classes in given.classes:
        sizes = [f"--texts={given.texts}", f"--width={given.width}", f"--picks={given.picks}", f"--classes={n_classes}"]
        never, plain = (in_a_process([*sizes, f"--cell={cell}"]) for cell in ("never", "plain"))
        ratio = float(str(plain["seconds"])) / float(str(never["seconds"]))
        same = sum(a == b for a, b in zip(never["picks"], plain["picks"], strict=True))
        print(
            f"| {given.texts:,} x ({n_classes} x {given.width}) | {ratio:.1f} | 1 | {plain['megabytes']:.0f} | "
            f"{never['megabytes']:.0f} | {same} of {given.picks} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
