"""
Take in what people have said in another tool, as events in the log of a project: each once.

What differs from what stands may be newer than it, or older. No two clocks are compared where it can be helped: a
statement that is as a project exported it has the time of that project, whose events are of the same clock; another is
compared with what the same tool has said before; and only when the annotator has answered in alps meanwhile, the time
of the tool is held against that of the server. A tool without times is believed once: the same statement that comes
again after the annotator has said something else in alps is an old file.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from alps.base.counts import counted
from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.base.times import moment
from alps.integrations.answers import Answer, Answers
from alps.integrations.cell_values import meant
from alps.integrations.entries import Entry, Statement
from alps.integrations.exported import ANSWER, FLAG, NOTE, Exported, answer_digest, mark_digest
from alps.integrations.history import ALPS, Past, history, is_deletion
from alps.labelling.class_names import ClassNames
from alps.labelling.database import Read
from alps.labelling.events import Event, record
from alps.labelling.names import checked_name
from alps.labelling.project import Project, digest_of, unpack
from alps.pool.identity import is_same_text

NEW, SAME, OLDER, SILENT, UNKNOWN = "new", "same", "older", "silent", "unknown"


@dataclass(frozen=True)
class Tool:
    """
    Where statements come from.

    Attributes
    ----------
    name
        The name of the tool.
    ahead
        By how much its clock is ahead of that of the project, as far as that is known.
    current
        Whether it tells what it holds now, and not what it held when a file was written.
    fresh
        Whether it tells what people have just said.

    """

    name: str
    ahead: timedelta = timedelta(0)
    current: bool = False
    fresh: bool = False


def take_in(
    project: Project, entries: Iterable[Entry], annotator: str, *, tool: Tool | None = None, add_classes: bool = False
) -> Counter[str]:  # fmt: skip
    """
    Take in all or nothing; what stands already stays as it is, so that the same entries may come again.

    Parameters
    ----------
    project
        The project.
    entries
        What the other tool holds. A text is found by its id, else by what it says. Where it has both, they must be of
        one text; white space does not count, nor what a tool has cut off at the end.
    annotator
        Whom to name where the tool names nobody.
    tool
        Where the entries come from; a tool of the name of the annotator when None.
    add_classes
        Whether a class that the project does not have is added; else it is an error.

    Returns
    -------
    Counter
        How many statements were ``new``, the ``same`` as what stands, or ``older`` than what the annotator said last,
        in the project or among the entries; how many texts had no statement (``silent``), and how many were
        ``unknown`` to the project.

    Raises
    ------
    AlpsError
        When a statement does not fit the project or contradicts another, an id is that of another text of it, or none
        of the texts is one of its texts.

    """
    counts: Counter[str] = Counter()
    answers = Answers()
    with project.database.transaction() as connection:
        classes, names, multi_label = {*project.labels}, project.class_names(), bool(project.setting("multi_label"))
        for entry in entries:
            with _named(entry.where):
                found = _text(connection, entry)
                if found is None:
                    counts[UNKNOWN] += 1
                    continue
                statements = [*_meant(entry.statements, classes, names, multi_label=multi_label)]
                counts[SILENT] += not statements
                for said in statements:
                    labels = tuple(names.current(label, classes) or label for label in said.labels or ())
                    _check_classes(project, labels, classes, found[1], add_classes=add_classes)
                    who = checked_name(_clean(said.annotator) or annotator, "annotator")
                    outcome = _take(project, connection, found, said, labels, who, tool or Tool(annotator))
                    counts[outcome] += 1
                    answer = Answer.of(said, labels, entry.where, new=outcome == NEW)
                    if said.answered and answers.replaces(*found, who, answer):
                        counts.update({NEW: -1, OLDER: 1})
        if counts[UNKNOWN] and counts.total() == counts[UNKNOWN]:
            n = counts[UNKNOWN]
            which = "The only text is none of" if n == 1 else f"None of the {n} texts is one of"
            raise AlpsError(f"{which} {project.path.name}; check the project.")
    return counts


def told(counts: Counter[str]) -> str:
    """
    What `take_in` has done, as one line.

    >>> told(Counter(new=1, same=2, silent=1))
    'Took in 1 answer; passed over 2 that were there, 1 text without an answer'
    """
    passed_over = (
        (SAME, f"{counts[SAME]} that were there"),
        (OLDER, f"{counts[OLDER]} older than what is there"),
        (SILENT, f"{counted(counts[SILENT], 'text')} without an answer"),
        (UNKNOWN, f"{counted(counts[UNKNOWN], 'text')} that the project does not have"),
    )
    others = ", ".join(words for kind, words in passed_over if counts[kind])
    return f"Took in {counted(counts[NEW], 'answer')}{'; passed over ' if others else ''}{others}"


@contextmanager
def _named(where: str) -> Iterator[None]:
    """Put the place in a file before what is wrong there."""
    try:
        yield
    except AlpsError as error:
        if not where or type(error) is not AlpsError:  # such as a disk that is full
            raise
        sentence = str(error)
        raise AlpsError(f"{where}: {sentence[0].lower()}{sentence[1:]}") from None


def _meant(
    statements: Iterable[Statement], classes: set[str], names: ClassNames, *, multi_label: bool
) -> Iterator[Statement]:
    """What was said in the words of the project, without answers that say nothing in it."""
    for said in statements:
        if said.from_cells and not classes.issuperset(said.labels or ()):
            known = [*classes, *(each.name for each in names.renamed)]
            said = replace(said, labels=tuple(meant(label, known) for label in said.labels or ()))
        if not said.vague or multi_label:
            yield said
        elif said.note is not None or said.flag is not None:
            yield replace(said, labels=None, answered=False)


def _text(connection: Any, entry: Entry) -> tuple[int, str] | None:
    """Number and id of the text that is asked, where the entry names it or an exact copy of it."""
    by_id = by_text = None
    if entry.id is not None:
        where = "SELECT coalesce(copy_of, number), packed FROM texts WHERE id = ?"
        by_id = connection.execute(where, (_clean(entry.id),)).fetchone()
    if by_id is not None and (entry.text is None or is_same_text(entry.text, unpack(by_id[1]))):
        number = by_id[0]
    else:
        if entry.text is not None:
            where = "SELECT number FROM texts WHERE digest = ? AND copy_of IS NULL"
            by_text = connection.execute(where, (digest_of(entry.text),)).fetchone()
        if by_text is None:
            return None
        if by_id is not None:
            raise AlpsError(f"The text with the id '{for_terminal(str(entry.id), 40)}' is another one in the project; "
                            "correct the ids, or leave them out.")  # fmt: skip
        number = by_text[0]
    name = connection.execute("SELECT id FROM texts WHERE number = ?", (number,)).fetchone()[0]
    return int(number), str(name)


def _check_classes(
    project: Project, labels: Iterable[str], classes: set[str], name: str, *, add_classes: bool
) -> None:  # fmt: skip
    for label in labels:
        if label in classes:
            continue
        if not add_classes:
            raise AlpsError(
                f"The text '{for_terminal(name, 40)}' is labelled '{for_terminal(label, 40)}', which is no class of "
                "the project; correct it or add --add-classes."
            )
        project.add_class(label)
        classes.add(label)


def _take(
    project: Project, connection: Any, found: tuple[int, str], said: Statement, labels: tuple[str, ...],
    annotator: str, tool: Tool,
) -> str:  # fmt: skip
    """
    Record a statement unless it stands already, or the annotator has said something later; tells which.

    `labels` are the classes as they are called now; digests are of the statement as it was written.
    """
    number, name = found

    def read(statement: str, *values: Any) -> list[Any]:
        return list(connection.execute(statement, values))

    past = history(read, number, number, annotator)[number, annotator]
    events, outcomes = [], {SAME}
    for part in _parts(said, labels):
        if part.means == _standing(read, part.name, number, annotator):
            continue
        origin = _origin((number, annotator), part, said, tool)
        outcome = _outcome(connection, past[part.name], part, said, origin, tool)
        outcomes.add(outcome)
        if outcome == NEW:
            events.append(_event(connection, name, part, said, origin, tool))
    _, refused = record(project, events, annotator) if events else ([], [])
    if refused:
        raise AlpsError(f"The text '{for_terminal(name, 40)}' cannot be taken in: {refused[0].reason}")
    return next(outcome for outcome in (NEW, OLDER, SAME) if outcome in outcomes)


@dataclass(frozen=True)
class _Part:
    """An answer, a note or a flag: what it means, as `_standing` has it, its digest, and that of what was exported."""

    name: str
    means: Any
    digest: str
    was: str | None
    was_at: str | None

    @property
    def unchanged(self) -> bool:
        return self.digest == self.was


def _parts(said: Statement, labels: tuple[str, ...]) -> list[_Part]:
    """What a statement says something of."""
    was = said.exported or Exported(None, "", "", "")
    known = said.exported is not None
    parts = []
    if said.answered:
        means = ("skip", frozenset[str]()) if said.labels is None else ("label", frozenset(labels))
        digest = answer_digest(said.annotator, said.labels, answered=True)
        parts.append(_Part(ANSWER, means, digest, was.answer if known else None, was.at))
    if said.note is not None:
        note = _clean(said.note)
        parts.append(_Part(NOTE, note, mark_digest(said.annotator, note), was.note if known else None, was.noted_at))
    if said.flag is not None:
        digest = mark_digest(said.annotator, said.flag)
        parts.append(_Part(FLAG, said.flag, digest, was.flag if known else None, was.flagged_at))
    return parts


def _standing(read: Read, part: str, number: int, annotator: str) -> Any:
    """What stands of an annotator."""
    if part == ANSWER:
        rows = read("SELECT kind, labels FROM answers WHERE text = ? AND annotator = ?", number, annotator)
        return (rows[0][0], frozenset(json.loads(rows[0][1]))) if rows else None
    rows = read("SELECT note, flag FROM marks WHERE text = ? AND annotator = ?", number, annotator)
    note, flag = rows[0] if rows else ("", 0)
    return note if part == NOTE else bool(flag)


def _outcome(connection: Any, past: list[Past], part: _Part, said: Statement, origin: str, tool: Tool) -> str:
    """Whether a part that differs from what stands is new, older, or has been taken in already."""
    newest = past[0] if past else None
    made_again = newest is not None and is_deletion(newest.event) and tool.current
    if part.name == ANSWER and said.event and _is_known(connection, said.event):
        return NEW if made_again else SAME
    if newest is None:
        return NEW
    if part.unchanged:
        return OLDER if part.was_at is None or newest.heard >= moment(part.was_at) else NEW
    if said.at is None:
        is_old_file = _is_known(connection, origin + part.digest) and not newest.event.startswith(origin)
        return OLDER if is_old_file else NEW
    at = moment(said.at)
    own = next((each.said_at for each in past if each.tool == tool.name and each.said_at is not None), None)
    if made_again or own is None or at >= own:
        is_newer = made_again or tool.fresh or newest.tool == tool.name or at - newest.heard >= tool.ahead
        return NEW if is_newer else OLDER
    return OLDER


def _origin(key: tuple[int, str], part: _Part, said: Statement, tool: Tool) -> str:
    """How the events begin that come from one export of a statement, as it was then or changed since."""
    was = None if said.exported is None else [said.exported.at, said.exported.written()]
    content = json.dumps([tool.name, *key, part.name, was]).encode()
    return f"import:{blake2b(content, digest_size=8).hexdigest()}:"


def _event(connection: Any, name: str, part: _Part, said: Statement, origin: str, tool: Tool) -> Event:
    event = said.event if part.name == ANSWER and said.event else origin + part.digest
    if _is_known(connection, event):
        event = f"{event}:{secrets.token_hex(4)}"
    at, source = (part.was_at, ALPS) if part.unchanged else (said.at, tool.name)
    if part.name != ANSWER:
        return Event(event, part.name, name, value=part.means, at=at, tool=source)
    suggestion = None if said.suggestion is None else (said.suggestion.label, said.suggestion.score)
    return Event(
        event, "skip" if said.labels is None else "label", name, said.labels or (), reason=_clean(said.reason), at=at,
        seconds=said.seconds, suggestion=suggestion, tool=source,
    )  # fmt: skip


def _is_known(connection: Any, event: str) -> bool:
    return connection.execute("SELECT 1 FROM events WHERE event = ?", (event,)).fetchone() is not None


def _clean(text: str) -> str:
    """A text without halves of surrogate pairs, which a file cannot hold."""
    return text.encode("utf-8", "replace").decode()
