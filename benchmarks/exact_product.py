r"""The product that probabilities are made of, against the one of the matrix library, as a Markdown table.

    python benchmarks/exact_product.py --texts 100000 --classes 20

Times are the best of --turns, taken in turns in one process. `other bits` are values that differ between one thread and
two, and between the whole matrix and the same without its first row.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from alps.models.exact_product import exact_product

Product = Callable[[npt.NDArray[np.float32], npt.NDArray[np.float32]], npt.NDArray[np.float32]]


def plain(rows: npt.NDArray[np.float32], columns: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The product of the matrix library in float32."""
    return rows @ columns.T


def exact(rows: npt.NDArray[np.float32], columns: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Ours, rounded to float32."""
    return exact_product(rows, columns).astype(np.float32)


def other_bits(product: Product, rows: npt.NDArray[np.float32], columns: npt.NDArray[np.float32]) -> int:
    """Values that are not the same on two threads, or at another place."""
    with threadpool_limits(1):
        found = product(rows, columns)
        moved = int((product(rows[1:], columns) != found[1:]).sum())
    with threadpool_limits(2):
        return moved + int((product(rows, columns) != found).sum())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--classes", nargs="+", type=int, default=[2, 20])
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--turns", type=int, default=7)
    given = parser.parse_args()
    generator = np.random.default_rng(0)
    rows = generator.standard_normal((given.texts, given.width), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    print("| texts x width, classes | float32, time | exact, time | other bits, float32 | other bits, exact |")
    print("|---|---|---|---|---|")
    for n_classes in given.classes:
        columns = generator.standard_normal((n_classes, given.width), dtype=np.float32)
        seconds: dict[Product, list[float]] = {plain: [], exact: []}
        for product in (plain, exact) * given.turns:
            start = time.perf_counter()
            product(rows, columns)
            seconds[product].append(time.perf_counter() - start)
        ratio = min(seconds[exact]) / min(seconds[plain])
        print(
            f"| {given.texts:,} x {given.width}, {n_classes} | 1 | {ratio:.1f} ({min(seconds[exact]):.2f} s) | "
            f"{other_bits(plain, rows, columns):,} | {other_bits(exact, rows, columns):,} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
