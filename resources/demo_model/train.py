"""Trains the demo model from scratch on the CPU within a wall-clock limit.

    python train.py --data DATA_FOLDER --out RUN_FOLDER --minutes 80

The learning rate follows a cosine over the allowed time (or over --steps, which makes a run
repeatable to the step). The first part is mostly plain text, the rest mostly chat. Matrices
are trained with Muon, the embedding and the norms with AdamW.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch

from model import DemoModel, ModelConfig

# Share of the tokens drawn from each source before and after the switch to chat.
TEXT_PHASE = {
    "stories": 0.36, "picture_books": 0.10, "books": 0.16, "story_chats": 0.12,
    "self_dialogues": 0.08, "rule_dialogues": 0.18,
}
CHAT_PHASE = {
    "stories": 0.14, "picture_books": 0.03, "books": 0.03, "story_chats": 0.26,
    "self_dialogues": 0.04, "rule_dialogues": 0.50,
}
CHAT_PHASE_BEGINS = 0.55
WARMUP = 0.01
FINAL_RATE = 0.03


class Source:
    """Endless shuffled documents of one token file."""

    def __init__(self, path: Path, rng: np.random.Generator):
        stored = np.load(path)
        self.ids, self.mask, self.starts = stored["ids"], stored["mask"], stored["starts"]
        self.rng = rng
        self.order: list[int] = []
        self.mean_length = len(self.ids) / (len(self.starts) - 1)

    def next_document(self) -> tuple[np.ndarray, np.ndarray]:
        """Ids and mask of the next document."""
        if not self.order:
            self.order = self.rng.permutation(len(self.starts) - 1).tolist()
        i = self.order.pop()
        part = slice(self.starts[i], self.starts[i + 1])
        return self.ids[part], self.mask[part]


class Batches:
    """Packs documents of all sources into rows of the context's length plus one."""

    def __init__(self, folder: Path, context: int, seed: int):
        self.rng = np.random.default_rng(seed)
        self.sources = {name: Source(folder / f"{name}.train.npz", self.rng) for name in TEXT_PHASE}
        self.context = context
        self.left_ids = np.zeros(0, np.int64)
        self.left_mask = np.zeros(0, np.int64)

    def row(self, chat: bool) -> tuple[np.ndarray, np.ndarray]:
        """One packed row of inputs and its targets; -1 where nothing is to be learned."""
        shares = CHAT_PHASE if chat else TEXT_PHASE
        names = list(shares)
        # Drawing documents in proportion to share / length makes the shares those of tokens.
        odds = np.array([shares[n] / self.sources[n].mean_length for n in names])
        odds /= odds.sum()
        ids, mask = [self.left_ids], [self.left_mask]
        total = len(self.left_ids)
        while total <= self.context:
            new_ids, new_mask = self.sources[names[self.rng.choice(len(names), p=odds)]].next_document()
            ids.append(new_ids.astype(np.int64))
            # The text phase learns from every token, the chat phase from the assistant's only.
            mask.append(new_mask.astype(np.int64) if chat else np.ones(len(new_ids), np.int64))
            total += len(new_ids)
        all_ids, all_mask = np.concatenate(ids), np.concatenate(mask)
        keep = self.context + 1
        self.left_ids, self.left_mask = all_ids[keep:], all_mask[keep:]
        targets = np.where(all_mask[1:keep] > 0, all_ids[1:keep], -1)
        return all_ids[: keep - 1], targets

    def batch(self, rows: int, chat: bool) -> tuple[torch.Tensor, torch.Tensor]:
        """Inputs and targets of shape (rows, context)."""
        pairs = [self.row(chat) for _ in range(rows)]
        return (torch.from_numpy(np.stack([p[0] for p in pairs])),
                torch.from_numpy(np.stack([p[1] for p in pairs])))


class Muon(torch.optim.Optimizer):
    """Momentum with orthogonalised updates (Newton-Schulz), for matrices only.

    It needs clearly fewer tokens than AdamW on a model this small, and tokens are what a CPU lacks.
    Matrices of one shape are stacked, which keeps its own cost to a few per cent.
    """

    def __init__(self, parameters, lr: float, momentum: float = 0.95, weight_decay: float = 0.05):
        super().__init__(parameters, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None):
        """Update every matrix from its gradient."""
        for group in self.param_groups:
            by_shape: dict[torch.Size, list] = {}
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
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


def held_out_losses(model: DemoModel, folder: Path, most: int = 24) -> dict[str, float]:
    """Mean loss per masked-in token of the first held-out documents of every source."""
    losses = {}
    with torch.no_grad():
        for name in TEXT_PHASE:
            stored = np.load(folder / f"{name}.held.npz")
            total = count = 0.0
            for i in range(min(most, len(stored["starts"]) - 1)):
                part = slice(stored["starts"][i], min(stored["starts"][i + 1], stored["starts"][i] + 513))
                ids = torch.from_numpy(stored["ids"][part].astype(np.int64))
                mask = torch.from_numpy(stored["mask"][part].astype(np.int64))
                targets = torch.where(mask[1:] > 0, ids[1:], -1)
                tokens = int((targets >= 0).sum())
                if tokens:
                    total += model.loss(ids[None, :-1], targets[None]).item() * tokens
                    count += tokens
            losses[name] = round(total / max(count, 1.0), 4)
    return losses


