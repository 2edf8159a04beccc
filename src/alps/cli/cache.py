"""``alps cache``: what is kept on disk, and clearing it."""

from __future__ import annotations

from typing import Annotated

import typer

from alps.base.counts import counted
from alps.base.text_safety import for_terminal
from alps.cli import options
from alps.cli.help import help_without_command

app = typer.Typer(
    callback=help_without_command, invoke_without_command=True, help="List, size and clear what was computed and kept."
)


@app.command("list")
def list_command(cache_dir: options.CacheDir = None) -> None:
    """List the stores: model, kind of values, texts and size."""
    from alps.shards.cache import default_cache_folder, list_stores

    folder = cache_dir or default_cache_folder()
    stores = list_stores(folder)
    for store in stores:
        settings = store.settings
        what = " ".join(str(settings[name]) for name in ("model", "kind", "dtype", "device") if name in settings)
        shown = for_terminal(what or "unknown")
        typer.echo(f"{store.folder.name}  {_size(store.n_bytes):>9}  {store.n_rows:>11,} texts  {shown}")
    total = _size(sum(store.n_bytes for store in stores))
    typer.echo(f"{for_terminal(str(folder))}: {counted(len(stores), 'store')}, {total}")


@app.command("clear")
def clear_command(
    cache_dir: options.CacheDir = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove everything that is kept; it is computed again when needed."""
    from alps.shards.cache import clear, default_cache_folder, list_stores

    folder = cache_dir or default_cache_folder()
    stores = list_stores(folder)
    shown = for_terminal(str(folder))
    if stores and not yes:
        total = _size(sum(store.n_bytes for store in stores))
        typer.confirm(f"Remove {counted(len(stores), 'store')} ({total}) from {shown}?", abort=True)
    typer.echo(f"Removed {_size(clear(folder))} from {shown}")


def _size(n_bytes: int) -> str:
    size = float(n_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
