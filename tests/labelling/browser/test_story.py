"""The whole story, as a person lives it: an empty folder, a page, labels, a model, predictions."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import BrowserContext

from tests.labelling.browser.conftest import Person, Served
from tests.processes import command, environment_for, wait_until

N_POOL, N_NEW = 600, 200


def news(folder: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Texts and topics of AG News: a pool and others, drawn at random."""
    csv.field_size_limit(sys.maxsize)
    with (folder / "agnews" / "train.tsv").open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["label"]) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    drawn = np.random.default_rng(3).choice(len(rows), N_POOL + N_NEW, replace=False)
    chosen = [rows[i] for i in drawn]
    return chosen[:N_POOL], chosen[N_POOL:]


def write(path: Path, texts: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text"], *([text] for text in texts)])


@contextmanager
def labelling(folder: Path, *arguments: str) -> Iterator[Served]:
    """`alps label`, asked to end at the end."""
    told = folder / "told.txt"
    with told.open("w") as file:
        process = subprocess.Popen(
            [*command(), "label", *arguments, "--no-browser"], cwd=folder, stderr=file,
            env={**os.environ, **environment_for(folder)},
        )  # fmt: skip
    try:
        assert wait_until(lambda: "#token=" in told.read_text(), process), told.read_text()
        served = Served(folder / "news.alps")
        served.url = told.read_text().split()[-1]
        yield served
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def run(folder: Path, *arguments: str) -> str:
    """A command that goes well; what it told."""
    environment = {**os.environ, **environment_for(folder)}
    result = subprocess.run(
        [*command(), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


@pytest.mark.parametrize(
    ("n", "classifier", "least"),
    [(40, "probe", 0.6), pytest.param(200, "finetune", 0.75, marks=pytest.mark.slow)],
)
def test_from_an_empty_folder_to_predictions(
    data_folder: Path, tmp_path: Path, context: BrowserContext, n: int, classifier: str, least: float
) -> None:
    pool, new = news(data_folder)
    topics = dict(pool)
    keys = {topic: str(i + 1) for i, topic in enumerate(sorted(set(topics.values())))}
    write(tmp_path / "news.csv", [text for text, _ in pool])
    write(tmp_path / "new.csv", [text for text, _ in new])

    with labelling(tmp_path, "news.csv", "--labels", ",".join(keys), "-k", "20") as served:
        ann = Person(context, served, "Ann")
        for _ in range(n):
            ann.wait_for_text()
            ann.press(keys[topics[ann.text]])
        ann.wait_for_state("saved")
        ann.page.click("text=Dashboard")
        ann.page.wait_for_selector("#state[data-state=saved]")
        ann.page.wait_for_function(f"() => document.getElementById('pace').textContent.includes('{n}')")
        assert not ann.complaints

    told = run(tmp_path, "export", "news.alps", "-o", "labels.csv")
    assert f"Wrote {n} labelled texts" in told
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["label"] == topics[row["text"]] for row in rows)
    assert {row["annotators"] for row in rows} == {"Ann"}
    assert "audit" in {row["shown_as"] for row in rows}

    run(tmp_path, "train", "news.alps", "-o", "model", "--classifier", classifier, "--folds", "0")
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert f"1 person labelled {n} of the" in card
    told = run(tmp_path, "predict", "model", "new.csv", "-o", "predictions.csv")
    assert "look unlike" not in told
    with (tmp_path / "predictions.csv").open(encoding="utf-8", newline="") as file:
        predicted = [row["predicted_label"] for row in csv.DictReader(file)]
    assert np.mean([label == topic for label, (_, topic) in zip(predicted, new, strict=True)]) >= least
