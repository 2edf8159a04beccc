"""Values do not depend on the company, on processors where the library makes them."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from alps.models.fixed_rows import fix_rows, product

SIZES = (1, 3, 16, 40, 129, 255, 256, 257, 300, 512, 700, 1500)


@pytest.mark.parametrize(("width", "inner"), [(384, 384), (826, 416), (384, 1536), (768, 768), (768, 3072), (50, 449)])
def test_a_row_is_the_same_in_any_company(width: int, inner: int) -> None:
    generator = torch.Generator().manual_seed(inner)
    states = torch.randn(max(SIZES), inner, generator=generator).bfloat16()
    weight = torch.randn(width, inner, generator=generator).bfloat16()
    bias = torch.randn(width, generator=generator).bfloat16()
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # as the engine has it: one for each batch
    try:
        whole = product(states, weight, bias)
        for n in SIZES:
            assert torch.equal(product(states[:n], weight, bias), whole[:n])
            assert torch.equal(product(states[-n:], weight, bias), whole[-n:])
    finally:
        torch.set_num_threads(before)
    exact = states.double() @ weight.double().T + bias.double()
    assert (whole.double() - exact).abs().max() < exact.abs().max() / 128


def test_no_rows_are_no_rows() -> None:
    assert product(torch.zeros(0, 600), torch.zeros(7, 600)).shape == (0, 7)


@pytest.mark.parametrize("shape", [(600,), (5, 600), (2, 3, 600), (3, 100, 600)])
def test_a_layer_takes_and_gives_any_shape(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alps.models.fixed_rows.depends_on_rows", lambda device: True)  # on any processor
    network = nn.Sequential(nn.Linear(600, 8), nn.Linear(8, 2)).bfloat16()
    states = torch.randn(shape, generator=torch.Generator().manual_seed(0)).bfloat16()
    with torch.no_grad():
        expected = network(states)
        fix_rows(network, torch.device("cpu"), torch.bfloat16)
        found = network(states)
    assert found.shape == expected.shape == (*shape[:-1], 2)
    torch.testing.assert_close(found, expected, atol=0.05, rtol=0.02)
