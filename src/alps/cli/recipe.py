"""
Recipes: the options of a command in a TOML file.

A recipe says how to choose, in the words of the command line: its keys are the names of options, with dashes or
underscores, and paths are relative to the current folder, as on the command line.
"""

from __future__ import annotations

import inspect
import types
import warnings
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import typer

from alps.base.errors import AlpsError, AlpsWarning
from alps.base.text_safety import for_terminal
from alps.base.toml import read_toml
from alps.cli.names import option_name

VERSION_KEY = "alps-version"
_HEAD = (
    "# How the queries beside this file were chosen. The same texts again:\n# alps select --config {} -o other.csv\n"
)

# Where results go and how they are shown is not kept: running a recipe again must not want to replace them.
_NOT_KEPT = {"config", "output", "output_dir", "report", "force", "as_json"}


class _Key(NamedTuple):
    """A key of a recipe: the parameter it sets, the type of its values, and whether they mean the opposite."""

    parameter: str
    type: Any
    negated: bool = False


def use_recipe(context: typer.Context, path: Path | None) -> Path | None:
    """
    Let the values of a recipe be the defaults of the command: the callback of `--config`.

    Raises
    ------
    AlpsError
        When the file cannot be read, is no TOML, or has a key or a value that the command does not know.

    """
    if path is not None and not context.resilient_parsing:
        context.default_map = {**read_recipe(path, _keys(context))}
    return path


def read_recipe(path: Path, keys: Mapping[str, _Key]) -> dict[str, Any]:
    """The values of a recipe by the parameter that each sets; parameters and errors as of `use_recipe`."""
    values: dict[str, Any] = {}
    for written, value in read_toml(path, "recipe").items():
        name = option_name(written)
        if name == VERSION_KEY:
            _compare_version(path, value)
            continue
        if name not in keys:
            near = get_close_matches(name, [*keys])
            hint = f"; perhaps {near[0]}" if near else "; the --help of the command lists the options"
            raise AlpsError(f"{path}: there is no option {written!r}{hint}.")
        key = keys[name]
        if key.parameter in values:
            raise AlpsError(f"{path}: the key {written} says again what another key says; leave one out.")
        values[key.parameter] = _checked(path, written, value, key)
    return values


def recipe(context: typer.Context, name: str) -> bytes:
    """
    The recipe of a command as it is called, each option with its effective value; options that are unset are not there.

    Parameters
    ----------
    context
        Of the command.
    name
        What the file will be called.

    Raises
    ------
    AlpsError
        When a value cannot be written as UTF-8.

    """
    import tomli_w

    keys = {key.parameter: written for written, key in reversed(_keys(context).items()) if not key.negated}
    kept: dict[str, Any] = {VERSION_KEY: version("alps-learn")}
    for parameter, value in context.params.items():
        if parameter not in _NOT_KEPT and value not in (None, [], ()):
            kept[keys[parameter]] = str(value) if isinstance(value, Path) else value
    try:
        return (_HEAD.format(for_terminal(name)) + "\n" + tomli_w.dumps(kept)).encode()
    except UnicodeEncodeError as error:
        raise AlpsError("A name on the command line is not UTF-8 and fits into no recipe; rename that file.") from error


def _keys(context: typer.Context) -> dict[str, _Key]:
    """Every key that a recipe of this command may have; the longest name of an option comes first."""
    command: Any = context.command
    hints = get_type_hints(inspect.unwrap(command.callback))
    keys = {}
    for parameter in command.params:
        if parameter.name != "config":
            for name in sorted(parameter.opts, key=len, reverse=True):
                keys[name.lstrip("-")] = _Key(parameter.name, hints[parameter.name])
            for name in parameter.secondary_opts:
                keys[name.lstrip("-")] = _Key(parameter.name, hints[parameter.name], negated=True)
    return keys


def _checked(path: Path, written: str, value: Any, key: _Key) -> Any:
    """A value of the right type; choices and ranges are left to the command line's own checks."""
    wanted, called = _wanted(key.type)
    if key.parameter == "seeds":
        value = _numbers_in_words(value)
    right = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
    if wanted is list and isinstance(value, str):
        return [value]
    if not right or (wanted is list and not (value and all(isinstance(item, str) for item in value))):
        raise AlpsError(f"{path}: {written} is {value!r}; write {called}.")
    return value != key.negated if wanted is bool else value


def _numbers_in_words(value: Any) -> Any:
    """Seeds as the command line has them: how many, or a list, which ends in a comma where it has one number only."""
    if isinstance(value, list) and value and all(type(item) is int for item in value):
        return ",".join(map(str, value)) + ","
    return str(value) if type(value) is int else value


def _wanted(hint: Any) -> tuple[type | tuple[type, ...], str]:
    """The type of a TOML value for the type of an option, and what it is called."""
    if isinstance(hint, types.UnionType):
        hint = get_args(hint)[0]
    if get_origin(hint) is list:
        return list, "a text in quotes, or a list of them"
    if hint is bool:
        return bool, "true or false"
    if hint is int:
        return int, "a whole number"
    if hint is float:
        return (int, float), "a number"
    return str, "a text in quotes"


def _compare_version(path: Path, value: Any) -> None:
    ours = version("alps-learn")
    if value != ours:
        warnings.warn(
            f"{path} was made by alps {value}, and this is alps {ours}: other texts may be chosen.",
            AlpsWarning,
            stacklevel=2,
        )
