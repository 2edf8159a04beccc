"""``alps cache``: what is kept on disk, and clearing it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="List, size and clear what was computed and kept.")

CacheDir = Annotated[
    Path | None,
    typer.Option(
        "--cache-dir",
        help="The cache folder; by default ALPS_CACHE_DIR or the platform's.",
        show_default=False,
    ),
]


@app.command("list")
def list_command(cache_dir: CacheDir = None) -> None:
    """List the stores: model, kind of values, texts and size."""
    from alps.base.text_safety import for_terminal
    from alps.shards.cache import default_cache_folder, list_stores

    folder = cache_dir or default_cache_folder()
    stores = list_stores(folder)
    for store in stores:
        settings = store.settings
        what = " ".join(str(settings[name]) for name in ("model", "kind", "dtype", "device") if name in settings)
        shown = for_terminal(what or "unknown")
        typer.echo(f"{store.folder.name}  {_size(store.n_bytes):>9}  {store.n_rows:>11,} texts  {shown}")
    total = sum(store.n_bytes for store in stores)
    typer.echo(f"{folder}: {len(stores)} {'store' if len(stores) == 1 else 'stores'}, {_size(total)}")


@app.command("clear")
def clear_command(
    cache_dir: CacheDir = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove everything that is kept; it is computed again when needed."""
    from alps.shards.cache import clear, default_cache_folder, list_stores

    folder = cache_dir or default_cache_folder()
    stores = list_stores(folder)
    total = _size(sum(store.n_bytes for store in stores))
    if stores and not yes:
        typer.confirm(f"Remove {len(stores)} stores ({total}) from {folder}?", abort=True)
    typer.echo(f"Removed {_size(clear(folder))} from {folder}")


def _size(n_bytes: int) -> str:
    size = float(n_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
