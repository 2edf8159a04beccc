"""The published numbers in the package, against the authors' single runs."""

from __future__ import annotations

import csv
import statistics
from pathlib import Path

import pytest

from alps.analysis.published import published_results


def test_every_setting_is_there_once() -> None:
    found = published_results()
    keys = [(r.part, r.dataset, r.strategy, r.evaluated_fraction, r.n_labelled, r.metric) for r in found]
    assert len(set(keys)) == len(keys) == 403
    assert {r.dataset for r in found} == {"ag_news", "imdb", "pubmed", "sst2"}
    assert all(0.0 < r.mean < 1.0 for r in found)
    assert all((r.sd is None) == (r.n == 1) for r in found)


@pytest.mark.parametrize(("theirs", "ours"), [("mlmKM", "alps"), ("rand-badge", "badge"), ("rand", "random")])
def test_the_means_are_those_of_the_single_runs(data_folder: Path, theirs: str, ours: str) -> None:
    file = data_folder.parent / "research" / "alps_paper_results_test.csv"
    if not file.is_file():
        pytest.skip("the published results are not there")
    with file.open(encoding="utf-8") as lines:
        rows = [r for r in csv.DictReader(lines) if r["ranking"] == theirs and r["task"] == "agnews"]
    scores = [float(row["score"]) for row in rows if float(row["size"]) == 1000]
    (found,) = [
        r for r in published_results()
        if (r.part, r.dataset, r.strategy, r.n_labelled) == ("test", "ag_news", ours, 1000)
    ]  # fmt: skip
    assert found.n == len(scores) == 5
    assert found.mean == pytest.approx(statistics.mean(scores), abs=1e-4)
    assert found.sd == pytest.approx(statistics.stdev(scores), abs=1e-4)
