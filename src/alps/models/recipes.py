"""
How a sequence classifier is fine-tuned: the settings of the paper, and settings that are reliable on few labels.

`paper`: section 5 of Yuan, Lin & Boyd-Graber (EMNLP 2020). `stable`: what Mosbach, Andriushchenko & Klakow (ICLR 2021)
and Zhang et al. (ICLR 2021) found to keep fine-tuning on a few hundred texts from failing: many more steps, warm-up,
and Adam with its bias correction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from alps.base.errors import AlpsError

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import AdamW
    from torch.optim.lr_scheduler import LambdaLR


@dataclass(frozen=True)
class Recipe:
    """
    The settings of one fine-tuning.

    Attributes
    ----------
    epochs, min_steps
        Times that every text is seen, and the least number of steps, for which more epochs are added.
    batch_size
        Texts of a step; the last batch of an epoch may be smaller and is kept.
    learning_rate, betas, epsilon, weight_decay
        Of AdamW. Biases and norms do not decay.
    warm_up
        Share of the steps in which the learning rate rises from 0; then it falls linearly to 0.
    max_norm
        Gradients longer than this are shortened.
    dropout
        Everywhere in the network; None leaves what the checkpoint says.

    """

    epochs: int
    learning_rate: float
    min_steps: int = 0
    batch_size: int = 32
    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    warm_up: float = 0.0
    max_norm: float = 1.0
    dropout: float | None = None

    def n_steps(self, n: int) -> int:
        """Steps of a fine-tuning on n texts: whole epochs."""
        per_epoch = -(-n // self.batch_size)
        return per_epoch * max(self.epochs, -(-self.min_steps // per_epoch))

    def optimizer(self, network: nn.Module) -> AdamW:
        """AdamW for a network, in two groups: what decays, and biases and norms."""
        from torch.optim import AdamW

        decays = [p for p in network.parameters() if p.requires_grad and p.ndim > 1]
        others = [p for p in network.parameters() if p.requires_grad and p.ndim <= 1]
        groups: list[dict[str, Any]] = [
            {"params": decays, "weight_decay": self.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        fused = all(p.device.type in _FUSED for p in network.parameters())  # a quarter of the time on a CPU
        return AdamW(groups, lr=self.learning_rate, betas=self.betas, eps=self.epsilon, fused=fused)

    def schedule(self, optimizer: AdamW, n_steps: int) -> LambdaLR:
        """Linear warm-up, then linear decay to 0."""
        from transformers import get_linear_schedule_with_warmup

        scheduler: LambdaLR = get_linear_schedule_with_warmup(optimizer, round(self.warm_up * n_steps), n_steps)
        return scheduler


RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        # 2e-5 left the bundled encoder, which is small, at 0.39 on 50 texts of AG News; on 100, 5e-5 reached 0.84.
        # Dropout takes more than half of a step on a CPU, where it is drawn on one thread.
        "stable": Recipe(epochs=20, learning_rate=5e-5, weight_decay=0.01, warm_up=0.1, dropout=0.0),
        # As many steps as `stable` has on 1,600 texts: to see many texts twenty times takes hours and prevents nothing.
        "many": Recipe(epochs=3, learning_rate=5e-5, min_steps=1000, weight_decay=0.01, warm_up=0.1, dropout=0.0),
        "paper": Recipe(epochs=3, learning_rate=2e-5),
    }
)
AUTO = "auto"
_FEW = 1600  # texts
_FUSED = ("cpu", "cuda")  # devices on which AdamW takes one pass over the weights


def recipe_for(name: str, n: int) -> str:
    """
    The recipe that a name means for n labelled texts: ``auto`` is ``stable`` for few and ``many`` for more.

    >>> recipe_for("auto", 200), recipe_for("auto", 20_000), recipe_for("paper", 200)
    ('stable', 'many', 'paper')
    """
    if name != AUTO:
        return name
    return "stable" if n <= _FEW else "many"


def recipe_called(name: str) -> Recipe:
    """
    The recipe of a name.

    Raises
    ------
    AlpsError
        When there is none; lists those there are.

    """
    if name not in RECIPES:
        raise AlpsError(f"There is no recipe {name!r}; choose one of {', '.join(RECIPES)}.")
    return RECIPES[name]
