"""``alps serve``: what other tools call, and ``alps label-studio``: what is sent to it and fetched from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from alps.base.counts import counted
from alps.base.errors import AlpsError
from alps.cli import label_loop, options
from alps.cli.help import help_without_command
from alps.cli.tell import tell

if TYPE_CHECKING:
    from alps.integrations.label_studio_server import LabelStudioServer

app = typer.Typer(callback=help_without_command, invoke_without_command=True, help="Serve what other tools call.")
label_studio = typer.Typer(
    callback=help_without_command, invoke_without_command=True,
    help="Send texts to a Label Studio server and fetch its annotations.",
)  # fmt: skip

Url = Annotated[
    str | None,
    typer.Option("--url", help="The address of Label Studio, such as http://localhost:8080.", metavar="URL",
                 envvar="LABEL_STUDIO_URL", show_default=False),
]  # fmt: skip
Key = Annotated[
    str | None,
    typer.Option("--key", help="A token of Label Studio: personal, or legacy where the server allows those.",
                 metavar="TOKEN", envvar="LABEL_STUDIO_API_KEY", show_default=False),
]  # fmt: skip
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="The port.", metavar="N")]
Host = Annotated[
    str, typer.Option("--host", help="The address to listen on; 0.0.0.0 for a Label Studio in a container.",
                      metavar="ADDRESS"),
]  # fmt: skip
Texts = Annotated[
    str, typer.Option("--texts", help="Which: batch (the newest that ALPS has chosen), unanswered, answered or all.",
                      metavar="NAME"),
]  # fmt: skip
Number = Annotated[
    int | None,
    typer.Option("--number", help="The number of the project there, where it was not pushed from here.", metavar="N",
                 show_default=False),
]  # fmt: skip


@app.command("label-studio")
def serve_label_studio(
    context: typer.Context,
    project: options.ProjectFile,
    url: Url = None,
    key: Key = None,
    host: Host = "127.0.0.1",
    port: Port = 9090,
    k: label_loop.K = None,
    strategy: label_loop.Strategy = None,
    seed: label_loop.Seed = None,
    model: label_loop.Model = None,
    cache_dir: options.CacheDir = None,
) -> None:
    """Be the ML backend of a Label Studio; with --url and --key also send it each batch."""
    from alps.base.errors import require

    uvicorn = require("uvicorn", "label")
    require("fastapi", "label")
    from alps.integrations.guard import USER, is_local
    from alps.integrations.label_studio_backend import Exchange, create_app, password_of
    from alps.labelling.batches import Batches
    from alps.labelling.project import Project
    from alps.labelling.training import Trainer
    from alps.shards.cache import default_cache_folder

    server = None if url is None and key is None else _server(url, key)
    folder = cache_dir or default_cache_folder()
    opened = Project(project)
    label_loop.keep(opened, {"strategy": strategy, "k": k, "seed": seed, "model": model})
    batches = Batches(opened, label_loop.batch_settings(opened, folder))
    trainer = Trainer(opened, replace(label_loop.training_settings(opened, folder), finetune="demand"))
    try:
        exchange = Exchange(opened, batches, trainer, server, tell)
        exchange.look()
        exchange.keep_looking()
        password = None if is_local(host) else password_of(opened)
        if not context.obj.quiet:
            shown = f"[{host}]" if ":" in host else host
            carried = "" if password is None else f"{USER}:{password}@"
            tell(f"Connect a model in Label Studio's settings: http://{carried}{shown}:{port}")
            if password is not None:
                tell("Put the name of this machine for the address; keep the password in it, which webhooks need too.")
            tell("Label Studio must be started with ML_BLOCK_LOCAL_IP=false where this is a local address.")
        application = create_app(exchange, password)
        config = uvicorn.Config(
            application, host=host, port=port, access_log=False, log_level="warning", server_header=False
        )
        uvicorn.Server(config).run()
    finally:
        batches.close()
        trainer.close()
        opened.close()


@label_studio.command("push")
def push_tasks(
    context: typer.Context, project: options.ProjectFile, url: Url = None, key: Key = None, texts: Texts = "batch"
) -> None:
    """Make texts tasks; the project there is made when it is first needed."""
    from alps.integrations.label_studio_server import push
    from alps.integrations.suggestions import suggestions_of
    from alps.labelling.project import Project

    opened = Project(project)
    try:
        number, n_new = push(opened, _server(url, key), which=texts, suggestions=suggestions_of(opened))
    finally:
        opened.close()
    if not context.obj.quiet:
        tell(f"Sent {counted(n_new, 'new task')} to project {number}")


@label_studio.command("pull")
def pull_annotations(
    context: typer.Context, project: options.ProjectFile, url: Url = None, key: Key = None, number: Number = None
) -> None:
    """Take in the annotations; those that are here are passed over."""
    from alps.integrations.label_studio_server import pull
    from alps.integrations.take_in import told
    from alps.labelling.project import Project

    opened = Project(project)
    try:
        counts = pull(opened, _server(url, key), number)
    finally:
        opened.close()
    if not context.obj.quiet:
        tell(told(counts))


def _server(url: str | None, key: str | None) -> LabelStudioServer:
    from alps.integrations.label_studio_server import LabelStudioServer

    if url is None or key is None:
        raise AlpsError("Label Studio needs an address and a token; give --url and --key, or LABEL_STUDIO_URL and "
                        "LABEL_STUDIO_API_KEY.")  # fmt: skip
    return LabelStudioServer(url, key)
