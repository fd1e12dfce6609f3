"""Compares `sotto-cli perplexity` on the exported file with this framework's figure.

    python check_perplexity.py --data DATA --checkpoint RUN/latest.pt --model sotto-demo.gguf --cli PATH/sotto-cli

The text is everything held out of the plain sources. As in the engine: chunks of 512 tokens, the first one
replaced by the beginning-of-text token, the second half of each scored.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import sentencepiece
import torch

from export_gguf import load_gguf
from model import DemoModel, load_checkpoint

CHUNK = 512
ALLOWED = 0.005
PLAIN = ("stories", "picture_books", "books")


def held_out_text(data: Path, tokenizer) -> str:
    """The held-out documents of the plain sources, one after the other."""
    texts = []
    for name in PLAIN:
        stored = np.load(data / f"{name}.held.npz")
        for begin, end in zip(stored["starts"][:-1], stored["starts"][1:]):
            texts.append(tokenizer.decode(stored["ids"][begin + 1 : end - 1].astype(int).tolist()))
    return "\n".join(texts) + "\n"


@torch.no_grad()
def perplexity(model: DemoModel, ids: list[int], begin_id: int) -> tuple[float, int]:
    """Perplexity and the number of scored tokens."""
    total, count = 0.0, 0
    for start in range(0, len(ids) - CHUNK + 1, CHUNK):
        chunk = torch.tensor(ids[start : start + CHUNK])
        inputs = chunk.clone()
        inputs[0] = begin_id
        logits = model(inputs[None])[0, CHUNK // 2 : -1]
        total += torch.nn.functional.cross_entropy(logits, chunk[CHUNK // 2 + 1 :], reduction="sum").item()
        count += len(logits)
    return math.exp(total / count), count


def main() -> None:
    """Three figures: the engine's, and this framework's for the file and for the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--tokenizer", default=str(Path(__file__).with_name("tokenizer.model")))
    parser.add_argument("--cli", required=True, help="the sotto-cli program")
    args = parser.parse_args()
    torch.set_num_threads(2)
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=args.tokenizer)
    text = held_out_text(args.data, tokenizer)
    ids = [tokenizer.bos_id(), *tokenizer.encode(text)]
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        command = [args.cli, "perplexity", str(args.model), "-f", file.name, "--json", "--device", "cpu", "--kv", "f32"]
        engine = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    of_file, count = perplexity(load_gguf(args.model), ids, tokenizer.bos_id())
    of_checkpoint, _ = perplexity(load_checkpoint(args.checkpoint)[0], ids, tokenizer.bos_id())
    print(f"sotto-cli {engine['perplexity']:.4f} over {engine['tokens']} tokens; here: the file {of_file:.4f} over "
          f"{count}, the checkpoint {of_checkpoint:.4f}")
    for name, figure in (("file", of_file), ("checkpoint", of_checkpoint)):
        difference = abs(engine["perplexity"] / figure - 1)
        print(f"against the {name}: {difference:.3%}")
        if difference > ALLOWED or engine["tokens"] != count:
            raise SystemExit("the figures do not agree")


if __name__ == "__main__":
    main()
