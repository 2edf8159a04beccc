"""Mistakes in the command line itself, in one sentence."""

from __future__ import annotations

import re
from typing import Any

import typer

from alps.base.errors import AlpsError

# What typer says of a value -> what we say.
_REASONS = (
    (r".*valid integer.*", "takes a whole number"),
    (r".*valid number.*", "takes a number"),
    (r".*greater than or equal to (\S+)", r"takes no less than \1"),
    (r".*less than or equal to (\S+)", r"takes no more than \1"),
    (r"Value error, ('.*') is not one of (.*?)\.?", r"does not know \1; choose one of \2"),
)


def explain_usage(error: typer.TyperException) -> AlpsError:
    """What is wrong with the line, or with the recipe, and where to read how it is right."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "alps"
    return AlpsError(f"{_what(error, context).rstrip('.')}; see {path} --help.")


def _what(error: Any, context: Any) -> str:
    parameter = getattr(error, "param", None)
    if parameter is not None and error.message:
        return f"{_where(parameter, context)} {_reason(error.message)}"
    if hasattr(error, "possibilities"):
        near = f" (perhaps {' or '.join(error.possibilities)})" if error.possibilities else ""
        return f"There is no option {error.option_name}{near}"
    return re.sub(r"\. Did you mean (.*)\?$", r" (perhaps \1)", error.format_message())


def _where(parameter: Any, context: Any) -> str:
    """The option on the command line, or the key in a recipe."""
    name = max(parameter.opts, key=len)
    source = context.get_parameter_source(parameter.name)
    if source is not None and source.name == "DEFAULT_MAP":
        return f"{context.params['config']}: {name.lstrip('-')}"
    return str(name)


def _reason(message: str) -> str:
    for pattern, ours in _REASONS:
        if re.fullmatch(pattern, message, re.DOTALL):
            return re.sub(pattern, ours, message, flags=re.DOTALL)
    return message
