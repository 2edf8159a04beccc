"""``alps argilla``: what is sent to an Argilla server and fetched from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alps.base.counts import counted
from alps.base.errors import AlpsError
from alps.cli import options
from alps.cli.help import help_without_command
from alps.cli.tell import tell

if TYPE_CHECKING:
    from alps.labelling.project import Project

app = typer.Typer(
    callback=help_without_command, invoke_without_command=True,
    help="Send texts to an Argilla server and fetch its responses.",
)  # fmt: skip

Url = Annotated[str, typer.Option("--url", help="The address of Argilla.", metavar="URL", envvar="ARGILLA_API_URL")]
Key = Annotated[
    str | None,
    typer.Option("--key", help="A key of Argilla.", metavar="KEY", envvar="ARGILLA_API_KEY", show_default=False),
]
Name = Annotated[
    str | None,
    typer.Option("--name", help="The data set there; called as the project by default.", metavar="NAME",
                 show_default=False),
]  # fmt: skip
Workspace = Annotated[str, typer.Option("--workspace", help="The workspace there.", metavar="NAME")]
Texts = Annotated[
    str, typer.Option("--texts", help="Which: batch (the newest that ALPS has chosen), unanswered, answered or all.",
                      metavar="NAME"),
]  # fmt: skip


@app.command("push")
def push_records(
    context: typer.Context,
    project: options.ProjectFile,
    url: Url = "http://localhost:6900",
    key: Key = None,
    name: Name = None,
    workspace: Workspace = "argilla",
    texts: Texts = "batch",
) -> None:
    """Make texts records; the data set there is made when it is first needed."""
    from alps.integrations.argilla_server import connect, push
    from alps.integrations.suggestions import suggestions_of

    client = connect(url, _checked(key))
    opened = _open(project)
    try:
        title = name or str(opened.setting("name"))
        n_sent = push(opened, client, title, workspace, which=texts, suggestions=suggestions_of(opened))
    finally:
        opened.close()
    if not context.obj.quiet:
        tell(f"Sent {counted(n_sent, 'record')} to {title}")


@app.command("pull")
def pull_responses(
    context: typer.Context,
    project: options.ProjectFile,
    url: Url = "http://localhost:6900",
    key: Key = None,
    name: Name = None,
    workspace: Workspace = "argilla",
) -> None:
    """Take in the responses; those that are here are passed over."""
    from alps.integrations.argilla_server import connect, pull
    from alps.integrations.take_in import told

    client = connect(url, _checked(key))
    opened = _open(project)
    try:
        counts = pull(opened, client, name or str(opened.setting("name")), workspace)
    finally:
        opened.close()
    if not context.obj.quiet:
        tell(told(counts))


def _checked(key: str | None) -> str:
    if key is None:
        raise AlpsError("Argilla needs a key; give --key, or ARGILLA_API_KEY.")
    return key


def _open(path: Path) -> Project:
    from alps.labelling.project import Project

    return Project(path)
