"""
Linear layers in bfloat16 whose values do not depend on how many rows are multiplied together.

A processor with units for whole products (AMX) adds up a long product in blocks, which PyTorch's library cuts according
to the number of rows: the same row ends in other last bits in another company. There, long products are multiplied a
fixed number of rows at a time; short ones came out the same for any number of rows.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import nn

_ROWS = 512  # half as many took 1.2 times as long
_LONGEST = 448  # inner dimension; up to it no product differed, of 1 to 2,500 rows, and from 512 on some did


def depends_on_rows(device: torch.device) -> bool:
    """Whether bfloat16 products of this processor may depend on the number of rows."""
    return device.type == "cpu" and bool(torch.cpu.get_capabilities().get("amx_bf16"))


def fix_rows(network: nn.Module, device: torch.device, dtype: torch.dtype) -> None:
    """Make the linear layers of a network independent of the number of rows, where they are not."""
    if dtype != torch.bfloat16 or not depends_on_rows(device):
        return
    for module in network.modules():
        if isinstance(module, nn.Linear) and module.in_features > _LONGEST:
            module.forward = partial(_linear, module)  # type: ignore[method-assign]


def product(states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """
    A linear layer, a fixed number of rows at a time where its inner dimension is long.

    Parameters
    ----------
    states
        (P, K).
    weight
        (N, K).
    bias
        (N,) or None.

    Returns
    -------
    torch.Tensor
        (P, N); each row the same whatever the others are and however many.

    """
    n, inner = states.shape
    if inner <= _LONGEST or not n:
        return nn.functional.linear(states, weight, bias)
    if n < _ROWS:
        states = states[torch.arange(_ROWS, device=states.device) % n]
    products = states.new_empty(len(states), len(weight))
    for first in [*range(0, len(states) - _ROWS, _ROWS), len(states) - _ROWS]:  # the last ones may come twice
        rows = slice(first, first + _ROWS)
        if bias is None:
            torch.mm(states[rows], weight.T, out=products[rows])
        else:
            torch.addmm(bias, states[rows], weight.T, out=products[rows])
    return products[:n]


def _linear(layer: nn.Linear, states: torch.Tensor) -> torch.Tensor:
    rows = product(states.reshape(-1, states.shape[-1]), layer.weight, layer.bias)
    return rows.reshape(*states.shape[:-1], -1)
