"""The tool that asks whether the bundled model serves ALPS: real texts, real model, two small data sets."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"
KINDS = {"sport": "the striker scored late in the cup final", "business": "shares in the bank fell as profits shrank"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    for part, n in (("train", 20), ("test", 8)):
        lines = [f"{words} {i} of {part}\t{label}" for i in range(n) for label, words in KINDS.items()]
        (folder / f"{part}.tsv").write_text("text\tlabel\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_it_prints_tables_and_goes_on_from_what_it_wrote(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(TOOLS))
    import measure_picks
    from alps.models import bundled

    monkeypatch.setattr(measure_picks, "BUDGETS", (2, 12))
    frequencies = tmp_path / "text.txt"
    frequencies.write_text("\n".join(KINDS.values()), encoding="utf-8")
    arguments = [str(folder), "--models", f"shipped={bundled.OWN_TENSORS}", f"small={bundled.OWN_TENSORS}:8bit"]
    arguments += ["--frequencies", str(frequencies), "--output", str(tmp_path / "picks.csv")]
    arguments += ["--cache", str(tmp_path / "cache"), "--seeds", "2", "--pool-size", "30"]
    measure_picks.main(arguments)
    shown = capsys.readouterr().out
    assert "| data set | k | Random | unigram | shipped | small |" in shown
    assert "| Random |" in shown and "+0.00 to +0.00" in shown
    results = measure_picks.read_results(tmp_path / "picks.csv")
    assert len(results) == 4 * 2 * 2  # rows, seeds, budgets
    assert all(
        results["news", seed, row, 12] == 1.0 for seed in (0, 1) for row in ("Random", "shipped", "small", "unigram")
    )
    monkeypatch.setattr(measure_picks, "measure", lambda *_: pytest.fail("it is all there"))
    measure_picks.main(arguments)
    assert capsys.readouterr().out == shown
    for name in ("measure_picks", "train_bundled_model"):
        sys.modules.pop(name, None)
