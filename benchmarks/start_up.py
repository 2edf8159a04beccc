"""
Start-up: ``import alps`` and ``alps --help`` as multiples of a bare interpreter.

    python benchmarks/start_up.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time


def milliseconds(arguments: list[str], repeats: int = 15) -> float:
    """Median wall time of a command."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


def main() -> None:
    """Print the table."""
    bare = milliseconds(["-c", "pass"])
    print("| command | multiple of `python -c pass` |\n|---|---|")
    for name, arguments in (
        ("import alps", ["-c", "import alps"]),
        ("alps --help", ["-m", "alps.cli.main", "--help"]),
    ):
        print(f"| `{name}` | {milliseconds(arguments) / bare:.1f} |")


if __name__ == "__main__":
    main()
