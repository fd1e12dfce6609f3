"""Losses through the output head without ever holding all logits.

On a CPU the logits of a batch (tokens x vocabulary) are the largest array of a training step and
mostly memory traffic. Here they are made, turned into their gradient and used up in pieces that
stay in the cache, and only for the positions that are learned from.
"""

from __future__ import annotations

import torch

PIECE = 512  # rows at a time: 512 x 6144 bfloat16 logits are 6 MB


class HeadLoss(torch.autograd.Function):
    """Weighted mean of the cross-entropies; the gradients are made in the forward pass."""

    @staticmethod
    def forward(ctx, hidden, head, targets, weights):
        """hidden (n, dim) and head (vocab, dim) of one type; targets, float weights (n)."""
        total = weights.sum()
        loss = torch.zeros((), dtype=torch.float32)
        grad_hidden = torch.empty_like(hidden)
        grad_head = torch.zeros(head.shape, dtype=torch.float32)
        for start in range(0, len(hidden), PIECE):
            rows = slice(start, start + PIECE)
            x, goal, share = hidden[rows], targets[rows], weights[rows] / total
            log_odds = torch.log_softmax((x @ head.t()).float(), dim=-1)
            loss -= (log_odds.gather(1, goal[:, None])[:, 0] * share).sum()
            odds = log_odds.exp_()
            odds[torch.arange(len(goal)), goal] -= 1.0
            slope = odds.mul_(share[:, None]).to(x.dtype)
            grad_hidden[rows] = slope @ head
            grad_head += slope.t() @ x
        ctx.save_for_backward(grad_hidden, grad_head)
        return loss

    @staticmethod
    def backward(ctx, upstream):
        """Scale what the forward pass has left."""
        grad_hidden, grad_head = ctx.saved_tensors
        return grad_hidden * upstream.to(grad_hidden.dtype), grad_head * upstream, None, None


class DistillLoss(torch.autograd.Function):
    """Weighted mean of the teacher's cross-entropies with the student, over the same vocabulary.

    Its gradient is that of the Kullback-Leibler divergence from teacher to student.
    """

    @staticmethod
    def forward(ctx, hidden, head, teacher_hidden, teacher_head, weights):
        """hidden (n, dim), head (vocab, dim); the teacher's likewise with a width of its own; weights (n)."""
        total = weights.sum()
        loss = torch.zeros((), dtype=torch.float32)
        grad_hidden = torch.empty_like(hidden)
        grad_head = torch.zeros(head.shape, dtype=torch.float32)
        for start in range(0, len(hidden), PIECE):
            rows = slice(start, start + PIECE)
            x, share = hidden[rows], (weights[rows] / total)[:, None]
            goal = torch.softmax((teacher_hidden[rows] @ teacher_head.t()).float(), dim=-1)
            log_odds = torch.log_softmax((x @ head.t()).float(), dim=-1)
            loss -= (log_odds * goal).sum(dim=-1, keepdim=True).mul_(share).sum()
            slope = log_odds.exp_().sub_(goal).mul_(share).to(x.dtype)
            grad_hidden[rows] = slope @ head
            grad_head += slope.t() @ x
        ctx.save_for_backward(grad_hidden, grad_head)
        return loss

    @staticmethod
    def backward(ctx, upstream):
        """Scale what the forward pass has left."""
        grad_hidden, grad_head = ctx.saved_tensors
        return grad_hidden * upstream.to(grad_hidden.dtype), grad_head * upstream, None, None, None
