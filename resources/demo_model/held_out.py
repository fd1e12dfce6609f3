"""Prints the held-out loss and perplexity of a model for every source.

    python held_out.py --data DATA --model sotto-demo.gguf
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import torch

from export_gguf import load_gguf
from model import load_checkpoint
from train import held_out_losses


def main() -> None:
    """One line per source: in chats the assistant's tokens alone count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", required=True, help="a .gguf file or a checkpoint")
    parser.add_argument("--most", type=int, default=300, help="documents per source")
    args = parser.parse_args()
    torch.set_num_threads(2)
    model = load_gguf(Path(args.model)) if args.model.endswith(".gguf") else load_checkpoint(args.model)[0]
    for name, loss in held_out_losses(model, args.data, args.most).items():
        print(f"{name}: loss {loss:.4f}, perplexity {math.exp(loss):.2f}")


if __name__ == "__main__":
    main()
