"""The table of strategies, and rows that other packages add."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import alps
from alps.base.errors import AlpsError
from alps.strategies import Strategy, find_strategy, strategies

MODULE = """
import numpy as np
from alps.representations.features import Features
from alps.selectors.picks import Picks
from alps.strategies import Strategy

LONGEST = Strategy(
    name="longest", summary="Texts with the most words.", representation="wordy.words", selector="wordy.words",
    selector_options={"sign": -1},
)
CLASH = Strategy(name="alps", summary="", representation=None, selector="random")
LAZY = Strategy(name="lazy", summary="", representation=None, selector="wordy.lazy")
NOT_A_ROW = "longest"
"""

WORDS = """
import numpy as np
from alps.representations.features import Features
from alps.selectors.picks import Picks

def represent(texts, copies, resources, stream):
    words = [len(text.split()) for text in texts.take(np.arange(texts.n))]
    return Features(np.array(words, np.float32)[:, None], copies)

def select(features, candidates, labelled, k, stream, *, sign=1):
    order = np.argsort(sign * features.matrix[candidates, 0], kind="stable")
    return Picks(candidates[order[:k]])
"""

LAZY = """
import numpy as np
from alps.selectors.picks import Picks

def select(features, candidates, labelled, k, stream):
    return Picks(np.repeat(candidates[:1], k))
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Install a package with an entry point, as pip would: a folder with its metadata on the path."""

    def with_entry_point(value: str) -> None:
        package = tmp_path / "wordy"
        package.mkdir()
        (package / "__init__.py").write_text(MODULE)
        (package / "words.py").write_text(WORDS)
        (package / "lazy.py").write_text(LAZY)
        metadata = tmp_path / "wordy-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: wordy\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[alps.strategies]\nsome = {value}\n")
        monkeypatch.syspath_prepend(tmp_path)

    yield with_entry_point
    for name in [name for name in sys.modules if name.partition(".")[0] == "wordy"]:
        del sys.modules[name]


def test_the_first_strategies_and_what_they_look_through() -> None:
    rows = {name: (row.representation, row.selector, set(row.needs)) for name, row in strategies().items()}
    assert rows["alps"] == ("surprisal", "kmeans", {"masked language model"})
    assert rows["alps-kmeans++"] == ("surprisal", "kmeans_plus_plus", {"masked language model"})
    assert rows["bert-km"] == ("encoding", "kmeans", {"encoder"})
    assert rows["random"] == (None, "random", set())
    assert strategies()["alps-kmeans++"].uses_labelled


def test_every_row_says_what_it_is() -> None:
    for name, row in strategies().items():
        assert row.name == name
        assert row.summary.endswith(".") and row.cost.startswith("O(") and row.source


def test_an_unknown_strategy_is_an_error_that_lists_those_there_are() -> None:
    with pytest.raises(
        AlpsError, match=r"no strategy 'magic'; choose one of alps, alps-kmeans\+\+, .*, bert-km, .*, random\."
    ):
        find_strategy("magic")
    with pytest.raises(AlpsError, match=r"no strategy 'stratifed'; did you mean stratified\?$"):
        find_strategy("stratifed")
    with pytest.raises(AlpsError, match="no strategy 'ALPS'"):
        alps.select(["a", "b"], 1, strategy="ALPS")


def test_a_row_of_another_package_is_used_like_ours(install) -> None:
    install("wordy:LONGEST")
    assert list(strategies())[-2:] == ["random", "longest"]
    assert isinstance(find_strategy("longest"), Strategy)
    found = alps.select(["one", "one two three", "one two", "one two three four five"], 2, strategy="longest")
    assert set(found.texts) == {"one two three", "one two three four five"}
    assert found.surprisal is None and found.cluster_sizes is None
    assert found.summary["strategy"] == "longest"
    assert "model" not in found.summary  # it looked through none


@pytest.mark.parametrize("value", ["wordy:CLASH", "wordy:NOT_A_ROW"])
def test_a_clashing_name_or_another_thing_is_an_error(value: str, install) -> None:
    install(value)
    with pytest.raises(AlpsError, match=f"entry point {value} is not a strategy with a name of its own"):
        strategies()


@pytest.mark.parametrize("value", ["wordy:MISSING", "wordy.nowhere:ROW"])
def test_an_entry_point_that_cannot_be_loaded_is_an_error_that_names_it(value: str, install) -> None:
    install(value)
    with pytest.raises(AlpsError, match=f"entry point {value} cannot be loaded"):
        strategies()


def test_a_selector_that_repeats_a_text_is_found_out(install) -> None:
    install("wordy:LAZY")
    with pytest.raises(AlpsError, match=r"selector wordy\.lazy did not give 2 different candidates"):
        alps.select(["a", "b", "c"], 2, strategy="lazy")
