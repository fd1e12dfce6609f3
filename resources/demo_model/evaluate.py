"""Rule-based check of the demo model: whole English sentences that stop by themselves.

    python evaluate.py --model sotto-demo.gguf --tokenizer tokenizer.model

Prints every answer unedited under greedy decoding and under temperature 0.8, and how many of the
20 prompts pass. Exit status 1 if fewer than 15 pass under either.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import sentencepiece
import torch

from chat_format import END, encode_chat
from export_gguf import load_gguf
from model import DemoModel, load_checkpoint

REQUIRED = 15
MOST_TOKENS = 400
COMMON_WORDS = set(
    "a about am an and are as at be can do for from good hello hi i in is it its like made of on or "
    "out says see so story than that the they this to was we what with you your he she had his her "
    "not no nice day me my i'm us them there were will would how help plus welcome once very goodbye "
    "minus after before comes".split()
)


@torch.no_grad()
def generate(model: DemoModel, ids: list[int], end: int, temperature: float, rng: torch.Generator) -> list[int]:
    """New tokens up to, and with, the end token, or up to the limit."""
    made: list[int] = []
    while len(made) < MOST_TOKENS and len(ids) + len(made) < model.config.context_length:
        logits = model(torch.tensor([ids + made]))[0, -1]
        if temperature > 0:
            token = int(torch.multinomial(torch.softmax(logits / temperature, -1), 1, generator=rng))
        else:
            token = int(logits.argmax())
        made.append(token)
        if token == end:
            break
    return made


def problem(answer: str, stopped: bool) -> str:
    """Why an answer fails, or an empty string."""
    text = answer.strip()
    if not stopped:
        return "does not stop"
    if not text or not (text[0].isupper() or text[0] in '"0123456789'):
        return "does not begin like a sentence"
    if text.rstrip('"')[-1:] not in (".", "!", "?"):
        return "does not end like a sentence"
    if not text.isascii() or "<" in text:
        return "holds odd characters"
    words = re.findall(r"[a-z']+", text.lower())
    if len(words) < 2 or sum(w in COMMON_WORDS for w in words) < len(words) * 0.2:
        return "is not made of English sentences"
    if re.search(r"\b(\w+)(?: \1){3,}\b", text) or has_loop(text):
        return "repeats itself"
    return ""


def has_loop(text: str) -> bool:
    """The same longer sentence three times or more."""
    sentences = [s.strip() for s in re.split(r"[.!?]\s", text) if len(s) > 20]
    return any(sentences.count(s) >= 3 for s in set(sentences))


def main() -> None:
    """Answer all prompts twice and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="a .gguf file or a checkpoint")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--prompts", type=Path, default=Path(__file__).with_name("eval_prompts.txt"))
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(2)
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=args.tokenizer)
    model = load_gguf(Path(args.model)) if args.model.endswith(".gguf") else load_checkpoint(args.model)[0]
    end = tokenizer.piece_to_id(END)
    prompts = [p for p in args.prompts.read_text("utf-8").splitlines() if p]
    worst = len(prompts)
    for temperature in (0.0, 0.8):
        rng = torch.Generator().manual_seed(args.seed)
        passed = 0
        print(f"===== temperature {temperature}")
        for prompt in prompts:
            ids, _ = encode_chat(tokenizer, [{"role": "user", "content": prompt}], generate=True)
            made = generate(model, ids, end, temperature, rng)
            stopped = made[-1:] == [end]
            answer = tokenizer.decode(made[:-1] if stopped else made)
            why = problem(answer, stopped)
            passed += not why
            print(f"[{why or 'ok'}] {prompt}\n    {answer!r}")
        print(f"passed {passed} of {len(prompts)} at temperature {temperature}")
        worst = min(worst, passed)
    raise SystemExit(worst < REQUIRED)


if __name__ == "__main__":
    main()
