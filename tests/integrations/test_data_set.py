"""Labels as a data set: classes by name, provenance, a card, and the way to a hub and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import datasets
import pytest
import yaml
from huggingface_hub import RepoCard

from alps.integrations.data_set import COLUMNS, data_card, labelled_data_set, write_labelled_data_set
from alps.labelling.events import Event, record
from alps.labelling.project import Project
from alps.pool.read import read_pool
from tests.integrations.conftest import HOSTILE, MakeProject
from tests.integrations.fake_hub import FakeHub
from tests.processes import run_alps


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    server = FakeHub()
    yield server
    server.shutdown()
    server.server_close()


def test_labels_are_classes_by_name(answered: Project) -> None:
    data = labelled_data_set(answered)
    assert data.features["label"] == datasets.ClassLabel(names=["good", "bad"])
    assert data["id"] == ["row-1", "row-4", "row-11"]
    assert data.features["label"].int2str(list(data["label"])) == ["bad", "good", "good"]
    assert data["text"][0] == HOSTILE[1]
    assert data["annotators"][1] == "Chloé 🎬"
    every = labelled_data_set(answered, skipped=True)
    assert [(row["id"], row["label"], row["state"]) for row in every][:3] == [
        ("row-0", None, "disputed"), ("row-1", 1, "labelled"), ("row-2", None, "skipped"),
    ]  # fmt: skip


def test_several_labels_are_a_list(make_project: MakeProject) -> None:
    project = make_project(["one", "two"], multi_label=True)
    record(project, [Event("1", "label", "row-0", ("bad", "good")), Event("2", "label", "row-1", ())], "Ann")
    data = labelled_data_set(project)
    assert data.features["label"] == datasets.List(datasets.ClassLabel(names=["good", "bad"]))
    assert sorted(data["label"][0]) == [0, 1] and data["label"][1] == []


def test_the_card_says_what_the_columns_are_and_how_texts_were_chosen(answered: Project) -> None:
    answered.add_class("a | b <img>")
    answered.set("guidelines", "Look *twice*.")
    data = labelled_data_set(answered)
    assert {*data.column_names} == {*COLUMNS}
    card = data_card(answered, data)
    head = yaml.safe_load(card.split("---")[1])
    assert head["task_categories"] == ["text-classification"]
    assert head["configs"][0]["data_files"][0]["split"] == "train"
    assert RepoCard(card).data.pretty_name == "films"
    assert "| 1 | bad | 1 |" in card and "| 0 | good | 2 |" in card
    assert r"| 2 | a \| b \<img\> | 0 |" in card
    assert "no random sample" in card and "Look *twice*." in card


def test_a_folder_opens_again_and_is_a_pool(answered: Project, tmp_path: Path) -> None:
    assert write_labelled_data_set(answered, tmp_path / "labels") == 3
    data = datasets.load_from_disk(str(tmp_path / "labels"))
    assert data.features["label"].names == ["good", "bad"]
    assert (tmp_path / "labels" / "README.md").read_text(encoding="utf-8").startswith("---\n")
    assert read_pool(tmp_path / "labels").ids.to_pylist() == ["row-1", "row-4", "row-11"]


def test_it_goes_to_a_hub_and_is_loaded_with_its_classes(hub: FakeHub, answered: Project, tmp_path: Path) -> None:
    environment = {"HF_ENDPOINT": hub.url, "HF_TOKEN": "hf_right", "HF_HUB_OFFLINE": "0"}
    told = run_alps(
        ["export", str(answered.path), "--push-to-hub", "ann/films"], tmp_path, environment=environment, real=True
    )
    assert told.code == 0, told.err
    assert f"Pushed the labels to {hub.url}/datasets/ann/films" in told.err
    assert [(made["type"], made["name"], made["visibility"]) for made in hub.made] == [("dataset", "films", "private")]
    assert {*hub.files} == {"README.md", "data/train-00000-of-00001.parquet"}
    folder = tmp_path / "pushed"
    for name, content in hub.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    data = datasets.load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "cache"))
    assert data.features["label"] == datasets.ClassLabel(names=["good", "bad"])
    assert data["text"] == labelled_data_set(answered)["text"]
    refused = run_alps(
        ["export", str(answered.path), "--push-to-hub", "ann/films"], tmp_path,
        environment={**environment, "HF_TOKEN": "hf_wrong"}, real=True,
    )  # fmt: skip
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "hf auth login" in refused.err and "hf_wrong" not in refused.err
