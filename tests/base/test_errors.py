import subprocess
import sys

import pytest

from alps.base.errors import AlpsError, AlpsWarning, require


def test_a_module_that_is_there_is_returned() -> None:
    assert require("json", "none") is __import__("json")


def test_a_missing_module_names_the_extra() -> None:
    with pytest.raises(AlpsError) as caught:
        require("no_such_module_of_ours.part", "pandas")
    message = str(caught.value)
    assert message == "The package no_such_module_of_ours is not installed; run: pip install 'alps-learn[pandas]'"


def test_a_module_that_is_itself_broken_is_not_called_missing(tmp_path, monkeypatch) -> None:
    (tmp_path / "broken_module_of_ours.py").write_text("import another_that_is_not_there\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="another_that_is_not_there"):
        require("broken_module_of_ours", "pandas")


def test_our_warning_is_shown_to_users_by_default() -> None:
    program = "import warnings; from alps import AlpsWarning; warnings.warn('many texts were cut', AlpsWarning)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "AlpsWarning: many texts were cut" in result.stderr
    assert issubclass(AlpsWarning, UserWarning)
