"""The labels of a project as a data set of Hugging Face: classes by name, where each label came from, and a card."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alps.base.atomic import FolderKind, atomic_folder
from alps.base.errors import AlpsError, require
from alps.base.text_safety import for_terminal
from alps.labelling.class_names import labels_of
from alps.labelling.export import labelled_table
from alps.labelling.project import Project
from alps.pool.labelled import BETWEEN_LABELS

COLUMNS = {
    "id": "the id of the text",
    "text": "the text",
    "label": "what was settled, or what most annotators said",
    "state": "`labelled`; `disputed` where annotators are divided; `skipped` where nobody gave a label; "
    "`unanswered` where there is only a flag or a note",
    "copy_of": "the text that was asked, where this one is an exact copy of it",
    "round": "the number of the batch that picked the text",
    "strategy": "what chose it: a strategy, or `random`",
    "shown_as": "`picked`, `audit` or `random`",
    "annotators": "who gave a label; where nobody did, who skipped or marked it",
    "agreed": "whether all gave the same, or it was settled",
    "time": "of the newest answer, in UTC",
    "suggestion": "what a model suggested beside the text",
    "suggestion_probability": "how sure it was",
    "skip_reason": "why it was skipped",
    "flag": "whether somebody flagged it",
    "note": "what annotators noted",
}
_FILE = "data/train-00000-of-00001.parquet"
_DATA_SET_FOLDER = FolderKind(
    "a data set", marks=(("dataset_info.json", "state.json"),),
    files=("dataset_info.json", "state.json", "*.arrow", "README.md"),
)  # fmt: skip


def labelled_data_set(project: Project, *, skipped: bool = False) -> Any:
    """
    The labels as a `datasets.Dataset`, whose `label` is a `ClassLabel` in the order of the classes of the project.

    Parameters
    ----------
    project
        The project; in a multi-label one, `label` is a list of `ClassLabel`.
    skipped
        Whether texts without a verdict that somebody has answered, flagged or noted come as well, with no label.

    Raises
    ------
    AlpsError
        When the package `datasets` is missing.

    """
    datasets = require("datasets", "datasets")
    with project.database.snapshot() as read:  # a class may be renamed meanwhile
        table, names = labelled_table(project, skipped=skipped, read=read), labels_of(read)
    several = bool(project.setting("multi_label"))
    place = {name: number for number, name in enumerate(names)}
    fields = table.column("label").to_pylist()
    said = [
        None if field is None else [place[name] for name in field.split(BETWEEN_LABELS) if name] for field in fields
    ]
    labels = said if several else [None if each is None else each[0] for each in said]
    data = datasets.Dataset(table)
    one = datasets.ClassLabel(names=names)
    features = {**data.features, "label": datasets.List(one) if several else one}
    columns = {name: labels if name == "label" else table.column(name).to_pylist() for name in table.column_names}
    return datasets.Dataset.from_dict(columns, datasets.Features(features))


def data_card(project: Project, data: Any) -> str:
    """A data card as Hugging Face's pages read it: what the columns mean, how the texts were chosen, and the counts."""
    several = bool(project.setting("multi_label"))
    numbers = [label for label in data["label"] if label is not None]
    counts = Counter(number for label in numbers for number in (label if several else [label]))
    shown = Counter(shown or "other" for shown in data["shown_as"])
    strategies = Counter(strategy or "none" for strategy in data["strategy"])
    audit = shown.get("audit", 0)
    head = [
        "---", "task_categories: [text-classification]", "tags: [active-learning, alps]",
        f"pretty_name: {json.dumps(str(project.setting('name')))}",
        "configs:", "- config_name: default", "  data_files:", "  - split: train", f"    path: {_FILE}", "---", "",
    ]  # fmt: skip
    classes = [f"| {number} | {_cell(name)} | {counts[number]} |" for number, name in enumerate(project.labels)]
    columns = [f"| `{name}` | {COLUMNS[name]} |" for name in data.column_names]
    chosen = ", ".join(f"{_cell(name)} {n}" for name, n in sorted(strategies.items()))
    guidelines = str(project.setting("guidelines") or "").strip()
    return "\n".join([
        *head, f"# {_cell(str(project.setting('name')))}", "",
        f"{len(numbers)} labelled texts of a pool of {project.n_texts()}, labelled with alps"
        f"{'; a text may have several classes' if several else ''}.", "",
        "| number | class | texts |", "|---|---|---|", *classes, "",
        "## How the texts were chosen", "",
        f"By strategy: {chosen}. Texts that a strategy picked are no random sample of the pool, so the shares of the "
        f"classes above are not those of the pool. {audit} texts (`shown_as` is `audit`) were drawn at random from the "
        "whole pool before anything was picked: measure on those.", "",
        "## Columns", "", "| column | what it is |", "|---|---|", *columns, "",
        *(["## Guidelines for annotators", "", guidelines, ""] if guidelines else []),
    ])  # fmt: skip


def write_labelled_data_set(project: Project, folder: Path, *, skipped: bool = False, force: bool = False) -> int:
    """
    Write a folder that `datasets.load_from_disk` opens, with its card, whole or not at all; returns how many rows.

    Raises
    ------
    AlpsError
        When the folder exists and `force` is not set or it is no such folder, cannot be written, or the package
        `datasets` is missing.

    """
    data = labelled_data_set(project, skipped=skipped)
    with atomic_folder(folder, replaces=_DATA_SET_FOLDER if force else None) as temporary:
        require("datasets", "datasets").disable_progress_bars()
        data.save_to_disk(str(temporary))
        (temporary / "README.md").write_text(data_card(project, data), encoding="utf-8")
    return len(data)


def push_data_set(project: Project, repository: str, *, skipped: bool = False, public: bool = False) -> str:
    """
    Put the labels and their card into a data set of the hub, which is made where it is missing.

    Parameters
    ----------
    project
        The project.
    repository
        ``owner/name``.
    skipped
        As in `labelled_data_set`.
    public
        Whether everybody may see a repository that is made; one that is there stays as it is.

    Returns
    -------
    str
        Its address.

    Raises
    ------
    AlpsError
        When the hub refuses or cannot be reached.

    """
    from huggingface_hub import HfApi

    data = labelled_data_set(project, skipped=skipped)
    require("datasets", "datasets").disable_progress_bars()
    with TemporaryDirectory() as folder:
        (Path(folder) / _FILE).parent.mkdir()
        data.to_parquet(str(Path(folder) / _FILE))
        (Path(folder) / "README.md").write_text(data_card(project, data), encoding="utf-8")
        try:
            made = HfApi().create_repo(repository, repo_type="dataset", private=not public, exist_ok=True)
            HfApi().upload_folder(
                repo_id=made.repo_id, repo_type="dataset", folder_path=folder, commit_message="Push from alps export"
            )
        except Exception as error:  # of the name, the connection or the hub: the library has a dozen kinds
            what = for_terminal(str(error).strip().partition("\n")[0], 160).rstrip(".").replace(". ", ", ")
            raise AlpsError(
                f"Nothing was pushed to {for_terminal(repository, 80)} ({what}); check the name and the connection, "
                "and log in with: hf auth login"
            ) from error
    return str(made)


def _cell(text: str) -> str:
    """A text as a part of a table in Markdown, where a bar or a tag would break it."""
    plain = for_terminal(text, 80)
    return "".join(f"\\{sign}" if sign in "\\|<>*_`[]#" else sign for sign in plain)
