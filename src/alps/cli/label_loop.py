"""The options of ``alps label`` about the loop behind the page; what is said is kept in the project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alps.base.errors import AlpsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alps.labelling.batches import BatchSettings
    from alps.labelling.project import Project
    from alps.labelling.training import TrainingSettings

LOOP = "Loop"

Strategy = Annotated[
    str | None,
    typer.Option("--strategy", help="Chooses while labels are few: a strategy that needs none; stratified by "
                 "default. random chooses nothing.", metavar="NAME", rich_help_panel=LOOP, show_default=False),
]  # fmt: skip
Warm = Annotated[
    str | None,
    typer.Option("--warm", help="Chooses afterwards, through a classifier: margin by default; none stays with "
                 "--strategy.", metavar="NAME", rich_help_panel=LOOP, show_default=False),
]  # fmt: skip
WarmAfter = Annotated[
    int | None,
    typer.Option("--warm-after", min=1, help="Labelled texts that every class has before --warm chooses; 3 by default.",
                 metavar="N", rich_help_panel=LOOP, show_default=False),
]  # fmt: skip
K = Annotated[
    int | None,
    typer.Option("-k", min=1, help="Texts in a batch; 100 by default.", metavar="NUMBER", rich_help_panel=LOOP,
                 show_default=False),
]  # fmt: skip
Seed = Annotated[
    int | None,
    typer.Option("--seed", min=0, help="Decides every random draw; 0 by default.", metavar="NUMBER",
                 rich_help_panel=LOOP, show_default=False),
]  # fmt: skip
Model = Annotated[
    str | None,
    typer.Option("--model", help="bundled (default), a folder, or a Hugging Face hub id.", metavar="NAME",
                 rich_help_panel=LOOP, show_default=False),
]  # fmt: skip
Train = Annotated[
    bool | None,
    typer.Option("--train/--no-train", help="Train models while people label, for suggestions and the account; yes by "
                 "default.", rich_help_panel=LOOP, show_default=False),
]  # fmt: skip
FineTune = Annotated[
    str | None,
    typer.Option("--finetune", help="round: fine-tune after each batch (default); demand: when somebody asks.",
                 metavar="WHEN", rich_help_panel=LOOP, show_default=False),
]  # fmt: skip
AuditShare = Annotated[
    float | None,
    typer.Option("--audit-share", min=0.0, max=0.9, help="Of a new project: share of what is shown that is drawn at "
                 "random for the audit and never trained on; 0.1 by default.", metavar="SHARE", rich_help_panel=LOOP,
                 show_default=False),
]  # fmt: skip
Blind = Annotated[
    bool | None,
    typer.Option("--blind/--no-blind", help="Show nobody suggestions and reasons.", rich_help_panel=LOOP,
                 show_default=False),
]  # fmt: skip
TargetAccuracy = Annotated[
    float | None,
    typer.Option("--target-accuracy", min=0.0, max=1.0, help="Advise to stop when the accuracy is at least this.",
                 metavar="SHARE", rich_help_panel=LOOP, show_default=False),
]  # fmt: skip
Budget = Annotated[
    int | None,
    typer.Option("--budget", min=1, help="Advise to stop after so many labelled texts.", metavar="N",
                 rich_help_panel=LOOP, show_default=False),
]  # fmt: skip


def check(said: Mapping[str, Any], *, multi_label: bool) -> None:
    """
    Refuse what the command line said of the loop before anything is made; what it did not say is None.

    Raises
    ------
    AlpsError
        When a strategy is not there, or it cannot be used where it was named.

    """
    from alps.labelling.loop import SETTINGS, Loop, check_loop
    from alps.labelling.training import TrainingSettings

    loop = Loop(**{name: value for name, value in said.items() if name in SETTINGS and value is not None})
    check_loop(loop, multi_label=multi_label)
    if said["finetune"] is not None:
        TrainingSettings(finetune=said["finetune"])


def keep(project: Project, said: Mapping[str, Any]) -> None:
    """Keep in the project what the command line said; what it did not say stays."""
    from alps.labelling.loop import SETTINGS, change_loop

    given = {name: value for name, value in said.items() if value is not None}
    change_loop(project, **{name: given.pop(name) for name in SETTINGS if name in given})
    if "model" in given and Path(given["model"]).is_dir():
        given["model"] = str(Path(given["model"]).resolve())  # the next start may be in another folder
    for name, value in given.items():
        project.set(name, value)


def check_audit_share(project: Project, share: float | None) -> None:
    """
    Refuse an audit share that an existing project does not have.

    Raises
    ------
    AlpsError
        When it is another one.

    """
    if share is not None and share != (project.setting("audit_share") or 0.0):
        raise AlpsError(
            f"{project.path} has an audit share of {project.setting('audit_share') or 0.0}, which was decided before "
            "anything was picked and cannot be changed; leave out --audit-share."
        )


def check_sample(project: Project, sample: int | None) -> None:
    """
    Refuse a sample of another size than that which an existing project was made of.

    Raises
    ------
    AlpsError
        When it is another one.

    """
    made = (project.setting("sample") or {"texts": None})["texts"]
    if sample is not None and sample != made and (made is not None or project.n_texts() > sample):
        of = "all texts" if made is None else f"a sample of {made:,} texts"
        raise AlpsError(
            f"{project.path} was made of {of}; leave out --sample, take it with --add for more texts, or make another "
            "project with --project."
        )


def batch_settings(project: Project, cache_dir: Path) -> BatchSettings:
    """How batches are chosen."""
    from alps.labelling.batches import BatchSettings

    return BatchSettings(cache_dir=str(cache_dir), **_kept(project, "k", "seed", "model"))


def training_settings(project: Project, cache_dir: Path) -> TrainingSettings:
    """How models are trained, where they are (`trains`)."""
    from alps.labelling.training import TrainingSettings

    return TrainingSettings(cache_dir=str(cache_dir), **_kept(project, "finetune", "seed", "model"))


def trains(project: Project) -> bool:
    """Whether models are trained while people label: yes, unless somebody said no."""
    return project.setting("train") is not False


def _kept(project: Project, *names: str) -> dict[str, Any]:
    """Those of the settings that somebody said; the others are as they are by default."""
    return {name: value for name in names if (value := project.setting(name)) is not None}
