"""Where the results of a selection go: checked before the work, made at its end."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from alps.base.atomic import atomic_file, check_writable, explain_os_error
from alps.base.errors import AlpsError

_PAGES = (".html", ".htm")


@dataclass(frozen=True)
class Outputs:
    """
    The files to write; None for what is not wanted.

    Attributes
    ----------
    queries, report, summary, recipe
        The files.
    folder
        A folder to make for them where it is missing.
    force
        Whether existing files may be replaced.

    """

    queries: Path | None = None
    report: Path | None = None
    summary: Path | None = None
    recipe: Path | None = None
    folder: Path | None = None
    force: bool = False

    def files(self) -> list[Path]:
        """Those that are wanted."""
        return [path for path in (self.queries, self.report, self.summary, self.recipe) if path is not None]

    def check(self, inputs: Iterable[Path]) -> None:
        """
        Refuse early, before the work is done, what could not be written at its end.

        Raises
        ------
        AlpsError
            When a file is one that is read, is named twice, exists and `force` is not set, cannot be written, or has a
            name that tells no format.

        """
        from alps.pool.write import check_name

        _check_folder(self.folder)
        files = self.files()
        read = [path for path in inputs if path.exists()]
        for number, path in enumerate(files):
            if any(path.exists() and path.samefile(other) for other in read):
                raise AlpsError(f"{path} is read and would be replaced; write to another file.")
            if any(path.resolve() == other.resolve() for other in files[:number]):
                raise AlpsError(f"{path} is named for two outputs; give each a file of its own.")
            if self.folder is None or self.folder.exists() or path.parent != self.folder:
                check_writable(path, force=self.force)
        if self.queries is not None and self.queries.parent != self.folder:
            check_name(self.queries)
        if self.report is not None and self.report.suffix.lower() not in _PAGES:
            raise AlpsError(f"The report {self.report} is a web page; choose a name that ends in .html.")

    def make_folder(self) -> None:
        """
        Make the folder.

        Raises
        ------
        AlpsError
            When it cannot be made.

        """
        if self.folder is not None:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise explain_os_error(error, self.folder) from error


def plan_outputs(output: Path | None, folder: Path | None, report: Path | None, *, force: bool) -> Outputs:
    """
    The files for the options `--output`, `--output-dir` and `--report`.

    Raises
    ------
    AlpsError
        When the first two contradict each other, or the first has no name.

    """
    if output is not None and not output.name:
        raise AlpsError(f"{output} is a folder; name a file to write.")
    if folder is None:
        return Outputs(output, report, recipe=None if output is None else recipe_beside(output), force=force)
    if output is not None:
        raise AlpsError("--output and --output-dir both say where the queries go; leave one of them out.")
    page = folder / "report.html" if report is None else report
    return Outputs(folder / "queries.csv", page, folder / "summary.json", folder / "recipe.toml", folder, force)


def recipe_beside(output: Path) -> Path:
    """
    The file of the recipe for a file of queries.

    >>> recipe_beside(Path("queries.csv.gz")).name
    'queries.recipe.toml'
    """
    from alps.pool.compression import without_compression

    return output.with_name(f"{Path(without_compression(output.name)).stem}.recipe.toml")


def write_bytes(content: bytes, path: Path, *, force: bool) -> None:
    """
    Write a file, whole or not at all.

    Raises
    ------
    AlpsError
        When it exists and `force` is not set, or cannot be written.

    """
    with atomic_file(path, force=force) as temporary:
        temporary.write_bytes(content)


def _check_folder(folder: Path | None) -> None:
    """Whether a folder is there or can be made."""
    if folder is None or folder.is_dir():
        return
    if folder.exists():
        raise AlpsError(f"{folder} is a file; name a folder for --output-dir.")
    there = next(parent for parent in folder.absolute().parents if parent.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise AlpsError(f"The folder {folder} cannot be made in {there}; choose another place.")
