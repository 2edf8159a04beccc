"""The folder of a classifier: what is in it, by which it is told from others before anything heavy is loaded."""

from __future__ import annotations

from alps.base.atomic import FolderKind

PROBE_FILE = "classifier.json"
CLASSIFIER_FOLDER = FolderKind(
    "a classifier",
    marks=((PROBE_FILE,), ("config.json", "*.safetensors"), ("config.json", "pytorch_model*")),
    files=(
        "*.json", "*.safetensors", "*.bin", "*.pt", "*.model", "*.jinja", "README.md", "LICENSE*", "vocab.txt",
        "merges.txt", ".gitattributes",
    ),
)  # fmt: skip
