"""Making a project: its classes and settings, before there are texts."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from alps.base.atomic import check_writable
from alps.base.errors import AlpsError
from alps.labelling.database import Database
from alps.labelling.names import checked_name
from alps.labelling.project import Project, utc_now

AUDIT_SHARE = 0.1


def create_project(
    path: Path, labels: Sequence[str], *, name: str, multi_label: bool = False, guidelines: str = "",
    overlap: int = 1, audit_share: float = AUDIT_SHARE,
) -> Project:  # fmt: skip
    """
    Make a project without texts.

    Parameters
    ----------
    path
        The file, which must not exist.
    labels
        The classes.
    name
        What the page calls it.
    multi_label
        Whether a text may have several labels.
    guidelines
        How to decide, in Markdown.
    overlap
        How many annotators are asked about each text.
    audit_share
        Share of the texts, drawn at random from all, that are kept for the audit: shown now and then, never picked and
        never trained on. It is decided here, before anything is picked, and never changed.

    Raises
    ------
    AlpsError
        When the file exists or cannot be made, or a class, the overlap or the share is not possible.

    """
    check_writable(path, force=False)
    if overlap < 1:
        raise AlpsError(f"An overlap of {overlap} is not possible; at least 1 annotator must see a text.")
    if not 0.0 <= audit_share < 1.0:
        raise AlpsError(f"An audit share of {audit_share} is not possible; it is at least 0 and less than 1.")
    names = [checked_name(label, "class") for label in labels]
    if len({*names}) < len(names):
        raise AlpsError("Two classes have the same name; name each once.")
    database = Database(path)
    settings = {
        "id": secrets.token_hex(8), "name": name, "multi_label": multi_label, "guidelines": guidelines,
        "overlap": overlap, "audit_share": audit_share, "created_at": utc_now(),
    }  # fmt: skip
    with database.transaction() as connection:
        connection.executemany("INSERT INTO classes (name) VALUES (?)", [(name,) for name in names])
        connection.executemany(
            "INSERT INTO settings VALUES (?, ?)", [(key, json.dumps(value)) for key, value in settings.items()]
        )
    database.close()
    with suppress(OSError):
        path.chmod(0o600)
    return Project(path)
