"""Files and models that are wrong in every way that people meet."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

FILES = {
    "empty.csv": b"",
    "header.csv": b"id,text\n",
    "blank.csv": b"id,text\n1,\n2,  \n",
    "latin.csv": "id,text\n1,fine\n2,caf\u00e9\n".encode("latin-1"),
    "utf-16.csv": "id,text\n1,caf\u00e9\n".encode("utf-16"),
    "binary.csv": bytes(range(256)) * 20,
    "zeros.csv": b"id,text\n1,a\0b\n",
    "ragged.csv": b"id,text\n1,one\n2,two,and,more\n",
    "short.csv": b"id,text,topic\n1,one,a\n2,two\n",
    "quote.csv": b'id,text\n1,"never ends\n2,two\n',
    "two.csv": b"left,right\none,two\nthree,four\n",
    "twice.csv": b"text,text\none,two\n",
    "repeated.csv": b"id,text\n1,one\n1,two\n",
    "nothing.jsonl": b"\n\n",
    "broken.jsonl": b'{"text": "one"}\n{"text": "two"\n',
    "list.jsonl": b'{"text": "one"}\n["two"]\n',
    "number.jsonl": b'{"text": 1.5}\n{"text": 2}\n',
    "nan.jsonl": b'{"text": NaN}\n',
    "broken.json": b'[{"text": "one"},\n {"text": }]\n',
    "broken.parquet": b"PAR1 and no more",
    "broken.xlsx": b"PK\x03\x04 and no more",
    "broken.csv.gz": b"\x1f\x8b\x08\x00 and no more",
    "other.csv": b"id,text\nx,no such text\n",
    "without.csv": b"id,words\n1,one\n",
    "broken.toml": b'k = 3\nsource = "articles.csv\n',
    "latin.toml": "source = 'caf\u00e9.csv'\n".encode("latin-1"),
    "unknown.toml": b'source = "articles.csv"\nstrategi = "alps"\n',
    "nonsense.toml": b"zzz = 1\n",
    "typed.toml": b'source = "articles.csv"\nk = "many"\n',
    "truth.toml": b'source = "articles.csv"\nk = true\n',
    "flag.toml": b'source = "articles.csv"\nmasked = "yes"\n',
    "fraction.toml": b'source = "articles.csv"\nseed = 1.5\n',
    "range.toml": b'source = "articles.csv"\nk = 0\n',
    "choice.toml": b'source = "articles.csv"\nkmeans = "magic"\n',
    "sources.toml": b"source = [1, 2]\n",
    "doubled.toml": b'source = "articles.csv"\nmax-length = 64\nmax_seq_length = 32\n',
    "table.toml": b'[select]\nsource = "articles.csv"\n',
    "unset.toml": b"k = 3\n",
}  # fmt: skip


def make_files(folder: Path) -> None:
    """Write all of them, and a folder in which nothing is."""
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    (folder / "folder").mkdir()


def make_models(good: Path, folder: Path) -> None:
    """Save models that cannot be used, made from one that can."""
    from transformers import AutoConfig, AutoModel, AutoModelForMaskedLM

    for name in ("headless", "misfit", "pickled", "corrupt", "cut", "no-tokenizer", "broken-config", "remote"):
        shutil.copytree(good, folder / name)
    AutoModel.from_pretrained(good).save_pretrained(folder / "headless")
    config = AutoConfig.from_pretrained(good)
    config.vocab_size = 50
    AutoModelForMaskedLM.from_config(config).save_pretrained(folder / "misfit")
    (folder / "pickled" / "model.safetensors").rename(folder / "pickled" / "pytorch_model.bin")
    weights = (good / "model.safetensors").read_bytes()
    (folder / "corrupt" / "model.safetensors").write_bytes(b"\xff" * len(weights))
    (folder / "cut" / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / "no-tokenizer" / name).unlink()
    (folder / "broken-config" / "config.json").write_text("{")
    settings = json.loads((good / "config.json").read_text())
    remote = {**settings, "model_type": "its-own", "auto_map": {"AutoModelForMaskedLM": "code.Model"}}
    (folder / "remote" / "config.json").write_text(json.dumps(remote))
