"""``alps import``: take in the labels that people gave in another tool."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alps.cli import options
from alps.cli.choices import exchange_names
from alps.cli.tell import tell

File = Annotated[Path, typer.Argument(help="What the other tool has written.", metavar="FILE", show_default=False)]
Format = Annotated[
    str,
    typer.Option("--format", help=f"Which tool: {', '.join(exchange_names())}.", metavar="NAME", show_default=False,
                 autocompletion=exchange_names),
]  # fmt: skip
Annotator = Annotated[
    str | None,
    typer.Option("--annotator", help="Who labelled, where the file does not say; the name of the format by default.",
                 metavar="NAME", show_default=False),
]  # fmt: skip
AddClasses = Annotated[bool, typer.Option("--add-classes", help="Add classes that the project does not have.")]


def command(
    context: typer.Context,
    project: options.ProjectFile,
    file: File,
    format: Format,
    annotator: Annotator = None,
    add_classes: AddClasses = False,
) -> None:
    """Take in labels from another tool; what is there already is passed over."""
    from alps.integrations.exchange import import_from
    from alps.integrations.take_in import told
    from alps.labelling.project import Project

    opened = Project(project)
    try:
        counts = import_from(opened, file, format, annotator=annotator, add_classes=add_classes)
    finally:
        opened.close()
    if context.obj.quiet:
        return
    tell(told(counts))
