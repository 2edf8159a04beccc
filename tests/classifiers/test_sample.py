"""`Sample`: bounded, the same whatever the pieces are, and fair."""

from __future__ import annotations

import numpy as np

from alps.classifiers.sample import Sample


def sampled(pieces: list[int], most: int = 500) -> list[str]:
    sample, n = Sample(most), 0
    for n_rows in pieces:
        sample.add([str(row) for row in range(n, n + n_rows)], n)
        n += n_rows
        assert len(sample.texts) <= most
    return sample.texts


def test_no_more_stays_than_was_asked_for() -> None:
    assert len(sampled([4096] * 20)) == 500
    assert sorted(sampled([100, 30]), key=int) == [str(row) for row in range(130)]


def test_the_pieces_do_not_matter() -> None:
    assert sampled([1, 4096, 7, 5896]) == sampled([10_000])


def test_all_rows_are_as_likely() -> None:
    rows = np.array([int(text) for text in sampled([4096] * 20)])
    np.testing.assert_allclose(np.histogram(rows, 4, (0, 4096 * 20))[0], 125, atol=35)
    assert len(set(rows.tolist())) == 500


def test_rows_without_text_do_not_count() -> None:
    sample = Sample(3)
    sample.add([None, "", "one", None], 0)
    sample.add([], 4)
    assert sample.texts == ["one"]
