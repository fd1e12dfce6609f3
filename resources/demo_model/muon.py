"""The optimizer: Muon for the matrices, AdamW for the embedding and the norms.

Muon (momentum with orthogonalised updates) needs clearly fewer tokens than AdamW on a model this
small, and tokens are what a CPU lacks. Written from the published description of the method.
"""

from __future__ import annotations

import torch

from model import DemoModel


def orthogonalise(matrices: torch.Tensor) -> torch.Tensor:
    """Quintic Newton-Schulz iteration towards the nearest orthogonal matrices."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Matrices of one shape are stacked, which keeps the iteration to a few large products."""

    def __init__(self, parameters, lr: float, momentum: float = 0.95, weight_decay: float = 0.05):
        super().__init__(parameters, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None):
        """Update every matrix from its gradient."""
        for group in self.param_groups:
            by_shape: dict[torch.Size, list] = {}
            for parameter in group["params"]:
                state = self.state[parameter]
                if not state:
                    state["momentum"] = torch.zeros_like(parameter)
                state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                update = parameter.grad.lerp(state["momentum"], group["momentum"])
                by_shape.setdefault(parameter.shape, []).append((parameter, update))
            for shape, items in by_shape.items():
                updates = orthogonalise(torch.stack([u for _, u in items]))
                scale = group["lr"] * max(1.0, shape[0] / shape[1]) ** 0.5
                for (parameter, _), update in zip(items, updates):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    parameter.add_(update.to(parameter.dtype), alpha=-scale)


class Optimizers:
    """Both optimizers as one, with one factor on all their rates."""

    def __init__(self, model: DemoModel, muon_rate: float, adam_rate: float):
        matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and n != "token_embd.weight"]
        norms = [p for p in model.parameters() if p.ndim == 1]
        self.parts = [
            Muon(matrices, muon_rate),
            torch.optim.AdamW([
                {"params": [model.token_embd.weight], "weight_decay": 0.01, "lr": adam_rate},
                {"params": norms, "weight_decay": 0.0, "lr": adam_rate},
            ], betas=(0.9, 0.95)),
        ]
        self.peaks = [[group["lr"] for group in o.param_groups] for o in self.parts]

    def step(self, factor: float) -> None:
        """Update the parameters at `factor` times the peak rates and clear the gradients."""
        for optimizer, peaks in zip(self.parts, self.peaks):
            for group, peak in zip(optimizer.param_groups, peaks):
                group["lr"] = peak * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def state(self) -> list[dict]:
        """For a checkpoint."""
        return [o.state_dict() for o in self.parts]

    def load(self, state: list[dict]) -> None:
        """Go on from a checkpoint's state."""
        for optimizer, part in zip(self.parts, state):
            optimizer.load_state_dict(part)
