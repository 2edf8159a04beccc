"""What a selection tells about its pool: counts for the summary, and notes on what the user cannot see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from alps.base.versions import PYTHON, versions
from alps.pool.pool import Pool
from alps.representations.features import Features

_VERSIONS = (PYTHON, "alps-learn", "numpy", "scikit-learn", "scipy", "tokenizers", "torch", "transformers")

# Shares from which a note is worth reading.
_MANY_CUT = 0.05
_MANY_ZERO = 0.05
_MANY_UNKNOWN = 0.02
_TELLING_TOKENS = 30  # of fewer, a share of short pieces is chance: single English sentences reached 0.43
_MANY_SHORT = 0.25


def summarise(pool: Pool, features: Features, candidates: npt.NDArray[np.int64], n_excluded: int) -> dict[str, Any]:
    """
    Counts of texts and tokens, JSON-able.

    Parameters
    ----------
    pool
        All texts.
    features
        Of the distinct texts that were looked at.
    candidates
        Rows of `features` that could be chosen.
    n_excluded
        Rows of the pool that `--exclude` named.

    Returns
    -------
    dict
        Counts of texts count copies; shares are over those. Token counts are there where tokens were.

    """
    summary: dict[str, Any] = {
        "source": pool.source,
        "text_column": pool.text_column,
        "id_column": pool.id_column,
        "fingerprint": pool.fingerprint,
        "texts_read": pool.n_read,
        "texts_empty": pool.n_empty,
        "texts_excluded": n_excluded,
        "texts_in_pool": int(features.copies[candidates].sum()),
        "texts_distinct": len(candidates),
        "copies": int((features.copies[candidates] - 1).sum()),
    }
    facts = {name: values[candidates] for name, values in features.facts.items()}
    copies = features.copies[candidates]
    for fact, name in (("cut", "texts_cut"), ("zero", "texts_zero")):
        if fact in facts:
            summary[name] = int(copies[facts[fact].astype(bool)].sum())
    if "n_tokens" in facts:
        n_tokens = max(int(facts["n_tokens"].astype(np.int64).sum()), 1)
        summary["tokens"] = n_tokens
        summary["unknown_piece_rate"] = round(int(facts["n_unknown"].astype(np.int64).sum()) / n_tokens, 6)
        summary["short_piece_rate"] = round(int(facts["n_short"].astype(np.int64).sum()) / n_tokens, 6)
    summary["versions"] = versions(*_VERSIONS)
    return summary


def notes(summary: Mapping[str, Any], k: int) -> list[str]:
    """Sentences for the user about what is not to be seen in the picks themselves."""
    n = summary["texts_in_pool"]
    found = []
    if summary["k"] < k:
        where = "in the sample" if "texts_sampled_from" in summary else "there to choose from"
        found.append(f"Only {summary['k']} distinct texts are {where}, fewer than k = {k}: all are chosen.")
    if summary.get("texts_cut", 0) > _MANY_CUT * n:
        share = f"{summary['texts_cut'] / n:.0%}"
        found.append(
            f"{share} of the texts are longer than {summary['max_length']} tokens and were cut; see --max-length."
        )
    if summary.get("texts_zero", 0) > _MANY_ZERO * n:
        share = f"{summary['texts_zero'] / n:.0%}"
        found.append(
            f"{share} of the texts had no evaluated token and cannot be told apart; "
            f"--evaluated-fraction 1.0 sees them all."
        )
    strange = (
        summary.get("unknown_piece_rate", 0.0) > _MANY_UNKNOWN or summary.get("short_piece_rate", 0.0) > _MANY_SHORT
    )
    if strange and summary["tokens"] >= _TELLING_TOKENS:
        found.append("The model's vocabulary hardly knows these texts; choose a --model for their language or field.")
    return found
