"""
The runner for this machine: windows of texts are tokenised ahead while batches are computed.

On a CPU every batch is computed by one thread, and as many batches run at once as there are threads. That was 5 to 10 %
faster than one batch on all threads (no waiting at each small operation), and it makes the values independent of the
number of threads by construction. On any other device one batch runs at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch

from alps.base.errors import AlpsError
from alps.base.memory import return_free_memory
from alps.base.progress import Progress, ProgressCallback, no_progress
from alps.models.batches import MIN_TOKENS, TOKENS_PER_BATCH, exact_length_batches
from alps.models.tokens import TextTokenizer, Tokens
from alps.pool.texts import Texts
from alps.shards.plan import shards, windows
from alps.shards.store import Store

Rows = npt.NDArray[np.int64]

# Batches of ever other sizes leave holes in the heap: 1,170 MB after 2,500 texts when it is never trimmed, 896 MB when
# it is every 8 batches, 835 MB when it is after every batch. Every 32 saved 2 to 4 % of the time in bfloat16 and took
# 1,342 MB instead of 1,208 for 20,000 texts.
_BATCHES_BETWEEN_TRIMS = 8

# (tokens of the window, rows of the batch in the window, the same rows in `texts`) -> columns of the store but digest
Compute = Callable[[Tokens, Rows, Rows], dict[str, pa.Array]]


@dataclass
class Timing:
    """Seconds and tokens of a run; stages that overlap in time are counted apart."""

    tokenise: float = 0.0
    compute: float = 0.0
    n_texts: int = 0
    n_tokens: int = 0


@dataclass(frozen=True)
class Runner:
    """
    Computes what the store lacks.

    Attributes
    ----------
    device
        Where the model computes.
    tokens_per_batch
        The most tokens in a batch; halved for a batch that does not fit into memory.
    progress
        Called after every shard and now and then between.

    """

    device: torch.device
    tokens_per_batch: int = TOKENS_PER_BATCH
    progress: ProgressCallback = no_progress
    timing: Timing = field(default_factory=Timing)

    def run(
        self,
        stage: str,
        texts: Texts,
        rows: Rows,
        tokenizer: TextTokenizer,
        compute: Compute,
        store: Store,
    ) -> None:
        """
        Compute some rows and append them to the store, shard by shard.

        Parameters
        ----------
        stage
            What the progress report calls it.
        texts
            Distinct texts.
        rows
            Which of them to compute, int64.
        tokenizer
            For the model that `compute` calls.
        compute
            A pure function from a batch to columns of the store.
        store
            Where the results go.

        Raises
        ------
        AlpsError
            When not even the smallest batch fits into memory, or the store cannot be written.

        """
        store.prepare()
        expected = _expected_tokens(texts, tokenizer.max_length)
        reporter = _Reporter(stage, len(rows), float(expected[rows].sum()), self.progress)
        with _single_threaded_operations(self.device) as n_workers, ThreadPoolExecutor(n_workers) as workers:
            for window, tokens in self._tokenised(texts, rows, tokenizer):
                started = time.perf_counter()
                lengths = tokens.lengths
                reporter.begin_window(float(expected[window].sum()), int(lengths.sum()))
                batches = exact_length_batches(lengths, self.tokens_per_batch)
                for group in shards(batches, lengths):
                    attempt = partial(self._attempt, compute, tokens, window)
                    columns: list[pa.Table] = []
                    results = cast("Generator[dict[str, pa.Array], None, None]", workers.map(attempt, group))
                    with closing(results):  # an interrupt cancels what has not begun
                        for i, (batch, result) in enumerate(zip(group, results, strict=True)):
                            columns.append(pa.table({"digest": texts.digests.take(pa.array(window[batch])), **result}))
                            reporter.advance(len(batch), int(lengths[batch].sum()))
                            if i % _BATCHES_BETWEEN_TRIMS == 0:
                                return_free_memory()
                    store.append(pa.concat_tables(columns))
                self.timing.compute += time.perf_counter() - started
                self.timing.n_texts += len(window)
                self.timing.n_tokens += int(lengths.sum())

    def _tokenised(self, texts: Texts, rows: Rows, tokenizer: TextTokenizer) -> Iterator[tuple[Rows, Tokens]]:
        def tokenise(window: Rows) -> Tokens:
            started = time.perf_counter()
            tokens = tokenizer(texts.take(window))
            self.timing.tokenise += time.perf_counter() - started
            return tokens

        plan = windows(rows, texts.n_bytes()[rows])
        with ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(tokenise, plan[0]) if plan else None
            for i, window in enumerate(plan):
                assert coming is not None
                tokens = coming.result()
                if i + 1 < len(plan):
                    coming = ahead.submit(tokenise, plan[i + 1])
                yield window, tokens

    def _attempt(self, compute: Compute, tokens: Tokens, window: Rows, batch: Rows) -> dict[str, pa.Array]:
        try:
            return compute(tokens, batch, window[batch])
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            length = int(tokens.lengths[batch[0]])
            if len(batch) == 1 or len(batch) * length <= MIN_TOKENS:
                raise AlpsError(
                    f"A text of {length} tokens does not fit into the memory of {self.device}; "
                    f"lower --max-length or use a smaller model."
                ) from error
        half = len(batch) // 2
        first = self._attempt(compute, tokens, window, batch[:half])
        second = self._attempt(compute, tokens, window, batch[half:])
        return {name: pa.concat_arrays([first[name], second[name]]) for name in first}


class _Reporter:
    """Turns finished batches into progress; the work is foreseen from text lengths and set right window by window."""

    def __init__(self, stage: str, n_texts: int, expected: float, progress: ProgressCallback) -> None:
        self._stage, self._n_texts, self._expected, self._progress = stage, n_texts, expected, progress
        self._n_done = 0
        self._expected_done = 0.0
        self._expected_per_token = 1.0
        progress(Progress(stage, 0, n_texts, 0.0))

    def begin_window(self, expected: float, n_tokens: int) -> None:
        self._expected_per_token = expected / max(n_tokens, 1)

    def advance(self, n_texts: int, n_tokens: int) -> None:
        self._n_done += n_texts
        self._expected_done += n_tokens * self._expected_per_token
        share = 1.0 if self._n_done == self._n_texts else min(self._expected_done / self._expected, 1.0)
        self._progress(Progress(self._stage, self._n_done, self._n_texts, share))


def _expected_tokens(texts: Texts, max_length: int) -> npt.NDArray[np.int64]:
    """A guess at the tokens of each text, int64 (n,): English has about four bytes a token."""
    return np.asarray(np.minimum(texts.n_bytes() // 4 + 3, max_length), dtype=np.int64)


def _is_out_of_memory(error: BaseException) -> bool:
    # Allocators other than CUDA's raise a plain RuntimeError, each in its own words.
    words = ("not enough memory", "allocate memory", "out of memory", "alloc_failed")
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(word in str(error).lower() for word in words)


@contextmanager
def _single_threaded_operations(device: torch.device) -> Iterator[int]:
    """Number of workers; on a CPU each of them computes on one thread."""
    if device.type != "cpu":
        yield 1
        return
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield n_threads
    finally:
        torch.set_num_threads(n_threads)
