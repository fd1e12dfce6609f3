"""Step-by-step decoding of the demo models with a key/value cache, plain and speculative."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as functional

from model import DemoModel, apply_rope


class Decoder:
    """One sequence: its keys and values so far. `feed` appends tokens, `forget` takes the last ones back."""

    def __init__(self, model: DemoModel):
        config = model.config
        self.model = model
        self.position = 0
        shape = (config.n_layers, config.n_kv_heads, config.context_length, config.head_dim)
        self.keys, self.values = torch.zeros(shape), torch.zeros(shape)

    @torch.no_grad()
    def feed(self, ids: list[int]) -> torch.Tensor:
        """Logits (len(ids), vocab) after each of the appended tokens."""
        config, begin = self.model.config, self.position
        end = begin + len(ids)
        cos, sin = self.model.cos[begin:end], self.model.sin[begin:end]
        later = torch.arange(end)[None, :] > torch.arange(begin, end)[:, None]
        x = self.model.token_embd(torch.tensor(ids))
        group = config.n_heads // config.n_kv_heads
        for i, block in enumerate(self.model.blk):
            h = block.attn_norm(x)
            q = apply_rope(block.attn_q(h).view(1, len(ids), config.n_heads, config.head_dim), cos, sin)[0]
            k = apply_rope(block.attn_k(h).view(1, len(ids), config.n_kv_heads, config.head_dim), cos, sin)[0]
            self.keys[i, :, begin:end] = k.transpose(0, 1)
            self.values[i, :, begin:end] = block.attn_v(h).view(len(ids), config.n_kv_heads, -1).transpose(0, 1)
            k = self.keys[i, :, :end].repeat_interleave(group, dim=0)
            v = self.values[i, :, :end].repeat_interleave(group, dim=0)
            scores = (q.transpose(0, 1) @ k.transpose(1, 2)) * config.head_dim**-0.5
            shares = torch.softmax(scores.masked_fill(later, float("-inf")), dim=-1)
            x = x + block.attn_output((shares @ v).transpose(0, 1).reshape(len(ids), -1))
            h = block.ffn_norm(x)
            x = x + block.ffn_down(functional.silu(block.ffn_gate(h)) * block.ffn_up(h))
        self.position = end
        return functional.linear(self.model.output_norm(x), self.model.token_embd.weight)

    def forget(self, count: int) -> None:
        """Drop the last `count` tokens."""
        self.position -= count


def probabilities(logits: torch.Tensor, temperature: float, min_p: float = 0.0) -> torch.Tensor:
    """Softmax at the temperature over the tokens of at least min_p of the best one's odds; at 0 the best token alone."""
    if temperature == 0:
        return functional.one_hot(logits.argmax(dim=-1), logits.shape[-1]).float()
    if min_p > 0:
        odds = torch.softmax(logits, dim=-1)
        logits = logits.masked_fill(odds < min_p * odds.max(), float("-inf"))
    return torch.softmax(logits / temperature, dim=-1)


def draw(odds: torch.Tensor, rng: torch.Generator) -> int:
    """One token of a distribution."""
    return int(torch.multinomial(odds, 1, generator=rng))


def generate(model: DemoModel, prompt: list[int], end: int, temperature: float, rng: torch.Generator,
             most: int = 400, min_p: float = 0.0) -> list[int]:
    """New tokens up to, and with, the end token, or up to the limit."""
    decoder = Decoder(model)
    logits = decoder.feed(prompt)[-1]
    made: list[int] = []
    while len(made) < most and decoder.position < model.config.context_length:
        made.append(draw(probabilities(logits, temperature, min_p), rng))
        if made[-1] == end:
            break
        logits = decoder.feed(made[-1:])[-1]
    return made


@dataclass
class DraftCount:
    """What speculative decoding has done."""

    proposed: int = 0
    accepted: int = 0
    rounds: int = 0
    written: int = 0


def speculate(target: DemoModel, draft: DemoModel, prompt: list[int], end: int, temperature: float,
              rng: torch.Generator, chain: int = 4, most: int = 300) -> tuple[list[int], DraftCount]:
    """A chain of `chain` drafted tokens per round, kept by rejection sampling.

    A drafted token x is kept with probability min(1, p(x) / q(x)); at the first that is not, the token is drawn
    from max(0, p - q), normalised. The result is distributed as the target's own (at temperature 0: equal to it).
    """
    big, small = Decoder(target), Decoder(draft)
    count = DraftCount()
    made: list[int] = []
    big_logits = big.feed(prompt)[-1]
    small_logits = small.feed(prompt)[-1]
    room = target.config.context_length - chain - 2
    while len(made) < most and big.position < room and (not made or made[-1] != end):
        drafted, odds = [], []
        for _ in range(chain):
            odds.append(probabilities(small_logits, temperature))
            drafted.append(draw(odds[-1], rng))
            small_logits = small.feed(drafted[-1:])[-1]
        rows = torch.cat([big_logits[None], big.feed(drafted)])
        kept = 0
        count.rounds += 1
        for token, q, row in zip(drafted, odds, rows):
            p = probabilities(row, temperature)
            count.proposed += 1
            if torch.rand((), generator=rng) * q[token] > p[token]:
                break
            kept += 1
            if token == end:
                break
        count.accepted += kept
        made += drafted[:kept]
        if made[-1:] == [end] and kept:
            break
        p = probabilities(rows[kept], temperature)
        if kept < chain:
            rest = (p - odds[kept]).clamp_(min=0)
            p = rest if rest.sum() > 0 else p
        made.append(draw(p, rng))
        big.forget(chain - kept)
        small.forget(chain - kept)
        big_logits, small_logits = big.feed(made[-1:])[-1], small.feed(made[-1:])[-1]
    count.written = len(made)
    return made, count
