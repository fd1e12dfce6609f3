"""Measures how many drafted tokens the demo model accepts from its draft partner.

    python measure_draft.py --target sotto-demo.gguf --draft sotto-demo-draft.gguf

Chains of four drafted tokens over the held-out prompts, greedy and at temperature 0.8 with rejection sampling.
Greedy decoding is checked against plain decoding: the tokens must be the same.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import sentencepiece
import torch

from chat_format import END, encode_chat
from decoder import DraftCount, generate, speculate
from eval_prompts import read_prompts
from export_gguf import load_gguf


def main() -> None:
    """Both temperatures over every fourth prompt or as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", type=Path, required=True)
    parser.add_argument("--draft", type=Path, required=True)
    parser.add_argument("--tokenizer", default=str(Path(__file__).with_name("tokenizer.model")))
    parser.add_argument("--every", type=int, default=1, help="use each n-th prompt only")
    parser.add_argument("--chain", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(2)
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=args.tokenizer)
    target, draft = load_gguf(args.target), load_gguf(args.draft)
    end = tokenizer.piece_to_id(END)
    for temperature in (0.0, 0.8):
        rng = torch.Generator().manual_seed(args.seed)
        total: dict[str, DraftCount] = {}
        different = 0
        for prompt in read_prompts()[:: args.every]:
            ids, _ = encode_chat(tokenizer, [{"role": "user", "content": prompt.turns[-1]}], generate=True)
            made, count = speculate(target, draft, ids, end, temperature, rng, args.chain)
            if temperature == 0:
                different += made[:300] != generate(target, ids, end, 0.0, rng, most=300)[: len(made)]
            for name in (prompt.group, "all"):
                sums = total.setdefault(name, DraftCount())
                for field in vars(count):
                    setattr(sums, field, getattr(sums, field) + getattr(count, field))
        print(f"temperature {temperature}: {different} answers differ from plain decoding" if temperature == 0
              else f"temperature {temperature}:")
        for name, sums in total.items():
            print(f"  {name}: {sums.accepted} of {sums.proposed} accepted ({sums.accepted / sums.proposed:.1%}), "
                  f"{sums.written / sums.rounds:.2f} tokens per round")


if __name__ == "__main__":
    main()
