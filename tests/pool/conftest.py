"""Files with given contents, the check that an error is one sentence, and the real data."""

import os
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from alps.base.errors import AlpsError

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def refused() -> Callable[..., str]:
    """Call a function that must refuse its input; its message must be one sentence for a terminal."""

    def call(function, *arguments, **options) -> str:
        with pytest.raises(AlpsError) as caught:
            function(*arguments, **options)
        message = str(caught.value)
        assert message.endswith(".") or re.search(r"pip install [\w'\[\]-]+$", message)
        assert not any(unicodedata.category(character) in ("Cc", "Cf") for character in message)
        assert ". " not in message.removesuffix(".")
        assert len(message) < 600
        return message

    return call


@pytest.fixture(scope="session")
def data_folder() -> Path:
    folder = Path(os.environ.get("ALPS_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not (folder / "agnews" / "train.tsv").is_file():
        pytest.skip(f"real data not found in {folder}; set ALPS_TEST_DATA")
    return folder
