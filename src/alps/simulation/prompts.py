"""The prompts of data sets: for strategies that ask a masked language model for words that say the classes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.base.toml import read_toml
from alps.representations.prompting import TEMPLATE

_KEYS = {"label-words", "template"}


@dataclass(frozen=True)
class DataSetPrompt:
    """
    The prompt of one data set.

    Attributes
    ----------
    label_words
        Class -> words that say it.
    template
        What follows a text, with one ``[MASK]``.

    """

    label_words: Mapping[str, list[str]] = field(default_factory=dict)
    template: str = TEMPLATE

    def check(self, name: str, classes: Collection[str]) -> None:
        """
        Refuse words of other classes than those of the data set `name`.

        Raises
        ------
        AlpsError
            Says for which class words are missing, or which class the data set has not.

        """
        for wrong, said in (
            ({*classes} - {*self.label_words}, "has no label words"),
            ({*self.label_words} - {*classes}, "has label words, but no text has it"),
        ):
            if wrong:
                label = for_terminal(min(wrong), 40)
                raise AlpsError(f"The class '{label}' of the data set {name} {said}; correct the file of prompts.")


def read_prompts(path: Path) -> dict[str, DataSetPrompt]:
    """
    A TOML file with a table for each data set, by the name that the results have: ``label-words`` and ``template``.

    Raises
    ------
    AlpsError
        When the file cannot be read, or is not like this.

    """
    return {name: _prompt(path, name, table) for name, table in read_toml(path, "file of prompts").items()}


def _prompt(path: Path, name: str, table: Any) -> DataSetPrompt:
    where = f"{path}: {for_terminal(name, 60)}"
    if not isinstance(table, dict) or not {"label-words"} <= {*table} <= _KEYS:
        raise AlpsError(f"{where} is no table of label-words and perhaps a template; write [{name}.label-words].")
    words, template = table["label-words"], table.get("template", TEMPLATE)
    if not isinstance(words, dict) or not all(map(_is_list_of_words, words.values())):
        raise AlpsError(f'{where}: each class needs a list of words; write positive = ["great", "good"].')
    if not isinstance(template, str):
        raise AlpsError(f"{where}: the template is not a text in quotes; write one, such as {TEMPLATE!r}.")
    return DataSetPrompt(words, template)


def _is_list_of_words(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(word, str) and word.strip() for word in value)
