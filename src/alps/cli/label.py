"""``alps label`` and ``alps status``: people label, and how far they have come."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alps.base.errors import AlpsError
from alps.cli import label_loop, options
from alps.cli.label_changes import add_labels, change_labels, label_changes
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
NewProject = Annotated[
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
RenameLabel = Annotated[
    list[str] | None,
    typer.Option("--rename-label", help="Give a class another name, or make it one with the class of that name.",
                 metavar="OLD=NEW", rich_help_panel=PROJECT, show_default=False),
]  # fmt: skip
RemoveLabel = Annotated[
    list[str] | None,
    typer.Option("--remove-label", help="Remove a class that no answer names.", metavar="NAME",
                 rich_help_panel=PROJECT, show_default=False),
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


def command(
    context: typer.Context,
    source: options.Source = None,
    labels: Labels = None,
    multi_label: MultiLabel = False,
    guidelines: Guidelines = None,
    project: NewProject = None,
    overlap: Overlap = None,
    add: Add = None,
    rename_label: RenameLabel = None,
    remove_label: RemoveLabel = None,
    text_column: options.TextColumn = None,
    id_column: options.IdColumn = None,
    input_format: options.InputFormat = None,
    split: options.Split = None,
    sheet: options.Sheet = None,
    sample: options.Sample = None,
    k: label_loop.K = None,
    strategy: label_loop.Strategy = None,
    warm: label_loop.Warm = None,
    warm_after: label_loop.WarmAfter = None,
    train: label_loop.Train = None,
    finetune: label_loop.FineTune = None,
    audit_share: label_loop.AuditShare = None,
    blind: label_loop.Blind = None,
    target_accuracy: label_loop.TargetAccuracy = None,
    budget: label_loop.Budget = None,
    seed: label_loop.Seed = None,
    model: label_loop.Model = None,
    cache_dir: options.CacheDir = None,
    no_browser: NoBrowser = False,
    port: Port = None,
    host: Host = "127.0.0.1",
) -> None:
    """Label texts in the browser; a project that exists goes on where it stopped."""
    from alps.base.errors import require
    from alps.shards.cache import default_cache_folder

    require("fastapi", "label")
    require("uvicorn", "label")
    path = _project_path(source or [], project)
    reading = {
        "text_column": text_column, "id_column": id_column, "format": input_format, "split": split, "sheet": sheet,
        "spool_folder": cache_dir or default_cache_folder(),
    }  # fmt: skip
    loop = {
        "strategy": strategy, "warm": warm, "texts_per_class": warm_after, "train": train, "finetune": finetune,
        "blind": blind, "target_accuracy": target_accuracy, "budget": budget,
        "k": k, "seed": seed, "model": model,
    }  # fmt: skip
    label_loop.check(loop, multi_label=multi_label)
    changes = label_changes(rename_label or [], remove_label or [])
    if changes and not path.exists():
        raise AlpsError(f"There is no project {path} yet whose classes could change; name them with --labels.")
    made = not path.exists()
    if made:
        pool = _pool_of_new_project(path, source or [], labels, reading)
        opened = _create(
            path, source or [], pool, labels or "", multi_label=multi_label, audit_share=audit_share, sample=sample,
            seed=seed or 0,
        )  # fmt: skip
    else:
        opened = _open(path)
        _check_source(opened, source or [], reading)
    try:
        label_loop.check_audit_share(opened, audit_share)
        if not add:
            label_loop.check_sample(opened, sample)
        label_loop.keep(opened, loop)
        _apply(opened, guidelines=guidelines, overlap=overlap, multi_label=multi_label)
        told = _sampled(opened) if made else []
        told += change_labels(opened, changes) + add_labels(opened, [] if labels is None else labels.split(","))
        for sentence in [] if context.obj.quiet else told:
            tell(sentence)
        if add:
            more, kept = _read(pool_source(add), reading), opened.setting("sample") or {"seed": seed or 0}
            n_new = opened.add_pool(more if sample is None else more.sample(sample, kept["seed"]))
            if not context.obj.quiet:
                tell(f"Added {n_new} texts to {path}")
        _serve(opened, cache_dir, no_browser, port, host)
    finally:
        opened.close()


def status(project: options.ProjectFile) -> None:
    """Tell how far a project has come, how good its model is, and whether to go on."""
    from alps.labelling.advice import advice
    from alps.labelling.plain_words import told
    from alps.labelling.reviews import agreement

    opened = _open(project)
    try:
        counts = opened.counts()
        typer.echo(f"{opened.setting('name')}: {opened.n_texts()} texts, {sum(counts.values())} of them different")
        for line in _sampled(opened):
            typer.echo(line)
        typer.echo(", ".join(f"{n} {state}" for state, n in counts.items()))
        for name, n in opened.class_counts().items():
            typer.echo(f"  {name}: {n}")
        measures = agreement(opened)
        if measures["n"]:
            values = {"Cohen's kappa": measures["cohen"], "Krippendorff's alpha": measures["krippendorff"]}
            agreed = ", ".join(f"{name} {value:.2f}" for name, value in values.items() if value is not None)
            typer.echo(f"agreement on {measures['n']} texts: {agreed or 'nothing to tell apart yet'}")
        for line in told(opened):
            typer.echo(line)
        typer.echo(advice(opened)["sentence"])
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


def _pool_of_new_project(path: Path, source: list[str], labels: str | None, reading: Mapping[str, Any]) -> Pool:
    """The texts that a new project is to have."""
    if labels is None:
        raise AlpsError(f"{path} is a new project and needs classes; add --labels with commas between the names.")
    if not source or source[0].endswith(".alps"):
        raise AlpsError(f"There is no project {path}; name a file of texts to make one.")
    return _read(pool_source(source), reading)


def _create(
    path: Path, source: list[str], pool: Pool, labels: str, *, multi_label: bool, audit_share: float | None,
    sample: int | None, seed: int,
) -> Project:  # fmt: skip
    """A new project of a pool or of a sample of it, whole or not at all."""
    from alps.base.atomic import atomic_file
    from alps.labelling.new_project import AUDIT_SHARE, create_project

    names = labels.split(",")
    share = AUDIT_SHARE if audit_share is None else audit_share
    with atomic_file(path) as unfinished:
        project = create_project(unfinished, names, name=path.stem, multi_label=multi_label, audit_share=share)
        try:
            drawn = pool if sample is None else pool.sample(sample, seed)
            project.add_pool(drawn)
            if drawn.n < pool.n:
                project.set("sample", {"texts": drawn.n, "of": pool.n, "seed": seed})
            project.set("source", [str(Path(each).resolve()) for each in source])
        finally:
            project.close()
    return _open(path)


def _sampled(project: Project) -> list[str]:
    """A sentence about the sample that a project was made of."""
    sample = project.setting("sample")
    return [] if sample is None else [f"made of {sample['texts']:,} random ones of {sample['of']:,} texts"]


def _check_source(project: Project, source: list[str], reading: Mapping[str, Any]) -> None:
    """
    Refuse a file of other texts than the project has: it is another file of the same name.

    A file is looked into once for each place where it is found; one that is not there any more is not needed.
    """
    files = [Path(each).resolve() for each in source if not each.endswith(".alps")]
    names = [str(file) for file in files]
    if not files or names == project.setting("source") or not all(file.is_file() for file in files):
        return
    if not _read(pool_source(source), reading).holds_any(project.digests()):
        raise AlpsError(f"{project.path} is a project of other texts than {source[0]}; name another with --project, or "
                        "put these in as well with --add.")  # fmt: skip
    project.set("source", names)


def _apply(project: Project, *, guidelines: Path | None, overlap: int | None, multi_label: bool) -> None:
    """Take in what the command line says about a project."""
    if multi_label and not project.setting("multi_label"):
        raise AlpsError(f"{project.path} is a project of one label a text; leave out --multi-label.")
    if overlap is not None:
        from alps.labelling.queue import set_overlap

        set_overlap(project, overlap)
    if guidelines is not None:
        try:
            project.set("guidelines", guidelines.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise AlpsError(f"{guidelines} cannot be read as text in UTF-8 ({error}); check the name.") from error


def _read(source: str | list[Path], reading: Mapping[str, Any]) -> Pool:
    from alps.pool.read import read_pool

    return read_pool(source, **reading)


def _serve(project: Project, cache_dir: Path | None, no_browser: bool, port: int | None, host: str) -> None:
    from alps.labelling.serve import serve
    from alps.shards.cache import default_cache_folder

    folder = cache_dir or default_cache_folder()
    batches = label_loop.batch_settings(project, folder)
    training = label_loop.training_settings(project, folder) if label_loop.trains(project) else None
    serve(project, batches, training, host=host, port=port, browser=not no_browser, tell=tell)
