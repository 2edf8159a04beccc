"""Names of options: dashes and underscores are the same, and spellings of Hugging Face's scripts are understood."""

from __future__ import annotations

ALIASES = {"model-name-or-path": "model", "max-seq-length": "max-length"}


def option_name(name: str) -> str:
    """
    The name by which an option is known here, without the dashes before it.

    >>> option_name("text_column"), option_name("model_name_or_path")
    ('text-column', 'model')
    """
    dashed = name.replace("_", "-")
    return ALIASES.get(dashed, dashed)
