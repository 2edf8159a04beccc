"""Tables as a folder that `datasets.load_from_disk` opens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alps.base.atomic import atomic_folder
from alps.base.errors import require

if TYPE_CHECKING:
    import pyarrow as pa


def write_data_set(table: pa.Table, folder: Path, *, force: bool = False) -> None:
    """
    Write a data set of Hugging Face, whole or not at all.

    Raises
    ------
    AlpsError
        When the folder exists and `force` is not set, cannot be written, or the package `datasets` is missing.

    """
    datasets = require("datasets", "datasets")
    with atomic_folder(folder, force=force) as temporary:
        datasets.disable_progress_bars()
        datasets.Dataset(table).save_to_disk(str(temporary))
