"""
A map of the pool: where its texts are in the plane of the two main directions of their embeddings.

The directions are found from texts drawn at random, so that they stay where they are while labels come in; the labelled
texts are put among them.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np

from alps.analysis.projection import project as lay_out
from alps.base.atomic import atomic_file
from alps.base.streams import Stream
from alps.labelling.project import Project, unpack
from alps.pool.texts import Texts
from alps.representations import encoding
from alps.representations.resources import Resources

FILE = "map.npz"
MOST = 1500  # texts drawn at random
MOST_LABELLED = 1500
_SNIPPET = 90  # characters of a labelled text


def write_map(project: Project, resources: Resources) -> None:
    """Lay out texts of the pool and keep where they are in the folder of models; the encoder is the pre-trained one."""
    rows = project.database.rows(
        "SELECT number, packed, number IN (SELECT number FROM texts WHERE copy_of IS NULL ORDER BY shuffled LIMIT ?1) "
        "FROM texts WHERE number IN (SELECT number FROM texts WHERE copy_of IS NULL ORDER BY shuffled LIMIT ?1) OR "
        "number IN (SELECT number FROM texts WHERE state = 'labelled' ORDER BY number DESC LIMIT ?2) ORDER BY number",
        MOST, MOST_LABELLED,
    )  # fmt: skip
    texts = Texts.of_strings([unpack(packed) for _, packed, _ in rows])
    matrix = encoding.represent(texts, np.ones(texts.n, np.int64), resources, Stream(0)).matrix
    drawn = np.array([bool(at_random) for *_, at_random in rows])
    points = lay_out(np.asarray(matrix, dtype=np.float32), drawn, "pca", Stream(0)).points
    project.models_folder.mkdir(exist_ok=True)
    numbers = np.array([number for number, *_ in rows], dtype=np.int64)
    with atomic_file(project.models_folder / FILE, force=True) as temporary, temporary.open("wb") as file:
        np.savez(file, numbers=numbers, points=points.astype(np.float32))


def read_map(project: Project) -> list[dict[str, Any]]:
    """
    The texts of the map as they stand now, JSON-able; nothing before there is one.

    Returns
    -------
    list of dict
        ``x`` and ``y``; of a labelled text its ``labels``, its ``id`` and the ``text``, shortened.

    """
    path = project.models_folder / FILE
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as found:
            numbers, points = found["numbers"].tolist(), found["points"].tolist()
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return []
    names = dict(project.database.rows("SELECT number, id FROM texts WHERE state = 'labelled'"))
    verdicts = project.verdicts()
    entries = []
    for number, (x, y) in zip(numbers, points, strict=True):
        entry: dict[str, Any] = {"x": round(x, 4), "y": round(y, 4)}
        if (name := names.get(number)) in verdicts:
            entry |= {"id": name, "labels": list(verdicts[name][1]), "text": project.text(number)[:_SNIPPET]}
        entries.append(entry)
    return entries
