"""The recipes: the paper's settings on the optimiser itself, and the schedule of the learning rate."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from alps.base.errors import AlpsError
from alps.models.recipes import RECIPES, Recipe, recipe_called, recipe_for


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3), nn.Linear(3, 2))


def test_paper_is_what_section_5_says() -> None:
    recipe = RECIPES["paper"]
    optimizer = recipe.optimizer(network())
    assert isinstance(optimizer, torch.optim.AdamW)
    assert len(optimizer.param_groups) == 2
    for group in optimizer.param_groups:
        assert (group["lr"], group["betas"], group["eps"], group["weight_decay"]) == (2e-5, (0.9, 0.999), 1e-8, 0.0)
    assert (recipe.batch_size, recipe.epochs, recipe.max_norm, recipe.warm_up) == (32, 3, 1.0, 0.0)
    assert recipe.dropout is None  # the checkpoint's own, 0.1 for BERT
    assert recipe.n_steps(100) == 12  # the last batch, of 4 texts, is kept


def test_biases_and_norms_do_not_decay() -> None:
    net = network()
    decays, others = Recipe(epochs=1, learning_rate=1e-3, weight_decay=0.01).optimizer(net).param_groups
    assert (decays["weight_decay"], others["weight_decay"]) == (0.01, 0.0)
    assert {id(p) for p in decays["params"]} == {id(net[0].weight), id(net[2].weight)}
    assert {id(p) for p in others["params"]} == {id(net[0].bias), id(net[1].weight), id(net[1].bias), id(net[2].bias)}


def test_the_learning_rate_rises_and_falls_in_straight_lines() -> None:
    recipe = Recipe(epochs=1, learning_rate=1.0, warm_up=0.25)
    optimizer = recipe.optimizer(network())
    schedule = recipe.schedule(optimizer, 8)
    rates = []
    for _ in range(8):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates == pytest.approx([0, 1 / 2, 1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6])


def test_few_texts_are_seen_more_often() -> None:
    recipe = Recipe(epochs=2, learning_rate=1e-3, min_steps=50)
    assert recipe.n_steps(10) == 50
    assert recipe.n_steps(70) == 51  # three steps an epoch, whole epochs
    assert recipe.n_steps(3200) == 200


def test_stable_takes_more_steps_and_warms_up() -> None:
    stable, paper = RECIPES["stable"], RECIPES["paper"]
    assert stable.n_steps(100) > 3 * paper.n_steps(100)
    assert stable.warm_up > 0


def test_an_unknown_recipe_is_refused() -> None:
    with pytest.raises(AlpsError, match="no recipe 'fast'; choose one of stable, many, paper"):
        recipe_called("fast")


def test_many_texts_go_on_from_where_few_end() -> None:
    assert recipe_for("auto", 1600) == "stable"
    assert recipe_for("auto", 1601) == "many"
    stable, many = RECIPES["stable"], RECIPES["many"]
    assert stable.n_steps(1600) == many.n_steps(1600) == 1000
    assert many.n_steps(100_000) == 3 * 3125
