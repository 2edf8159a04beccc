"""Tiny checkpoints with real tokenizers, as a user would have them on disk."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModelForMaskedLM, PreTrainedTokenizerFast

_SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "initializer_range": 0.3,  # spreads the logits, so that a wrong one shows
}
_DISTILBERT_SIZES = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64, "initializer_range": 0.3}


def save_checkpoint(architecture: str, folder: Path, texts: list[str]) -> Path:
    """Save a randomly initialised masked language model and a tokenizer trained on `texts`."""
    tokenizer = _TOKENIZERS[architecture](texts)
    tokenizer.save_pretrained(folder)
    sizes = _DISTILBERT_SIZES if architecture == "distilbert" else _SIZES
    extra = {"embedding_size": 16} if architecture == "electra" else {}
    if architecture == "modernbert":
        extra = {"global_attn_every_n_layers": 2, "local_attention": 16, "initializer_cutoff_factor": 5.0}
    positions = 130 if architecture in ("camembert", "roberta", "xlm-roberta", "mpnet") else 128
    config = AutoConfig.for_model(
        architecture,
        **sizes,
        **extra,
        vocab_size=len(tokenizer),
        max_position_embeddings=positions,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        cls_token_id=tokenizer.cls_token_id,
        sep_token_id=tokenizer.sep_token_id,
    )
    torch.manual_seed(5)
    AutoModelForMaskedLM.from_config(config).save_pretrained(folder)
    return folder


def _word_pieces(texts: list[str]) -> PreTrainedTokenizerFast:
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = _pieces(texts, lambda text: text.lower())
    pieces = dict.fromkeys([*special, *words, *(f"##{piece}" for piece in words)])
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(special)
    tokenizer.post_processor = _template(tokenizer, "[CLS]", "[SEP]")
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=128, pad_token="[PAD]", unk_token="[UNK]",
        cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]",
    )  # fmt: skip


def _byte_pairs(texts: list[str]) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator(texts, trainer)
    return _with_sentence_marks(tokenizer)


def _unigram(texts: list[str]) -> PreTrainedTokenizerFast:
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    inside = _pieces(texts, str)
    pieces = dict.fromkeys([*(f"\u2581{piece}" for piece in inside), "\u2581", *inside])
    scores = [(mark, 0.0) for mark in special] + [(piece, -2.0 - 0.01 * i) for i, piece in enumerate(pieces)]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=special.index("<unk>")))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(special)
    return _with_sentence_marks(tokenizer)


def _pieces(texts: list[str], normalised: Callable[[str], str]) -> list[str]:
    """Frequent words and endings, and all characters; the trainers of these two kinds give other pieces every time."""
    words = Counter(word for text in texts for word in re.findall(r"\w+|[^\w\s]", normalised(text)))
    endings = Counter(word[-3:] for word in words.elements() if len(word) > 5)
    characters = sorted(set("".join(words)))
    return list(dict.fromkeys([*_most_frequent(words, 250), *_most_frequent(endings, 50), *characters]))


def _most_frequent(counts: Counter[str], n: int) -> list[str]:
    return sorted(counts, key=lambda word: (-counts[word], word))[:n]


def _with_sentence_marks(tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    tokenizer.post_processor = _template(tokenizer, "<s>", "</s>")
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=128, bos_token="<s>", eos_token="</s>", pad_token="<pad>",
        unk_token="<unk>", cls_token="<s>", sep_token="</s>", mask_token="<mask>",
    )  # fmt: skip


def _template(tokenizer: Tokenizer, begin: str, end: str) -> processors.TemplateProcessing:
    marks = [(mark, tokenizer.token_to_id(mark)) for mark in (begin, end)]
    return processors.TemplateProcessing(
        single=f"{begin} $A {end}", pair=f"{begin} $A {end} $B:1 {end}:1", special_tokens=marks
    )


_TOKENIZERS = {
    "bert": _word_pieces,
    "camembert": _unigram,
    "distilbert": _word_pieces,
    "electra": _word_pieces,
    "modernbert": _byte_pairs,
    "mpnet": _word_pieces,
    "roberta": _byte_pairs,
    "xlm-roberta": _unigram,
}
