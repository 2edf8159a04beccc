"""Whose uncertainty Figure 3 shows: the fine-tuned classifier's where the results keep it, else a probe's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alps.base.errors import AlpsError
from alps.models.entropy import predictive_entropy
from alps.reports.pool_entropy import pool_entropy
from alps.reports.run_texts import RunTexts
from alps.reports.score_curves import Panel, gather_panels
from alps.representations.resources import Resources
from alps.simulation.data_sets import read_folder
from alps.simulation.grid import Grid, Settings
from alps.simulation.results import FULL, Cell, Curve, Round, read_run
from alps.simulation.runner import simulate
from tests.simulation.conftest import lines

N = 54  # texts of the pool


@pytest.fixture
def texts(tmp_path: Path) -> RunTexts:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "train.tsv").write_text(lines(60), encoding="utf-8")
    (tmp_path / "tiny" / "test.tsv").write_text(lines(20, start=60), encoding="utf-8")
    return RunTexts(read_folder(tmp_path / "tiny"), Resources())


def panel(*kept: list[float], accuracy: float = 0.9, classifier: str = "finetune") -> Panel:
    """Of one cell with the whole pool for each seed, with the entropies that it kept."""
    support = {"sport": {"support": 10.0}, "trade": {"support": 10.0}}
    found = [
        Curve(Cell("tiny", FULL, classifier, seed), {"k": 6}, (
            Round(1, N, [], [], {"test": {"micro_f1": accuracy}}, {"test": support}, pool_entropy=each),
        ))
        for seed, each in enumerate(kept)
    ]  # fmt: skip
    return gather_panels(found)[0]


def test_it_is_the_mean_of_the_fine_tuned_classifiers(texts: RunTexts) -> None:
    values, whose = pool_entropy(panel([0.1] * N, [0.3] * N, []), texts)
    assert values == pytest.approx(np.full(N, 0.2))
    assert whose == "the classifier that was fine-tuned on the whole pool (the mean over n = 2 seeds)"


def test_where_none_is_kept_it_is_a_probe_s_and_that_is_said(texts: RunTexts) -> None:
    values, whose = pool_entropy(panel([]), texts)
    assert values == pytest.approx(predictive_entropy(texts.probabilities))
    assert "a probe that was trained on the whole pool, not the classifier of the runs" in whose
    assert pool_entropy(panel([], classifier="probe"), texts).whose == "a probe that was trained on the whole pool"


@pytest.mark.parametrize(("nats", "accuracy"), [(0.69, 0.9), (0.2, 0.6)])
def test_a_classifier_that_knows_nothing_is_refused(nats: float, accuracy: float, texts: RunTexts) -> None:
    with pytest.raises(AlpsError, match="is not trained"):
        pool_entropy(panel([nats] * N, accuracy=accuracy), texts)


def test_the_whole_pool_s_cell_keeps_it_where_it_fine_tunes(
    texts: RunTexts, checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    settings = Settings(k=6, rounds=1, model=str(checkpoints["bert"]))
    grid = Grid((texts.data.source,), (FULL, "random"), ("finetune", "probe"), (3,), settings)
    simulate(grid, tmp_path / "run", jobs=1)
    kept = {(curve.cell.strategy, curve.cell.classifier): curve.rounds[0].pool_entropy
            for curve in read_run(tmp_path / "run")}  # fmt: skip
    found = np.array(kept.pop((FULL, "finetune")))
    assert found.shape == (N,)
    assert ((found > 0.0) & (found <= np.log(2) + 1e-6)).all()
    assert [*kept.values()] == [[], [], []]
