"""The classes of the picks beside those of the pool, by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alps.analysis.class_balance import class_balance
from alps.base.errors import AlpsError


def test_picks_with_the_classes_of_the_pool() -> None:
    found = class_balance(["a", "b"], ["a", "b", "a", "b"])
    assert (found.n_picks, found.n_seen, found.evenness, found.distance, found.imbalance) == (2, 2, 1.0, 0.0, 1.0)


def test_a_class_that_is_never_picked() -> None:
    found = class_balance(["a", "a"], ["a", "b"])
    assert found.picked == {"a": 1.0, "b": 0.0}
    assert (found.n_seen, found.evenness, found.distance, found.imbalance) == (1, 0.0, 0.5, float("inf"))


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(AlpsError, match="no picks"):
        class_balance([], ["a"])
    with pytest.raises(AlpsError, match="no class 'b'"):
        class_balance(["b"], ["a"])


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30))
def test_the_measures_stay_in_their_bounds(picked: list[str]) -> None:
    found = class_balance(picked, "abc")
    assert sum(found.picked.values()) == pytest.approx(1.0)
    assert -1e-12 <= found.evenness <= 1.0 + 1e-12
    assert 0.0 <= found.distance <= 2 / 3 + 1e-12
    assert found.imbalance >= 1.0
