"""TOML files that people write: recipes and prompts."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from alps.base.errors import AlpsError


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """
    The tables and keys of a file; `what` it is says the error.

    Raises
    ------
    AlpsError
        When it cannot be read, is not UTF-8 or no TOML.

    """
    try:
        return tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise AlpsError(f"The {what} {path} cannot be read ({error.strerror}); check its name.") from error
    except UnicodeDecodeError as error:
        raise AlpsError(f"The {what} {path} is not UTF-8 (byte {error.start + 1}); save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise AlpsError(f"The {what} {path} is not TOML: {error}; mend that place.") from error
