"""The tool that makes the bundled model: masks as published; a killed run ends as if it had not been."""

from __future__ import annotations

import importlib.util
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch
from safetensors.torch import load_file

pytest.importorskip("transformers")
from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

TOOL = Path(__file__).parents[2] / "tools" / "train_bundled_model.py"
WORDS = [f"word{letter}" for letter in "abcdefghijklmnopqrst"]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_bundled_model", TOOL)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder with random weights and a vocabulary of 20 words."""
    folder = tmp_path_factory.mktemp("encoder")
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]), "utf-8")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS) + 5,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    BertForMaskedLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    generator = random.Random(0)
    path = tmp_path_factory.mktemp("text") / "passages.txt"
    lines = (" ".join(generator.choices(WORDS, k=generator.randint(6, 30))) for _ in range(400))
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.fixture
def one_thread() -> Iterator[None]:
    """The tool sets the number of threads of its process, which here is the tests' own: put it back."""
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def options(encoder: Path, text: Path, state: Path) -> list[str]:
    numbers = {"--tokens": 20_000, "--step-tokens": 256, "--warm-up-tokens": 2000, "--decoder-rank": 2}
    numbers |= {"--checkpoint-steps": 10, "--report-steps": 50, "--threads": 1}
    where = ["--encoder", str(encoder), "--state", str(state), str(text)]
    return [*(str(part) for pair in numbers.items() for part in pair), *where]


