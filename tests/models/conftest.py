"""Copies of the tiny checkpoints to damage, and the check that an error is one sentence."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from alps.base.errors import AlpsError


@pytest.fixture
def copy_of(checkpoints: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a checkpoint, to do harm to."""

    def copy(architecture: str) -> Path:
        folder = tmp_path / architecture
        shutil.copytree(checkpoints[architecture], folder)
        return folder

    return copy


@pytest.fixture
def refused() -> Callable[..., str]:
    """Call a function that must refuse; its message must be one sentence."""

    def call(function: Callable[..., object], *arguments: object, **options: object) -> str:
        with pytest.raises(AlpsError) as caught:
            function(*arguments, **options)
        message = str(caught.value)
        assert "\n" not in message
        assert len(message) < 500
        assert message.endswith(".") or "hf download" in message
        assert ". " not in message.removesuffix(".")
        return message

    return call
