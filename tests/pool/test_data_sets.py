import json
import socket

import datasets
import pytest

from alps.pool.exclude import excluded_rows
from alps.pool.read import read_pool

FEATURES = datasets.Features(
    {
        "text": datasets.Value("string"),
        "label": datasets.ClassLabel(names=["neg", "pos"]),
        "topics": datasets.List(datasets.ClassLabel(names=["art", "law"])),
    }
)
ROWS = {"text": ["one", "two", "three"], "label": [1, 0, -1], "topics": [[0, 1], [], None]}


@pytest.fixture
def train():
    return datasets.Dataset.from_dict(ROWS, features=FEATURES)


@pytest.fixture
def both(train):
    return datasets.DatasetDict({"train": train, "test": train.select([2])})


def test_labels_are_their_names(train):
    pool = read_pool(train)
    assert pool.table["label"].to_pylist() == ["pos", "neg", None]
    assert pool.table["topics"].to_pylist() == [["art", "law"], [], None]


def test_a_split_is_chosen(refused, both, train):
    assert read_pool(both, split="test").texts.to_pylist() == ["three"]
    assert "train, test" in refused(read_pool, both)
    assert "no split 'dev'; choose --split from: train, test" in refused(read_pool, both, split="dev")
    assert "no splits" in refused(read_pool, train, split="train")
    assert read_pool(datasets.DatasetDict({"train": train})).n == 3


def test_a_data_set_excludes(both):
    pool = read_pool(["one", "two", "three"])
    assert excluded_rows(pool, both, split="test").nonzero()[0].tolist() == [2]


def test_a_stream_is_refused(refused, train):
    assert "stream" in refused(read_pool, train.to_iterable_dataset())
    streams = datasets.IterableDatasetDict({"train": train.to_iterable_dataset()})
    assert "stream" in refused(read_pool, streams)


def test_a_sheet_means_nothing(refused, train):
    assert "--sheet" in refused(read_pool, train, sheet="x")


def test_a_saved_data_set_is_read(train, tmp_path):
    train.save_to_disk(tmp_path / "saved")
    for source in (tmp_path / "saved", str(tmp_path / "saved")):
        pool = read_pool(source)
        assert pool.table["label"].to_pylist() == ["pos", "neg", None]
        assert pool.source == str(tmp_path / "saved")


def test_a_split_of_a_saved_data_set_is_read(refused, both, tmp_path):
    both.save_to_disk(tmp_path / "saved")
    assert read_pool(tmp_path / "saved", split="test").texts.to_pylist() == ["three"]
    assert "train, test" in refused(read_pool, tmp_path / "saved")


def test_a_damaged_saved_data_set_is_refused(refused, train, tmp_path):
    train.save_to_disk(tmp_path / "saved")
    (tmp_path / "saved" / "state.json").write_text("{", encoding="utf-8")
    assert "cannot be read as a saved data set" in refused(read_pool, tmp_path / "saved")


@pytest.fixture
def hub(monkeypatch, both):
    """The hub, as far as `load_dataset` shows it; remembers what it was asked for."""
    asked = []

    def load(name, config=None, *, revision=None):
        asked.append((name, config, revision))
        return both

    monkeypatch.setattr(datasets, "load_dataset", load)
    return asked


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("hub:imdb", ("imdb", None, None)),
        ("hub:owner/name", ("owner/name", None, None)),
        ("hub:owner/name:plain_text", ("owner/name", "plain_text", None)),
        ("hub:owner/name@refs/pr/1", ("owner/name", None, "refs/pr/1")),
        ("hub:owner/na-me.x:a b@main", ("owner/na-me.x", "a b", "main")),
    ],
)
def test_a_data_set_of_the_hub_is_read(hub, source, asked):
    pool = read_pool(source, split="test")
    assert pool.texts.to_pylist() == ["three"]
    assert pool.source == source
    assert hub == [asked]


def test_several_splits_of_the_hub_are_listed(refused, hub):
    assert "hub:imdb has several splits; choose --split from: train, test" in refused(read_pool, "hub:imdb")


@pytest.mark.parametrize("source", ["hub:", "hub:a/b/c", "hub:owner/name@", "hub:not a name"])
def test_what_names_no_data_set_is_refused(refused, hub, source):
    assert "hub:owner/name" in refused(read_pool, source)
    assert hub == []


def test_offline_says_how_to_fetch_it(refused, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    message = refused(read_pool, "hub:owner/name", split="train")
    assert "could not be loaded" in message
    assert "hf download owner/name --repo-type dataset --local-dir FOLDER" in message


@pytest.mark.parametrize("source", ["owner/name", "data/customers"])
def test_a_misspelt_path_is_not_sent_to_the_hub(refused, hub, monkeypatch, source):
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("a connection was opened"))
    assert "hub:owner/name" in refused(read_pool, source)
    assert hub == []


def test_a_file_of_that_name_is_a_file(hub, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        (tmp_path / "hub:a.csv").write_text("text\none\n", encoding="utf-8")
    except OSError:
        pytest.skip("no colons in names here")
    assert read_pool("hub:a.csv").n == 1


def test_the_saved_files_of_a_data_set_are_read_alone(train, tmp_path):
    train.save_to_disk(tmp_path / "saved")
    files = json.loads((tmp_path / "saved" / "state.json").read_text(encoding="utf-8"))["_data_files"]
    assert read_pool(tmp_path / "saved" / files[0]["filename"]).texts.to_pylist() == ROWS["text"]
