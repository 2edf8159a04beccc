"""The rules of the house: who may import whom, what is not loaded at start, and what is not in the code."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
SOURCE = REPOSITORY / "src" / "alps"

# DESIGN section 3, bottom first: a file imports only from its own package and from those above its line.
HOUSE = (
    "base", "pool", "models", "shards", "representations", "classifiers", "selectors", "strategies", "view", "summary",
    "selection", "learning", "simulation", "analysis", "reports", "labelling", "integrations", "cli", "",
)  # fmt: skip
HEAVY = {"torch", "transformers", "sklearn", "scipy", "pyarrow", "numpy", "pandas", "datasets", "tokenizers"}

FILES = {
    ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(SOURCE.rglob("*.py"))
}
TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in FILES.items()}
EVERY_FILE = pytest.mark.parametrize("module", FILES)


def package_of(module: str) -> str:
    """`models` for `alps.models.tokens`; nothing for `alps` itself and `python -m alps`."""
    return (module.removesuffix(".__main__") + "..").split(".")[1]


def imports_of(module: str) -> Iterator[str]:
    """Every module of ours that a module imports, at its top, in functions, or for types only."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.partition(".")[0] == "alps")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            if (node.module or "").partition(".")[0] == "alps":
                for name in node.names:
                    inner = f"{node.module}.{name.name}"
                    yield inner if inner in FILES else str(node.module)


def test_the_house_is_the_one_in_the_design() -> None:
    assert {package_of(module) for module in FILES} <= set(HOUSE)
    assert len(FILES) > 40


@EVERY_FILE
def test_a_file_imports_only_from_lines_above_its_own(module: str) -> None:
    floor = HOUSE.index(package_of(module))
    for imported in imports_of(module):
        assert imported in FILES, f"{module} imports {imported}, which is not there"
        assert HOUSE.index(package_of(imported)) <= floor, f"{module} imports {imported} from below"


def test_no_imports_go_in_a_circle() -> None:
    graph = {module: set(imports_of(module)) - {module} for module in FILES if module != "alps"}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_the_rule_would_notice() -> None:
    assert "alps.shards.store" in set(imports_of("alps.shards.cache"))
    assert "alps.pool.write" in set(imports_of("alps.cli.select"))  # inside a function
    assert "alps.strategies.strategy" in set(imports_of("alps.strategies"))
    assert "alps.selection" in set(imports_of("alps"))  # for types only


@pytest.mark.parametrize(
    "arguments",
    [
        ["-c", "import alps; dir(alps); assert alps.AlpsError"],
        ["-m", "alps.cli.main", "--help"],
        ["-m", "alps.cli.main", "--version"],
        ["-m", "alps.cli.main", "select", "--help"],
        ["-m", "alps.cli.main", "cache", "--help"],
        ["-m", "alps.cli.main", "strategies"],
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_loaded_at_start(arguments: list[str]) -> None:
    environment = {**os.environ, "PYTHONUTF8": "1"}
    result = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        capture_output=True, text=True, check=True, env=environment, encoding="utf-8",
    )  # fmt: skip
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in result.stderr.splitlines() if "|" in line}
    assert "alps" in loaded
    assert not loaded & HEAVY


@EVERY_FILE
def test_every_file_says_what_it_is(module: str) -> None:
    docstring = ast.get_docstring(TREES[module])
    assert docstring
    assert len(docstring) > 20


@EVERY_FILE
def test_no_file_has_what_we_do_without(module: str) -> None:
    for node in ast.walk(TREES[module]):
        where = f"{FILES[module]}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("print", "eval", "exec", "breakpoint"), where
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr != "cuda", f"{where}: name a device"
            assert ast.unparse(node.func) not in ("torch.load", "torch.save", "joblib.load"), f"{where}: pickles"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {name.name.partition(".")[0] for name in node.names}
            names.add((getattr(node, "module", None) or "").partition(".")[0])
            assert not names & {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve"}, f"{where}: pickles"
        if isinstance(node, ast.keyword) and node.arg in ("trust_remote_code", "allow_pickle"):
            assert isinstance(node.value, ast.Constant) and node.value.value is False, where
    calls = [node for node in ast.walk(TREES[module]) if isinstance(node, ast.Call)]
    drawn = [ast.unparse(call.func) for call in calls if ast.unparse(call.func).startswith(("random.", "np.random."))]
    allowed = {"np.random.default_rng", "np.random.SeedSequence"}
    assert set(drawn) <= allowed, f"{module} draws from a global random generator"


def test_nothing_in_the_repository_names_a_developer_s_machine() -> None:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    files = [REPOSITORY / name for name in listed.stdout.split("\0") if name]
    machine = re.compile(r"(?<![\w.])/(work|root|home|tmp|Users)/")
    assert machine.search('open("/ho' + 'me/someone/data.csv")')
    for file in files:
        if file.suffix in (".safetensors", ".png", ".parquet") or not file.is_file() or file == Path(__file__):
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            assert not machine.search(line), f"{file.relative_to(REPOSITORY)}:{number}: {line.strip()[:100]}"
    assert len(files) > 50