def save_checkpoint(path: Path, model: DemoModel, facts: dict) -> None:
    """Write atomically, so that a reader never sees half a file."""
    part = path.with_suffix(".part")
    torch.save({"config": model.config.to_dict(), "model": model.state_dict(), **facts}, part)
    part.replace(path)


def learning_rate(progress: float) -> float:
    """Factor of the peak rate: short warm-up, then a cosine down to FINAL_RATE."""
    if progress < WARMUP:
        return progress / WARMUP + 0.01
    turn = (progress - WARMUP) / (1 - WARMUP)
    return FINAL_RATE + (1 - FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * min(turn, 1.0)))


def main() -> None:
    """Train until the time or the steps are used up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder written by prepare_data.py")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the log")
    parser.add_argument("--minutes", type=float, default=80.0, help="stop by wall clock")
    parser.add_argument("--steps", type=int, default=0, help="stop by steps instead (repeatable)")
    parser.add_argument("--rows", type=int, default=16, help="sequences per step")
    parser.add_argument("--micro-rows", type=int, default=4, help="sequences per forward pass")
    parser.add_argument("--muon-rate", type=float, default=0.02)
    parser.add_argument("--adam-rate", type=float, default=0.004)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-compile", action="store_true")
    parser.add_argument("--resume", type=Path, help="go on from this checkpoint, with fresh optimizer state")
    parser.add_argument("--from-progress", type=float, default=0.0,
                        help="with --resume: the share of the schedule (0..1) that the checkpoint stands for")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    begin = time.time()
    log = (args.out / "log.jsonl").open("a", buffering=1)

    model = DemoModel(ModelConfig())
    before = {"step": 0, "tokens": 0}
    if args.resume:
        before = torch.load(args.resume, map_location="cpu")
        model.load_state_dict(before["model"])
    batches = Batches(args.data, model.config.context_length, args.seed)
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and n != "token_embd.weight"]
    norms = [p for p in model.parameters() if p.ndim == 1]
    optimizers = [
        Muon(matrices, args.muon_rate),
        torch.optim.AdamW([
            {"params": [model.token_embd.weight], "weight_decay": 0.01, "lr": args.adam_rate},
            {"params": norms, "weight_decay": 0.0, "lr": args.adam_rate},
        ], betas=(0.9, 0.95)),
    ]
    peaks = [[group["lr"] for group in o.param_groups] for o in optimizers]
    loss_of = model.loss if args.no_compile else torch.compile(model.loss)
    parts = args.rows // args.micro_rows

    # Steps of this run; the log and the checkpoints count those of the run that it goes on from, too.
    step, tokens, recent, last_save = 0, before["tokens"], [], time.time()
    while True:
        elapsed = time.time() - begin
        done = step / args.steps if args.steps else elapsed / (args.minutes * 60)
        progress = args.from_progress + (1 - args.from_progress) * done
        if progress >= 1:
            break
        chat = progress >= CHAT_PHASE_BEGINS
        for optimizer, rates in zip(optimizers, peaks):
            for group, rate in zip(optimizer.param_groups, rates):
                group["lr"] = rate * learning_rate(progress)
        step_loss = 0.0
        for _ in range(parts):
            ids, targets = batches.batch(args.micro_rows, chat)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = loss_of(ids, targets)
            (loss / parts).backward()
            step_loss += loss.item() / parts
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        step += 1
        tokens += args.rows * model.config.context_length
        recent = (recent + [step_loss])[-50:]
        if step % 20 == 0:
            line = dict(step=before["step"] + step, loss=round(sum(recent[-20:]) / len(recent[-20:]), 4), tokens=tokens,
                        seconds=round(time.time() - begin), chat=chat, rate=round(learning_rate(progress), 4))
            log.write(json.dumps(line) + "\n")
        if time.time() - last_save > 240:
            losses = held_out_losses(model, args.data)
            facts = dict(step=before["step"] + step, tokens=tokens, held_out=losses)
            log.write(json.dumps(facts) + "\n")
            save_checkpoint(args.out / "latest.pt", model, facts)
            last_save = time.time()

    facts = dict(step=before["step"] + step, tokens=tokens, seconds=round(time.time() - begin),
                 train_loss=round(sum(recent) / len(recent), 4),
                 held_out=held_out_losses(model, args.data, most=1000))
    log.write(json.dumps(facts) + "\n")
    save_checkpoint(args.out / "final.pt", model, facts)


if __name__ == "__main__":
    main()