def kill_after_second_checkpoint(arguments: list[str]) -> None:
    """Run the tool and kill it, without warning, when it has said twice that a checkpoint is written."""
    with subprocess.Popen([sys.executable, str(TOOL), *arguments], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        checkpoints = 0
        for line in process.stderr:
            checkpoints += "training loss" in line
            if checkpoints == 2:
                process.kill()
                break
    assert process.returncode in (-signal.SIGKILL, 1)  # 1: Windows


@pytest.mark.usefixtures("one_thread")
def test_a_killed_run_resumes_to_the_same_bytes(tool: ModuleType, encoder: Path, text: Path, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    tool.main(options(encoder, text, whole))
    kill_after_second_checkpoint(options(encoder, text, killed))
    assert (killed / "checkpoint.safetensors").exists()
    assert not (killed / "mlm.safetensors").exists()
    tool.main(options(encoder, text, killed))
    assert (killed / "mlm.safetensors").read_bytes() == (whole / "mlm.safetensors").read_bytes()
    tensors = load_file(whole / "mlm.safetensors")
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    assert not any(name.endswith("decoder.weight") or "embeddings" in name for name in tensors)


def test_fifteen_percent_are_chosen_and_disguised_80_10_10(tool: ModuleType) -> None:
    ids = torch.full((500, 100), 7)
    generator = tool.stream(0, tool.MASKS, 1)
    chosen = tool.choose(ids, 0.15, generator)
    shown = tool.disguise(ids, chosen, mask_id=4, vocabulary=30_000, generator=generator)
    assert chosen[:, 1:-1].double().mean().item() == pytest.approx(0.15, abs=0.005)
    assert not chosen[:, [0, -1]].any()
    assert torch.equal(shown[~chosen], ids[~chosen])
    masked, kept = (shown[chosen] == 4).double().mean().item(), (shown[chosen] == 7).double().mean().item()
    assert masked == pytest.approx(0.8, abs=0.02)
    assert kept == pytest.approx(0.1, abs=0.02)
    assert shown[chosen & (shown != 4) & (shown != 7)].min() >= 999


def test_masks_depend_on_seed_and_step_only(tool: ModuleType) -> None:
    ids = torch.full((20, 50), 7)
    first, again, later = (tool.choose(ids, 0.15, tool.stream(3, tool.MASKS, step)) for step in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, later)


def test_an_epoch_gives_every_window_once_in_batches_of_one_length(tool: ModuleType) -> None:
    groups = {length: torch.arange(n * length).view(n, length) for length, n in ((8, 30), (20, 7), (128, 3))}
    numbered = tool.Batches(groups, tool.Settings(tokens=1, step_tokens=64))
    n_batches = 4 + 3 + 3  # 30 rows by 8, 7 rows by 3, 3 rows by 1
    drawn = [numbered[step] for step in range(2 * n_batches)]
    for epoch in (drawn[:n_batches], drawn[n_batches:]):
        for length, group in groups.items():
            rows = torch.cat([batch for batch in epoch if batch.shape[1] == length])
            assert torch.equal(rows[rows[:, 0].argsort()], group)
    assert torch.equal(numbered[1], drawn[1])
    assert any(not torch.equal(a, b) for a, b in zip(drawn[:n_batches], drawn[n_batches:], strict=True))


def test_long_passages_are_cut_into_equal_parts_that_fit(tool: ModuleType) -> None:
    parts = list(tool.windows(list(range(10, 310)), first=1, last=2))
    assert [len(part) for part in parts] == [102, 102, 102]
    assert [piece for part in parts for piece in part[1:-1]] == list(range(10, 310))
    assert list(tool.windows([10, 11], first=1, last=2)) == []


def test_one_passage_in_a_hundred_is_held_out_and_no_copy_of_it_is_trained_on(tool: ModuleType) -> None:
    passages = [f"passage {i % 1000}" for i in range(3000)]
    kept, held_out = tool.hold_out(passages, seed=0)
    assert len(held_out) == 10
    assert sorted({*kept, *held_out}) == sorted(set(passages))
    assert not set(kept) & set(held_out)


def test_the_shortened_last_layer_gives_the_models_own_logits(tool: ModuleType, encoder: Path) -> None:
    model = tool.build_model(encoder, tool.Settings(tokens=1), torch.ones(len(WORDS) + 5)).eval()
    ids = torch.randint(5, 25, (4, 12), generator=torch.Generator().manual_seed(0))
    chosen = torch.zeros(4, 12, dtype=torch.bool)
    chosen[0, 3] = chosen[2, 1:9] = True
    with torch.no_grad():
        expected = model(input_ids=ids).logits[chosen]
        torch.testing.assert_close(tool.logits_at(model, ids, chosen), expected)


def test_a_lowered_budget_ends_at_learning_rate_zero(tool: ModuleType) -> None:
    settings = tool.Settings(tokens=1_000_000, warm_up_tokens=100_000)
    assert tool.learning_rate(settings, 0) < 0.05 * settings.learning_rate
    assert tool.learning_rate(settings, 500_000) == pytest.approx(0.5 * settings.learning_rate)
    assert tool.learning_rate(settings, 999_999) < 1e-5 * settings.learning_rate
    shortened = tool.Settings(tokens=600_000, warm_up_tokens=100_000)
    assert tool.learning_rate(shortened, 500_000) == pytest.approx(settings.learning_rate / 6)


def test_the_masked_fraction_falls_to_the_last_one(tool: ModuleType) -> None:
    settings = tool.Settings(tokens=1000, first_masked_fraction=0.3, masked_fraction=0.15)
    fractions = [tool.masked_fraction(settings, tokens) for tokens in (0, 500, 1000, 1200)]
    assert fractions == pytest.approx([0.3, 0.225, 0.15, 0.15])


@pytest.mark.usefixtures("one_thread")
def test_a_closed_form_start_is_the_ridge_regression(
    tool: ModuleType, encoder: Path, text: Path, tmp_path: Path
) -> None:
    """The regression from masked states to the right pieces' embeddings, as scikit-learn finds it."""
    from sklearn.linear_model import Ridge

    settings = tool.Settings(tokens=1000, step_tokens=256, layers=0, head="linear", closed_form_tokens=2000)
    training = tool.Training(settings, [text], encoder, tmp_path, None)
    model, mask_id = training.model, training.mask_id
    states, right, tokens = [], [], 0
    while tokens < 2000:
        ids = training.batches[len(states)]
        chosen = tool.choose(ids, 0.15, tool.stream(0, tool.MASKS, len(states)))
        states.append(tool.hidden_at(model, torch.where(chosen, mask_id, ids), chosen).detach())
        right.append(ids[chosen])
        tokens += ids.numel()
    x, y = torch.cat(states), model.bert.embeddings.word_embeddings.weight[torch.cat(right)].detach()
    penalty = 0.01 * ((x - x.mean(0)) ** 2).sum(0).mean().item()
    expected = Ridge(alpha=penalty).fit(x.double().numpy(), y.double().numpy())
    dense = model.cls.predictions.transform.dense
    assert torch.allclose(dense.weight.double(), torch.from_numpy(expected.coef_), atol=1e-4)
    assert torch.allclose(dense.bias.double(), torch.from_numpy(expected.intercept_), atol=1e-4)


def test_a_closed_form_start_needs_a_linear_head(tool: ModuleType) -> None:
    with pytest.raises(SystemExit):
        tool.parse(["--state", "s", "--tokens", "1", "--closed-form-tokens", "9", "text.txt"])
