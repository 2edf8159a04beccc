"""`--label-words` on the command line: what PATRON asks, and mistakes in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from alps.base.errors import AlpsError
from alps.cli.label_words import parse_label_words
from alps.representations.prompting import TEMPLATE
from tests.cli.conftest import Alps


def test_patron_asks_with_the_words_that_are_given(alps: Alps, tiny: list[str], csv_file: Path) -> None:
    words = ["--label-words", "first=the,a", "--label-words", "second=in"]
    result = alps("select", "articles.csv", "--strategy", "patron", "-k", 3, *words, "--json", *tiny)
    assert result.code == 0, result.err
    assert f'"template": "{TEMPLATE}"' in result.out
    assert len(result.out.splitlines()) > 3


def test_patron_without_words_asks_for_some(alps: Alps, tiny: list[str], csv_file: Path) -> None:
    result = alps("select", "articles.csv", "--strategy", "patron", *tiny)
    assert result.code == 2
    assert "give some of each (--label-words positive=great,good" in result.err


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["positive"], "'positive' is not like positive=great,good"),
        (["=good"], "is not like"),
        (["positive= , "], "is not like"),
        (["a=b", "a=c"], "names 'a' twice"),
    ],
)
def test_what_is_not_class_and_words_is_refused(given: list[str], message: str) -> None:
    with pytest.raises(AlpsError, match=message):
        parse_label_words(given)
