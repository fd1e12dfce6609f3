"""Reads eval_prompts.txt: the held-out prompts and what their answers must contain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Prompt:
    """User turns, the last of which is scored, and the expression its answer has to match."""

    group: str
    turns: tuple[str, ...]
    expected: str


def read_prompts() -> list[Prompt]:
    """All prompts in the file's order."""
    prompts, group = [], ""
    for line in Path(__file__).with_name("eval_prompts.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            group = line[3:]
        elif line and not line.startswith("#"):
            text, expected = line.split(" => ")
            prompts.append(Prompt(group, tuple(text.split(" || ")), expected))
    return prompts
