"""Trains the demo model on the CPU in legs, each within a wall-clock limit.

    python train.py --data DATA --out RUN --phase text --minutes 30
    python train.py --data DATA --out RUN --phase chat --minutes 60 --resume RUN/latest.pt

Every leg names its mixture (batches.py), its row length and the learning-rate factors that it
begins and ends with; the rate runs linearly between them over the leg. Checkpoints hold the optimizer, so a
leg that was interrupted goes on where it stood. SIGTERM ends a leg early with a checkpoint.
"""

from __future__ import annotations

import argparse
import json
import signal
import time
from pathlib import Path

import numpy as np
import torch

from batches import PHASES, Batches
from head_loss import DistillLoss, HeadLoss
from model import DRAFT, DemoModel, ModelConfig, load_checkpoint
from muon import Optimizers

WARMUP_STEPS = 30
SAVE_SECONDS = 240


class Trainer:
    """A model, its optimizers and what has been counted so far."""

    def __init__(self, config: ModelConfig, args: argparse.Namespace):
        self.model = DemoModel(config)
        self.optimizers = Optimizers(self.model, args.muon_rate, args.adam_rate)
        self.facts = {"step": 0, "tokens": 0, "seconds": 0.0}
        if args.resume:
            saved = torch.load(args.resume, map_location="cpu", weights_only=True)
            self.model.load_state_dict(saved["model"])
            self.optimizers.load(saved["optimizers"])
            self.facts = saved["facts"]
        self.hidden = self.model.hidden if args.no_compile else torch.compile(self.model.hidden)
        self.teacher = load_checkpoint(args.teacher)[0].requires_grad_(False) if args.teacher else None
        if self.teacher:
            self.teacher_hidden = self.teacher.hidden if args.no_compile else torch.compile(self.teacher.hidden)
            self.teacher_head = self.teacher.token_embd.weight.bfloat16()
            if not args.resume:
                self.borrow_embedding()

    @torch.no_grad()
    def borrow_embedding(self) -> None:
        """Begin with the teacher's embedding in its own widest directions: the draft then knows which tokens are alike."""
        theirs = self.teacher.token_embd.weight
        _, _, directions = torch.linalg.svd(theirs, full_matrices=False)
        self.model.token_embd.weight.copy_(theirs @ directions[: self.model.config.dim].T)

    def loss(self, ids: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """Weighted mean over the positions whose weight is not zero: cross-entropy with the text, or with the teacher."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = self.hidden(ids).flatten(0, 1)
        chosen = weights.flatten().nonzero()[:, 0]
        head = self.model.token_embd.weight.bfloat16()
        hidden, weights = hidden[chosen].bfloat16(), weights.flatten()[chosen]
        if not self.teacher:
            return HeadLoss.apply(hidden, head, targets.flatten()[chosen], weights)
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            goal = self.teacher_hidden(ids).flatten(0, 1)[chosen].bfloat16()
        return DistillLoss.apply(hidden, head, goal, self.teacher_head, weights)

    def step(self, batches: Batches, args: argparse.Namespace, factor: float) -> float:
        """One update; returns its loss."""
        parts = args.rows // args.micro_rows
        total = 0.0
        for _ in range(parts):
            loss = self.loss(*batches.batch(args.micro_rows))
            (loss / parts).backward()
            total += loss.item() / parts
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizers.step(factor)
        self.facts["step"] += 1
        self.facts["tokens"] += args.rows * args.length
        return total

    def save(self, path: Path) -> None:
        """Write atomically, so that a reader never sees half a file."""
        part = path.with_suffix(".part")
        torch.save({"config": self.model.config.to_dict(), "model": self.model.state_dict(),
                    "optimizers": self.optimizers.state(), "facts": dict(self.facts)}, part)
        part.replace(path)


@torch.no_grad()
def held_out_losses(model: DemoModel, folder: Path, most: int) -> dict[str, float]:
    """Mean loss per token (in chats: of the assistant) of held-out documents of every source."""
    losses = {}
    for path in sorted(folder.glob("*.held.npz")):
        stored = np.load(path)
        total = count = 0.0
        for i in range(min(most, len(stored["starts"]) - 1)):
            begin, end = stored["starts"][i], stored["starts"][i + 1]
            part = slice(begin, min(end, begin + model.config.context_length + 1))
            ids = torch.from_numpy(stored["ids"][part].astype(np.int64))
            learned = torch.from_numpy(stored["mask"][part].astype(bool))[1:]
            if learned.any():
                logits = model(ids[None, :-1])[0][learned]
                total += torch.nn.functional.cross_entropy(logits, ids[1:][learned], reduction="sum").item()
                count += int(learned.sum())
        losses[path.name.removesuffix(".held.npz")] = round(total / max(count, 1.0), 4)
    return losses


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder written by prepare_data.py")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the log")
    parser.add_argument("--phase", choices=list(PHASES), required=True)
    parser.add_argument("--minutes", type=float, default=30.0, help="length of the leg by wall clock")
    parser.add_argument("--steps", type=int, default=0, help="length of the leg by steps instead (repeatable)")
    parser.add_argument("--rates", type=float, nargs=2, default=(1.0, 1.0), metavar=("FIRST", "LAST"),
                        help="factors of the peak rates at the leg's beginning and end")
    parser.add_argument("--length", type=int, default=256, help="tokens per row")
    parser.add_argument("--rows", type=int, default=24, help="rows per step")
    parser.add_argument("--micro-rows", type=int, default=24, help="rows per forward pass")
    parser.add_argument("--draft", action="store_true", help="train the draft partner's shape")
    parser.add_argument("--teacher", help="a checkpoint whose answers are learned in place of the text (for the draft)")
    parser.add_argument("--muon-rate", type=float, default=0.02)
    parser.add_argument("--adam-rate", type=float, default=0.004)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-compile", action="store_true")
    parser.add_argument("--resume", type=Path, help="go on from this checkpoint")
    return parser.parse_args()


def main() -> None:
    """One leg."""
    args = arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))
    log = (args.out / "log.jsonl").open("a", buffering=1)
    trainer = Trainer(DRAFT if args.draft else ModelConfig(), args)
    batches = Batches(args.data, args.phase, args.length, args.seed + trainer.facts["step"])
    begin = last_save = time.time()
    before = trainer.facts["seconds"]
    first_step, recent = trainer.facts["step"], []
    while not stopped:
        elapsed = time.time() - begin
        done = (trainer.facts["step"] - first_step) / args.steps if args.steps else elapsed / (args.minutes * 60)
        if done >= 1:
            break
        factor = args.rates[0] + (args.rates[1] - args.rates[0]) * done
        factor *= min(1.0, (trainer.facts["step"] + 1) / WARMUP_STEPS)
        recent = (recent + [trainer.step(batches, args, factor)])[-20:]
        trainer.facts["seconds"] = before + time.time() - begin
        if trainer.facts["step"] % 20 == 0:
            log.write(json.dumps(dict(trainer.facts, loss=round(sum(recent) / len(recent), 4),
                                      rate=round(factor, 4), phase=args.phase)) + "\n")
        if time.time() - last_save > SAVE_SECONDS:
            trainer.save(args.out / "latest.pt")
            log.write(json.dumps(dict(trainer.facts, held_out=held_out_losses(trainer.model, args.data, 16))) + "\n")
            last_save = time.time()
    trainer.save(args.out / "latest.pt")
    log.write(json.dumps(dict(trainer.facts, leg=vars(args) | {"done": not stopped}), default=str) + "\n")


if __name__ == "__main__":
    main()
