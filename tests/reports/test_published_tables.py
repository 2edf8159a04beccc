"""The authors' numbers stand beside ours only where the setting is theirs."""

from __future__ import annotations

import pytest

from alps.reports.published_tables import published_beside, published_elsewhere
from alps.reports.score_curves import gather_panels
from alps.reports.token_fractions import token_fractions
from alps.simulation.published import PUBLISHED
from alps.simulation.results import Cell, Curve, Round

THEIRS = {
    "k": 100, "model": "bert-base-uncased", "recipe": "paper", "max_length": 128, "kmeans": "released",
    "pooling": "pooler", "evaluated_fraction": 0.15, "source": "sst2",
    "sizes": {"train": 60_614, "dev": 6_735, "test": 872},
}  # fmt: skip


def curve(strategy: str, *, dataset: str = "sst2", classifier: str = "finetune", **settings: object) -> Curve:
    scores = {part: {"micro_f1": 0.8} for part in ("test", "dev")}
    rounds = tuple(Round(number, 100 * number, [], [], scores) for number in (1, 2))
    return Curve(Cell(dataset, strategy, classifier, 3), {**THEIRS, **settings}, rounds)


def test_the_published_setting_stands_beside_theirs() -> None:
    panels = gather_panels([curve("alps"), curve("badge-normalised"), curve("badge")])
    rows = {row[1:4]: row for row in published_beside(panels).rows}
    assert ("alps", "test", "100") in rows
    assert ("alps", "dev", "200") in rows
    assert rows["badge-normalised", "test", "200"][4:6] == ("0.800", "1")
    assert "±" in rows["alps", "test", "100"][6]
    assert not any(strategy == "badge" for strategy, _, _ in rows)  # theirs normalises
    elsewhere = published_elsewhere(panels)
    assert "not comparable" in elsewhere.title
    assert ("sst2", "alps") not in {row[:2] for row in elsewhere.rows}
    assert ("imdb", "alps") in {row[:2] for row in elsewhere.rows}


@pytest.mark.parametrize(
    "other",
    [
        {"model": "bundled"}, {"recipe": "stable"}, {"k": 50}, {"classifier": "probe"}, {"kmeans": "default"},
        {"evaluated_fraction": 0.5}, {"source": "somewhere/sst2"}, {"dataset": "reviews"},
        {"sizes": {"train": 6_000, "dev": 6_735, "test": 872}},
    ],
    ids=str,
)  # fmt: skip
def test_any_other_setting_stands_apart(other: dict[str, object]) -> None:
    panels = gather_panels([curve("alps", **other)])  # type: ignore[arg-type]
    assert not published_beside(panels).rows
    assert ("sst2", "alps") in {row[:2] for row in published_elsewhere(panels).rows}


def test_embeddings_of_another_pooling_are_another_strategy() -> None:
    assert published_beside(gather_panels([curve("bert-km")])).rows
    assert not published_beside(gather_panels([curve("bert-km", pooling="cls")])).rows


@pytest.mark.parametrize(("rounds", "beside", "elsewhere"), [
    (2, ["200"], ["500", "1,000"]),
    (5, [], ["200", "1,000"]),  # a beginning of 500 texts chosen at once is not their 200
])  # fmt: skip
def test_a_single_batch_stands_beside_theirs_of_the_same_size_only(
    rounds: int, beside: list[str], elsewhere: list[str]
) -> None:
    sizes = dict(zip(("train", "dev", "test"), PUBLISHED["imdb"].sizes, strict=True))
    panels = gather_panels([curve("alps-single", dataset="imdb", source="imdb", sizes=sizes, rounds=rounds)])
    assert [row[3] for row in published_beside(panels).rows if row[2] == "test"] == beside
    assert [row[2] for row in published_elsewhere(panels).rows if row[:2] == ("imdb", "alps-single")] == elsewhere


def test_shares_of_tokens_are_gathered_over_runs() -> None:
    one = gather_panels([curve("alps"), curve("alps-masked"), curve("alps-tokens"), curve("random")])
    other = gather_panels([curve("alps", evaluated_fraction=0.1)])
    variants = [row[1] for row in token_fractions([*one, *other]).rows]
    assert list(dict.fromkeys(variants)) == ["15%", "15%, masked", "100%", "10%"]
    assert not token_fractions(other).rows
