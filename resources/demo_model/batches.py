"""Packs the token files of prepare_data.py into training rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

# Share of the tokens drawn from each source, by phase of the training.
PHASES = {
    # Plain language first: what a sentence and a story are.
    "text": {"stories": 0.38, "story_chats": 0.18, "picture_books": 0.14, "books": 0.18, "self_dialogues": 0.12},
    # Then mostly the dialogues written by rule, with some stories to keep what was learned.
    "chat": {"stories": 0.06, "story_chats": 0.03, "picture_books": 0.02, "books": 0.02, "self_dialogues": 0.01,
             "rule_dialogues": 0.68, "sums": 0.18},
    # At last conversations that fill the context.
    "long": {"stories": 0.06, "rule_dialogues": 0.30, "sums": 0.10, "long_dialogues": 0.54},
}


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
    """Rows of `length` tokens and their targets; documents follow one another without gaps."""

    def __init__(self, folder: Path, phase: str, length: int, seed: int):
        self.rng = np.random.default_rng(seed)
        self.shares = PHASES[phase]
        self.sources = {name: Source(folder / f"{name}.train.npz", self.rng) for name in self.shares}
        # Drawing documents in proportion to share / length makes the shares those of tokens.
        odds = np.array([share / self.sources[name].mean_length for name, share in self.shares.items()])
        self.odds = odds / odds.sum()
        self.user_weight = 0.3 if phase == "text" else 0.0
        self.length = length
        self.left_ids = np.zeros(0, np.int64)
        self.left_weights = np.zeros(0, np.float32)

    def row(self) -> tuple[np.ndarray, np.ndarray]:
        """length + 1 ids and the weight of each as a target."""
        ids, weights, total = [self.left_ids], [self.left_weights], len(self.left_ids)
        names = list(self.shares)
        while total <= self.length:
            new_ids, mask = self.sources[names[self.rng.choice(len(names), p=self.odds)]].next_document()
            ids.append(new_ids.astype(np.int64))
            weights.append(np.where(mask > 0, mask, self.user_weight).astype(np.float32))
            weights[-1][0] = 0.0  # nothing foretells the beginning of a new document
            total += len(new_ids)
        all_ids, all_weights = np.concatenate(ids), np.concatenate(weights)
        keep = self.length + 1
        # The last token is an input of the next row as well, or no row would learn from it.
        self.left_ids, self.left_weights = all_ids[keep - 1 :], all_weights[keep - 1 :]
        return all_ids[:keep], all_weights[:keep]

    def batch(self, rows: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Inputs, targets and target weights, each of shape (rows, length)."""
        pairs = [self.row() for _ in range(rows)]
        ids = torch.from_numpy(np.stack([p[0] for p in pairs]))
        weights = torch.from_numpy(np.stack([p[1] for p in pairs]))
        return ids[:, :-1], ids[:, 1:], weights[:, 1:]
