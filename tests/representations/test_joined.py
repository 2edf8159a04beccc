"""Two embeddings side by side: what each contributes to a distance."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.pool.texts import Texts
from alps.representations import encoding, joined, surprisal
from alps.representations.joined import join
from alps.representations.resources import Resources


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_a_squared_distance_is_the_weighted_sum_of_the_two(weight: float) -> None:
    generator = np.random.default_rng(0)
    z = normalize(generator.standard_normal((5, 3))).astype(np.float32)
    s = sp.csr_array(normalize(generator.random((5, 4))).astype(np.float32))
    rows = join(z, s, weight)
    apart = np.square(rows[0] - rows[1]).sum()
    of_each = np.square(z[0] - z[1]).sum(), np.square(s.toarray()[0] - s.toarray()[1]).sum()
    assert apart == pytest.approx((1 - weight) * of_each[0] + weight * of_each[1], abs=1e-6)


def test_the_parts_are_the_two_representations(news: list[str]) -> None:
    texts = Texts.of(news[:6])
    copies, resources = np.ones(6, np.int64), Resources(max_length=32)
    some = joined.represent(texts, copies, resources, Stream(0), surprisal_weight=0.25)
    meaning = encoding.represent(texts, copies, resources, Stream(0))
    strange = surprisal.represent(texts, copies, resources, Stream(0))
    width = meaning.matrix.shape[1]
    assert some.matrix[:, :width] == pytest.approx(np.sqrt(0.75) * meaning.matrix, abs=1e-6)
    assert some.matrix[:, width:] == pytest.approx(0.5 * strange.matrix.toarray(), abs=1e-6)
    assert some.facts.keys() == strange.facts.keys()


def test_the_usual_weight_is_the_one_that_was_measured_best() -> None:
    with (Path(__file__).parents[2] / "docs" / "results" / "joined-weights.csv").open(encoding="utf-8") as file:
        gains = {
            float(line["weight"]): float(line["gain"]) for line in csv.DictReader(file) if line["data_set"] == "all"
        }
    assert max(gains, key=gains.__getitem__) == joined.SURPRISAL_WEIGHT


@pytest.mark.parametrize("weight", [-0.1, 1.1])
def test_a_weight_outside_zero_and_one_is_an_error(weight: float, news: list[str]) -> None:
    with pytest.raises(AlpsError, match="not from 0 to 1"):
        joined.represent(Texts.of(news[:1]), np.ones(1, np.int64), Resources(), Stream(0), surprisal_weight=weight)
