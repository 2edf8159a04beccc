"""New texts that look unlike the pool are told apart, and texts from the same place raise no alarm."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pytest

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.classifiers import likeness
from alps.classifiers.likeness import FEWEST, LEVEL, Likeness, compare, similarities
from alps.representations.resources import Resources


def column(path: Path, n: int) -> list[str]:
    """Some texts of a data set, drawn at random."""
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    drawn = np.random.default_rng(0).permutation(len(rows))[:n]
    return [rows[i]["text"] for i in drawn]


def test_the_similarity_is_that_to_the_fifth_nearest() -> None:
    angles = np.radians([0, 10, 20, 30, 40, 50, 60])
    reference = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float16)
    found = similarities(np.array([[1.0, 0.0]], dtype=np.float32), reference)
    assert found == pytest.approx([np.cos(np.radians(40))], abs=1e-3)


def test_alarms_are_as_seldom_as_the_level_says() -> None:
    generator = np.random.default_rng(1)
    alarms = 0
    for _ in range(400):
        drawn = generator.normal(size=(460, 8)).astype(np.float32)
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        reference = drawn[:200].astype(np.float16)
        kept, new = similarities(drawn[200:400], reference), similarities(drawn[400:], reference)
        alarms += compare(new, kept).p_value < 0.05
    assert alarms <= 33  # 20 are expected; more than 33 have a probability of 0.2 %


def test_few_odd_texts_raise_no_alarm_however_sure_they_are() -> None:
    kept = np.linspace(0.5, 1.0, 1000, dtype=np.float32)
    slightly_lower = compare(kept - np.float32(0.04), kept)
    assert slightly_lower.p_value < LEVEL
    assert slightly_lower.odd == pytest.approx(0.13, abs=0.01)
    assert not slightly_lower.unlike


@pytest.fixture(scope="module")
def resources() -> Resources:
    return Resources(max_length=32)


def test_other_domains_are_noticed_and_the_own_is_not(data_folder: Path, resources: Resources) -> None:
    news = column(data_folder / "agnews" / "train.tsv", 450)
    kept = Likeness.of(news[:300], resources, Stream(0))
    assert kept is not None
    same = [kept.judge(news[300 + start : 350 + start], resources) for start in range(0, 150, 50)]
    assert not any(verdict.unlike for verdict in same if verdict)
    for name in ("imdb", "sst2_phrases", "sms_spam"):
        verdict = kept.judge(column(data_folder / name / "train.tsv", 50), resources)
        assert verdict is not None
        assert verdict.unlike, name
        assert verdict.p_value < LEVEL / 100


def test_too_few_texts_say_nothing(resources: Resources) -> None:
    texts = [f"text number {i}" for i in range(2 * FEWEST)]
    assert Likeness.of(texts[:-1], resources, Stream(0)) is None
    kept = Likeness.of(texts, resources, Stream(0))
    assert kept is not None
    assert kept.judge(["one", "two"] * FEWEST, resources) is None


def test_what_is_kept_comes_back(resources: Resources, tmp_path: Path) -> None:
    kept = Likeness.of([f"text number {i}" for i in range(2 * FEWEST)], resources, Stream(0))
    assert kept is not None
    kept.save(tmp_path)
    found = Likeness.load(tmp_path)
    assert found is not None
    assert (found.reference == kept.reference).all()
    assert (found.similarities == kept.similarities).all()
    assert found.encoder == kept.encoder
    again = found.resources()
    assert again is not None
    assert again.encoder.digest == resources.encoder.digest
    assert Likeness({}, {}, kept.encoder | {"digest": "another"}).resources() is None  # type: ignore[arg-type]
    assert Likeness({}, {}, kept.encoder | {"model": "no/such"}).resources() is None  # type: ignore[arg-type]
    (tmp_path / likeness.FILE).write_bytes(b"nothing")
    with pytest.raises(AlpsError, match="damaged"):
        Likeness.load(tmp_path)
    assert Likeness.load(tmp_path / "elsewhere") is None
