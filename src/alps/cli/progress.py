"""Progress on the terminal: rate and time left, on standard error so that output can be piped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from alps.base.progress import Progress, ProgressCallback, no_progress
from alps.cli.manner import Manner
from alps.cli.tell import tell

if TYPE_CHECKING:
    from rich.progress import Task


@contextmanager
def show_progress(manner: Manner) -> Iterator[ProgressCallback]:
    """Yield a callback: a bar on a terminal, a line at the start and end of each stage elsewhere; nothing if quiet."""
    if manner.quiet:
        yield no_progress
    elif sys.stderr.isatty():
        with _bar() as callback:
            yield callback
    else:
        yield _lines


def _lines(progress: Progress) -> None:
    if progress.total and progress.done in (0, progress.total):
        tell(f"{progress.stage}: {progress.done:,} of {progress.total:,} texts")


@contextmanager
def _bar() -> Iterator[ProgressCallback]:
    from rich.console import Console
    from rich.progress import BarColumn, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            done, elapsed = task.fields["done"], task.elapsed or 0.0
            return Text(f"{done / elapsed:,.0f} texts/s" if elapsed > 0.5 else "")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[texts]}"),
        Rate(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, int] = {}

        def callback(progress: Progress) -> None:
            if not progress.total and not progress.done:
                return
            texts = f"{progress.done:,}/{progress.total:,} texts" if progress.total else f"{progress.done:,} texts"
            if progress.stage not in tasks:  # without a total the bar only moves
                total = 1.0 if progress.total else None
                tasks[progress.stage] = bars.add_task(progress.stage, total=total, texts=texts, done=0)
            task = tasks[progress.stage]
            bars.update(task, completed=progress.share, texts=texts, done=progress.done)  # type: ignore[arg-type]
            if progress.done == progress.total:  # leave the terminal clean for what is printed next
                bars.update(task, visible=False)  # type: ignore[arg-type]
                bars.refresh()

        yield callback
