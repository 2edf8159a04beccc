"""``alps export``: the labels of a project as a table, or a copy of the whole project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alps.base.counts import counted
from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.cli import options
from alps.cli.choices import exchange_names
from alps.cli.tell import tell

if TYPE_CHECKING:
    from alps.labelling.project import Project

TABLE, DATA_SET = "table", "datasets"
FORMATS = {
    TABLE: "a file whose ending says how it is written: .csv, .jsonl, .parquet, ...",
    DATA_SET: "a folder that datasets.load_from_disk opens, with a card",
}
_WHY_NONE = {
    "all": "the project has no texts",
    "answered": "nobody has answered one",
    "unanswered": "all are answered",
    "batch": "none of a batch that ALPS has chosen is left to answer",
}

Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="The labels: id, text, label, and where each came from.", metavar="FILE",
                 show_default=False),
]  # fmt: skip
Format = Annotated[
    str,
    typer.Option("--format", metavar="NAME", autocompletion=lambda: [*FORMATS, *exchange_names()],
                 help="; ".join(f"{name}: {what}" for name, what in FORMATS.items())
                 + f"; for other tools: {', '.join(exchange_names())}."),
]  # fmt: skip
Skipped = Annotated[
    bool,
    typer.Option(
        "--skipped",
        help="Also the texts that were skipped, are disputed, or have only a flag or a note.",
    ),
]
Texts = Annotated[
    str | None,
    typer.Option("--texts", help="Which texts another tool is given: all, answered, unanswered, or batch, the newest "
                 "that ALPS has chosen and nobody has answered; all by default.", metavar="NAME", show_default=False),
]  # fmt: skip
PushToHub = Annotated[
    str | None,
    typer.Option("--push-to-hub", help="Put the labels and a card into this data set of the Hugging Face hub, a "
                 "private one where it is made.", metavar="OWNER/NAME", show_default=False),
]  # fmt: skip
Public = Annotated[bool, typer.Option("--public", help="Make the data set one that everybody sees.")]
Copy = Annotated[
    Path | None,
    typer.Option("--project", help="A copy of the whole project, also while people label.", metavar="FILE",
                 show_default=False),
]  # fmt: skip


def command(
    context: typer.Context,
    project: options.ProjectFile,
    output: Output = None,
    format: Format = TABLE,
    skipped: Skipped = False,
    texts: Texts = None,
    push_to_hub: PushToHub = None,
    public: Public = False,
    copy: Copy = None,
    force: options.Force = False,
) -> None:
    """Write the labels of a project to a file, or copy the whole project."""
    if output is None and copy is None and push_to_hub is None:
        raise AlpsError("There is nothing to write; name a file with --output or --project, or use --push-to-hub.")
    known = [*FORMATS, *exchange_names()]
    if format not in known:
        raise AlpsError(f"There is no format '{for_terminal(format, 40)}'; choose --format from: {', '.join(known)}.")
    if format in FORMATS and texts is not None:
        raise AlpsError("The table has labelled texts only; leave out --texts or choose the --format of another tool.")
    if output is not None and format not in FORMATS:
        from alps.integrations.formats import exchange_format

        exchange_format(format).check_name(output.name)
    from alps.labelling.project import Project

    opened = Project(project)
    try:
        if output is not None:
            if format in FORMATS:
                told = _write(opened, output, format, skipped=skipped, force=force)
            else:
                told = _write_for(opened, output, format, texts or "all", force=force)
            if not context.obj.quiet:
                tell(told)
        if push_to_hub is not None:
            from alps.integrations.data_set import push_data_set

            address = push_data_set(opened, push_to_hub, skipped=skipped, public=public)
            if not context.obj.quiet:
                tell(f"Pushed the labels to {address}")
        if copy is not None:
            opened.copy_to(copy, force=force)
            if not context.obj.quiet:
                tell(f"Copied the project to {copy}")
    finally:
        opened.close()


def _write(project: Project, output: Path, format: str, *, skipped: bool, force: bool) -> str:
    """Write the table; returns what to tell."""
    from alps.labelling.export import LABELLED, labelled_table
    from alps.pool.write import write_table

    table = labelled_table(project, skipped=skipped)
    if format == DATA_SET:
        from alps.integrations.data_set import write_labelled_data_set

        write_labelled_data_set(project, output, skipped=skipped, force=force)
    else:
        write_table(table, output, force=force)
    n_labelled = table.column("state").to_pylist().count(LABELLED)
    others = f" and {counted(table.num_rows - n_labelled, 'other')}" if table.num_rows > n_labelled else ""
    return f"Wrote {counted(n_labelled, 'labelled text')}{others} to {output}"


def _write_for(project: Project, output: Path, format: str, texts: str, *, force: bool) -> str:
    """Write for another tool; returns what to tell."""
    from alps.integrations.exchange import export_to
    from alps.integrations.suggestions import suggestions_of

    written = export_to(project, output, format, which=texts, suggestions=suggestions_of(project), force=force)
    files = " and ".join(map(str, written.files))
    why = "" if written.n_texts else f": {_WHY_NONE[texts]}"
    return f"Wrote {counted(written.n_texts, 'text')} to {files} for {format}{why}"
