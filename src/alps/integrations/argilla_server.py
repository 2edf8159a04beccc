"""Records to an Argilla server and responses from it, through Argilla's own client (2.8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from alps.base.errors import AlpsError, require
from alps.base.text_safety import for_terminal
from alps.integrations.argilla import FIELD, QUESTION, labels_of_value, record_of
from alps.integrations.entries import Classes, Entry, Statement, Suggestion, entries_of
from alps.integrations.take_in import take_in
from alps.labelling.project import Project

NAME = "argilla"


def connect(url: str, key: str) -> Any:
    """
    A client of a server.

    Raises
    ------
    AlpsError
        When the package is missing, the server cannot be reached, or it refuses the key.

    """
    argilla = require("argilla", "argilla")
    try:
        return argilla.Argilla(api_url=url, api_key=key)
    except Exception as error:  # of the address, the connection or the server: no common kind
        raise _explained(error, url) from None


def push(
    project: Project, client: Any, name: str, workspace: str, *, which: str = "batch",
    suggestions: Mapping[int, Suggestion] | None = None,
) -> int:  # fmt: skip
    """
    Make the texts records of a data set, which is made where it is missing; a record that is there is replaced.

    Parameters
    ----------
    project
        The project.
    client
        What `connect` gave.
    name, workspace
        Of the data set.
    which, suggestions
        As in `entries_of`.

    Returns
    -------
    int
        How many records were sent.

    Raises
    ------
    AlpsError
        When the server cannot be reached or refuses.

    """
    argilla = require("argilla", "argilla")
    classes = Classes.of(project)
    records = [
        argilla.Record(
            id=row["id"], fields=row["fields"], metadata={"alps_id": row["id"]},
            suggestions=[argilla.Suggestion(question, **said) for question, said in row["suggestions"].items()],
        )
        for row in (record_of(entry, classes) for entry in entries_of(project, which, suggestions))
    ]  # fmt: skip
    try:
        found = client.datasets(name, workspace=workspace)
        data = found or _made(argilla, client, name, workspace, classes, str(project.setting("guidelines") or ""))
        if records:
            data.records.log(records)
    except Exception as error:  # as above
        raise _explained(error, client.api_url) from None
    return len(records)


def pull(project: Project, client: Any, name: str, workspace: str) -> Counter[str]:
    """
    Take in submitted responses as labels and discarded ones as skips; a draft says nothing yet.

    Parameters
    ----------
    project
        The project.
    client
        What `connect` gave.
    name, workspace
        Of the data set.

    Returns
    -------
    Counter
        As `take_in`.

    Raises
    ------
    AlpsError
        When there is no such data set, or the server cannot be reached.

    """
    try:
        data = client.datasets(name, workspace=workspace)
        entries = [] if data is None else [_entry(record) for record in data.records(with_responses=True)]
    except AlpsError:
        raise
    except Exception as error:  # as above
        raise _explained(error, client.api_url) from None
    if data is None:
        raise AlpsError(f"There is no data set '{for_terminal(name, 40)}' in the workspace; push it first.")
    return take_in(project, entries, NAME)


def _made(argilla: Any, client: Any, name: str, workspace: str, classes: Classes, guidelines: str) -> Any:
    question = argilla.MultiLabelQuestion if classes.multi_label else argilla.LabelQuestion
    settings = argilla.Settings(
        guidelines=guidelines or None,
        fields=[argilla.TextField(name=FIELD, client=client)],
        questions=[question(name=QUESTION, labels=[*classes.names], client=client)],
        metadata=[argilla.TermsMetadataProperty("alps_id", client=client)],
    )
    return argilla.Dataset(name=name, workspace=workspace, settings=settings, client=client).create()


def _entry(record: Any) -> Entry:
    statements = []
    for (
        response
    ) in record._model.responses:  # `record.responses` leaves out a discarded one in which nothing was chosen
        value = (response.values or {}).get(QUESTION, {}).get("value")
        if response.status == "discarded":
            statements.append(Statement(str(response.user_id), None))
        elif response.status == "submitted":
            statements.append(Statement(str(response.user_id), labels_of_value(value, f"record {record.id}")))
    return Entry(str(record.id), record.fields.get(FIELD), tuple(statements))


def _explained(error: Exception, url: str) -> AlpsError:
    what = for_terminal(f"{type(error).__name__}: {error}", 160).rstrip(".").replace(". ", ", ")
    return AlpsError(f"{url} could not be asked ({what}); check the address, the key and the names.")
