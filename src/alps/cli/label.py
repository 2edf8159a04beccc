"""``alps label`` and ``alps status``: people label, and how far they have come."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alps.base.errors import AlpsError
from alps.cli import options
from alps.cli.manner import Manner
from alps.cli.sources import pool_source
from alps.cli.tell import tell

if TYPE_CHECKING:
    from alps.labelling.project import Project
    from alps.pool.pool import Pool

PROJECT, SERVER = "Project", "Server"

Labels = Annotated[
    str | None,
    typer.Option("--labels", help="The classes, with commas between them.", metavar="NAMES", rich_help_panel=PROJECT,
                 show_default=False),
]  # fmt: skip
MultiLabel = Annotated[
    bool, typer.Option("--multi-label", help="A text may have several labels.", rich_help_panel=PROJECT)
]
Guidelines = Annotated[
    Path | None,
    typer.Option("--guidelines", help="A file in Markdown that says how to decide.", metavar="FILE",
                 rich_help_panel=PROJECT, show_default=False),
]  # fmt: skip
ProjectFile = Annotated[
    Path | None,
    typer.Option("--project", help="The file of the project; the name of the source with .alps by default.",
                 metavar="FILE", rich_help_panel=PROJECT, show_default=False),
]  # fmt: skip
Overlap = Annotated[
    int | None,
    typer.Option("--overlap", min=1, help="How many annotators are asked about each text; 1 by default.",
                 metavar="M", rich_help_panel=PROJECT, show_default=False),
]  # fmt: skip
Add = Annotated[
    list[str] | None,
    typer.Option("--add", help="Add the texts of a file to the project.", metavar="SOURCE", rich_help_panel=PROJECT,
                 show_default=False),
]  # fmt: skip
NoBrowser = Annotated[
    bool, typer.Option("--no-browser", help="Serve and print the address only.", rich_help_panel=SERVER)
]
Port = Annotated[
    int | None,
    typer.Option("--port", min=1, max=65535, help="The port; chosen once and kept in the project by default.",
                 metavar="N", rich_help_panel=SERVER, show_default=False),
]  # fmt: skip
Host = Annotated[
    str,
    typer.Option("--host", help="The address to listen on; 0.0.0.0 lets in everybody who has the printed address.",
                 metavar="ADDRESS", rich_help_panel=SERVER),
]  # fmt: skip
Existing = Annotated[Path, typer.Argument(help="The file of a project.", metavar="PROJECT", show_default=False)]


def command(
    context: typer.Context,
    source: options.Source = None,
    labels: Labels = None,
    multi_label: MultiLabel = False,
    guidelines: Guidelines = None,
    project: ProjectFile = None,
    overlap: Overlap = None,
    add: Add = None,
    text_column: options.TextColumn = None,
    id_column: options.IdColumn = None,
    k: options.K = 100,
    strategy: options.StrategyName = "alps",
    seed: options.Seed = 0,
    model: options.Model = "bundled",
    cache_dir: options.CacheDir = None,
    no_browser: NoBrowser = False,
    port: Port = None,
    host: Host = "127.0.0.1",
) -> None:
    """Label texts in the browser; a project that exists goes on where it stopped."""
    from alps.base.errors import require

    require("fastapi", "label")
    require("uvicorn", "label")
    path = _project_path(source or [], project)
    opened = _open(path) if path.exists() else _create(path, source or [], labels, multi_label=multi_label,
                                                       text_column=text_column, id_column=id_column)  # fmt: skip
    try:
        _apply(opened, labels=labels, guidelines=guidelines, overlap=overlap, multi_label=multi_label)
        if add:
            n_new = opened.add_pool(_read(pool_source(add), text_column, id_column))
            if not context.obj.quiet:
                tell(f"Added {n_new} texts to {path}")
        _serve(opened, context.obj, k, strategy, seed, model, cache_dir, no_browser, port, host)
    finally:
        opened.close()


def status(project: Existing) -> None:
    """Tell how far a project has come."""
    from alps.labelling.reviews import agreement

    opened = _open(project)
    try:
        counts = opened.counts()
        typer.echo(f"{opened.setting('name')}: {opened.n_texts()} texts, {sum(counts.values())} of them different")
        typer.echo(", ".join(f"{n} {state}" for state, n in counts.items()))
        for name, n in opened.class_counts().items():
            typer.echo(f"  {name}: {n}")
        measures = agreement(opened)
        if measures["n"]:
            values = {"Cohen's kappa": measures["cohen"], "Krippendorff's alpha": measures["krippendorff"]}
            told = ", ".join(f"{name} {value:.2f}" for name, value in values.items() if value is not None)
            typer.echo(f"agreement on {measures['n']} texts: {told or 'nothing to tell apart yet'}")
    finally:
        opened.close()


def _project_path(source: list[str], project: Path | None) -> Path:
    """The file of the project: named, or after the first source."""
    if project is not None:
        return project
    if not source:
        raise AlpsError("There is nothing to label; name a file of texts or a project; see alps label --help.")
    if source[0].endswith(".alps"):
        return Path(source[0])
    from alps.pool.compression import without_compression

    return Path(Path(without_compression(Path(source[0]).name)).stem + ".alps")


def _open(path: Path) -> Project:
    from alps.labelling.project import Project

    return Project(path)


def _create(
    path: Path, source: list[str], labels: str | None, *, multi_label: bool, text_column: str | None,
    id_column: str | None,
) -> Project:  # fmt: skip
    """A new project, whole or not at all."""
    from alps.labelling.project import create_project

    if labels is None:
        raise AlpsError(f"{path} is a new project and needs classes; add --labels with commas between the names.")
    names = labels.split(",")
    if not source or source[0].endswith(".alps"):
        raise AlpsError(f"There is no project {path}; name a file of texts to make one.")
    pool = _read(pool_source(source), text_column, id_column)
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.unlink(missing_ok=True)
    project = create_project(unfinished, names, name=path.stem, multi_label=multi_label)
    try:
        project.add_pool(pool)
        project.copy_to(path)
    finally:
        project.close()
        unfinished.unlink(missing_ok=True)
    return _open(path)


def _apply(
    project: Project, *, labels: str | None, guidelines: Path | None, overlap: int | None, multi_label: bool
) -> None:
    """Take in what the command line says about a project."""
    if multi_label and not project.setting("multi_label"):
        raise AlpsError(f"{project.path} is a project of one label a text; leave out --multi-label.")
    known = project.labels
    for name in [] if labels is None else labels.split(","):
        if name.strip() not in known:
            project.add_class(name)
    if overlap is not None:
        from alps.labelling.queue import set_overlap

        set_overlap(project, overlap)
    if guidelines is not None:
        try:
            project.set("guidelines", guidelines.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise AlpsError(f"{guidelines} cannot be read as text in UTF-8 ({error}); check the name.") from error


def _read(source: str | list[Path], text_column: str | None, id_column: str | None) -> Pool:
    from alps.pool.read import read_pool

    return read_pool(source, text_column=text_column, id_column=id_column)


def _serve(
    project: Project, manner: Manner, k: int, strategy: str, seed: int, model: str, cache_dir: Path | None,
    no_browser: bool, port: int | None, host: str,
) -> None:  # fmt: skip
    from alps.labelling.batches import BatchSettings
    from alps.labelling.serve import serve
    from alps.shards.cache import default_cache_folder
    from alps.strategies.mixture import parts_of

    parts_of(strategy)
    settings = None
    if strategy != "random":
        settings = BatchSettings(
            k, strategy, seed=seed, model=model, cache_dir=str(cache_dir or default_cache_folder())
        )
    serve(project, settings, host=host, port=port, browser=not no_browser, tell=tell)
