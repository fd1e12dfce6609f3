"""The demo model's network: a small Llama, written to match GGUF's 'llama' architecture.

RMSNorm before each block, rotary positions on adjacent pairs (GGUF's NORM rope, so the
query and key matrices are exported without a permutation), grouped-query attention,
SwiGLU, an output head tied to the token embedding, and no biases anywhere.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as functional
from torch import nn


@dataclass
class ModelConfig:
    """Shape of the network. Every matrix column count must be a multiple of 32 (Q8_0)."""

    vocab_size: int = 6144
    dim: int = 384
    n_layers: int = 5
    n_heads: int = 6
    n_kv_heads: int = 2
    ffn_dim: int = 1024
    context_length: int = 1024
    norm_eps: float = 1e-5
    rope_base: float = 10000.0

    @property
    def head_dim(self) -> int:
        """Width of one attention head."""
        return self.dim // self.n_heads

    def to_dict(self) -> dict:
        """Plain values for a checkpoint."""
        return asdict(self)


# The draft partner: the same tokens, a sixth of the weights.
DRAFT = ModelConfig(dim=192, n_layers=2, n_heads=3, n_kv_heads=1, ffn_dim=256)


class RmsNorm(nn.Module):
    """Root-mean-square normalisation with a learned gain."""

    def __init__(self, dim: int, eps: float):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalise the last dimension."""
        return functional.rms_norm(x, x.shape[-1:], self.weight.to(x.dtype), self.eps)


def rope_tables(config: ModelConfig) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines, each of shape (context_length, head_dim / 2)."""
    exponents = torch.arange(0, config.head_dim, 2, dtype=torch.float32) / config.head_dim
    angles = torch.outer(
        torch.arange(config.context_length, dtype=torch.float32), config.rope_base**-exponents
    )
    return angles.cos(), angles.sin()


def apply_rope(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Rotate adjacent pairs of x, which is (batch, time, heads, head_dim)."""
    even, odd = x[..., 0::2], x[..., 1::2]
    cos, sin = cos[None, :, None, :].to(x.dtype), sin[None, :, None, :].to(x.dtype)
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


BEGIN = 1  # the token that every document begins with


def hidden_from(ids: torch.Tensor) -> torch.Tensor:
    """Mask (batch, time, time): what a token may not read, later tokens and other documents of its row."""
    document = (ids == BEGIN).cumsum(-1)
    time = ids.shape[-1]
    later = torch.ones(time, time, dtype=torch.bool, device=ids.device).triu(1)
    return later | (document[:, :, None] != document[:, None, :])


def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Attention of q (batch, time, heads, width) over k and v (batch, time, kv heads, width), not where masked.

    Query head i reads key/value head i // group, as GGUF's llama does. Written out as two products:
    with short rows on a CPU this is about three times as fast as the fused kernel.
    """
    batch, time, heads, width = q.shape
    kv_heads = k.shape[2]
    group = heads // kv_heads
    q = q.view(batch, time, kv_heads, group, width).permute(0, 2, 3, 1, 4)
    q = q.reshape(batch * kv_heads, group * time, width)
    k = k.transpose(1, 2).reshape(batch * kv_heads, time, width)
    v = v.transpose(1, 2).reshape(batch * kv_heads, time, width)
    scores = torch.bmm(q, k.transpose(1, 2)).view(batch, kv_heads, group, time, time)
    scores = (scores.float() * width**-0.5).masked_fill(mask[:, None, None], float("-inf"))
    shares = torch.softmax(scores, dim=-1).to(v.dtype).view(batch * kv_heads, group * time, time)
    mixed = torch.bmm(shares, v).view(batch, kv_heads, group, time, width)
    return mixed.permute(0, 3, 1, 2, 4).reshape(batch, time, heads * width)


class Block(nn.Module):
    """One transformer layer: attention, then the feed-forward network."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        kv_dim = config.n_kv_heads * config.head_dim
        self.attn_norm = RmsNorm(config.dim, config.norm_eps)
        self.attn_q = nn.Linear(config.dim, config.dim, bias=False)
        self.attn_k = nn.Linear(config.dim, kv_dim, bias=False)
        self.attn_v = nn.Linear(config.dim, kv_dim, bias=False)
        self.attn_output = nn.Linear(config.dim, config.dim, bias=False)
        self.ffn_norm = RmsNorm(config.dim, config.norm_eps)
        self.ffn_gate = nn.Linear(config.dim, config.ffn_dim, bias=False)
        self.ffn_up = nn.Linear(config.dim, config.ffn_dim, bias=False)
        self.ffn_down = nn.Linear(config.ffn_dim, config.dim, bias=False)

    def forward(self, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Apply the layer to x of shape (batch, time, dim)."""
        config = self.config
        batch, time, _ = x.shape
        h = self.attn_norm(x)
        q = self.attn_q(h).view(batch, time, config.n_heads, config.head_dim)
        k = self.attn_k(h).view(batch, time, config.n_kv_heads, config.head_dim)
        v = self.attn_v(h).view(batch, time, config.n_kv_heads, config.head_dim)
        q, k = apply_rope(q, cos, sin), apply_rope(k, cos, sin)
        attended = attend(q, k, v, mask)
        x = x + self.attn_output(attended)
        h = self.ffn_norm(x)
        return x + self.ffn_down(functional.silu(self.ffn_gate(h)) * self.ffn_up(h))


class DemoModel(nn.Module):
    """The whole network; parameter names are those of the GGUF tensors, less '.weight'."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        self.token_embd = nn.Embedding(config.vocab_size, config.dim)
        self.blk = nn.ModuleList(Block(config) for _ in range(config.n_layers))
        self.output_norm = RmsNorm(config.dim, config.norm_eps)
        cos, sin = rope_tables(config)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Small normal weights; the two projections into the residual stream smaller still."""
        for name, parameter in self.named_parameters():
            if parameter.ndim < 2:
                continue
            nn.init.normal_(parameter, std=0.02)
            if name.endswith(("attn_output.weight", "ffn_down.weight")):
                nn.init.normal_(parameter, std=0.02 / (2 * self.config.n_layers) ** 0.5)

    def hidden(self, ids: torch.Tensor) -> torch.Tensor:
        """Final normalised states for ids of shape (batch, time)."""
        time = ids.shape[1]
        mask = hidden_from(ids)
        x = self.token_embd(ids)
        for block in self.blk:
            x = block(x, self.cos[:time], self.sin[:time], mask)
        return self.output_norm(x)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Logits of shape (batch, time, vocab)."""
        return functional.linear(self.hidden(ids), self.token_embd.weight)



def load_checkpoint(path: str) -> tuple[DemoModel, dict]:
    """Read a checkpoint written by train.py; returns the model (float32, eval) and the rest."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    model = DemoModel(ModelConfig(**saved["config"]))
    model.load_state_dict(saved["model"])
    return model.eval(), saved
