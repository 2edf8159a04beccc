"""The texts behind a panel of curves, read again from where the results say, and what the models say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from alps.analysis.uncertainty import check_trained
from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.classifiers.labelled import Labelled
from alps.classifiers.probe import train_probe
from alps.models.tokens import Tokens
from alps.pool.texts import Texts
from alps.reports.score_curves import Panel
from alps.representations import encoding, prediction, surprisal
from alps.representations.features import Features
from alps.representations.resources import Resources
from alps.simulation.data_sets import DataSet
from alps.simulation.published import read_data_set, short_name

_OF_A_MODEL = ("model", "dtype", "max_length", "pooling")


@dataclass(frozen=True, eq=False)
class RunTexts:
    """
    The n texts of a pool, ordered by id.

    Attributes
    ----------
    data
        The data set.
    resources
        The models of the runs.

    """

    data: DataSet
    resources: Resources

    @cached_property
    def rows(self) -> npt.NDArray[np.int64]:
        """Where each text is in the pool, int64 (n,)."""
        return self.data.train.pool.distinct().rows

    @cached_property
    def texts(self) -> Texts:
        """The texts."""
        return Texts.of(self.data.train.pool, self.rows)

    @cached_property
    def labels(self) -> npt.NDArray[np.object_]:
        """Their gold labels, (n,)."""
        return self.data.train.labels[self.rows]

    @cached_property
    def ids(self) -> list[str]:
        """Their ids, n."""
        names: list[str] = self.data.train.pool.ids.take(pa.array(self.rows)).to_pylist()
        return names

    @cached_property
    def tokens(self) -> Tokens:
        """Their tokens."""
        tokenizer = self.resources.tokenizer(self.resources.encoder)
        return tokenizer(self.texts.take(np.arange(self.texts.n)))

    @cached_property
    def encodings(self) -> Features:
        """Encoder embeddings, as BERT-KM clusters them."""
        return encoding.represent(self.texts, np.ones(self.texts.n, np.int64), self.resources, Stream(0))

    def surprisal(self, seed: int, fraction: float) -> Features:
        """Surprisal embeddings, as ALPS clusters them with a seed."""
        copies = np.ones(self.texts.n, np.int64)
        return surprisal.represent(self.texts, copies, self.resources, Stream(seed), evaluated_fraction=fraction)

    @cached_property
    def probabilities(self) -> npt.NDArray[np.float32]:
        """
        Of the classes, (n, C), under a probe that saw every label of the pool.

        Raises
        ------
        AlpsError
            When that classifier knows nothing of the test texts; see `alps.analysis.uncertainty.check_trained`.

        """
        examples = Labelled.of(self.texts, self.labels.tolist(), classes=self.data.classes)
        trained = self.resources.with_classifier(train_probe(examples, self.resources, Stream(0).child("train")))
        test = self.data.test
        gold = np.searchsorted(np.array(examples.labels), test.labels.astype(str))
        held_out = prediction.represent(test.texts, np.ones(test.pool.n, np.int64), trained, Stream(0)).probabilities
        check_trained(held_out, gold)
        return prediction.represent(self.texts, np.ones(self.texts.n, np.int64), trained, Stream(0)).probabilities

    def places(self, ids: Sequence[str]) -> npt.NDArray[np.int64]:
        """Which of the n texts have these ids, int64."""
        found = pc.index_in(pa.array(ids, pa.large_string()), value_set=pa.array(self.ids, pa.large_string()))
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


@dataclass(frozen=True)
class TextFinder:
    """
    Opens the texts of panels, those of one data set and model once.

    Attributes
    ----------
    folders
        Where data sets are that are no longer where the results say, by name.
    cache_folder
        Where computed values are kept.

    """

    folders: Mapping[str, Path] = field(default_factory=dict)
    cache_folder: Path | None = None
    _open: dict[tuple[Any, ...], RunTexts | AlpsError] = field(default_factory=dict)

    def of(self, panel: Panel) -> RunTexts:
        """
        The texts of a panel.

        Raises
        ------
        AlpsError
            When the results do not say where they are, they are not there, or are others by now.

        """
        key = (panel.dataset, str(panel.settings.get("fingerprints")), *map(panel.settings.get, _OF_A_MODEL))
        if key not in self._open:
            try:
                self._open[key] = self._read(panel)
            except AlpsError as error:
                self._open[key] = error
        found = self._open[key]
        if isinstance(found, AlpsError):
            raise found
        return found

    def _read(self, panel: Panel) -> RunTexts:
        source = str(self.folders.get(panel.dataset, panel.source))
        if not panel.source and panel.dataset not in self.folders:
            raise AlpsError("The results do not say where the data set is; name its folder with --data.")
        if source != short_name(source) and not Path(source).is_dir():
            raise AlpsError(f"The data set is not in {source} any more; name its folder with --data.")
        data = read_data_set(source)
        if data.digests() != panel.settings.get("fingerprints"):
            raise AlpsError(f"The texts in {source} are not those that the runs were computed on.")
        settings: dict[str, Any] = {name: panel.settings[name] for name in _OF_A_MODEL if name in panel.settings}
        return RunTexts(data, Resources(**settings, cache_folder=self.cache_folder))
