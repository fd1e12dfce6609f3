"""Scores the demo model by rule on the held-out prompts of eval_prompts.txt.

    python evaluate.py --model sotto-demo.gguf --tokenizer tokenizer.model --report report.txt

An answer passes when it stops by itself, is made of whole English sentences without loops, and holds what its
prompt asks for (a topic word, the right number, the right key). Greedy decoding is scored; --temperature scores
a sampled run (with the app's own min-p of 0.05). Every answer is written to the report unedited.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from pathlib import Path

import sentencepiece
import torch

import arithmetic
from chat_format import END, encode_chat
from decoder import generate
from eval_prompts import Prompt, read_prompts
from export_gguf import load_gguf
from model import DemoModel, load_checkpoint

SHORTEST_STORY = 30  # words
APP_MIN_P = 0.05  # the app's own setting when it samples


def problem(answer: str, stopped: bool, prompt: Prompt) -> str:
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
    if re.search(r"\b(\w+)(?: \1){3,}\b", text) or has_loop(text):
        return "repeats itself"
    if prompt.group == "stories" and len(text.split()) < SHORTEST_STORY:
        return "is too short for a story"
    if not re.search(prompt.expected, text.lower(), re.DOTALL):
        return "is off the topic or wrong"
    return ""


def has_loop(text: str) -> bool:
    """The same longer sentence three times or more."""
    sentences = [s.strip() for s in re.split(r"[.!?]\s", text) if len(s) > 20]
    return any(sentences.count(s) >= 3 for s in set(sentences))


def check_sums_are_held_out(prompts: list[Prompt]) -> None:
    """Every sum or difference with a two-digit number in the prompts is one that training leaves out."""
    for prompt in prompts:
        numbers = [int(n) for n in re.findall(r"\d+", prompt.turns[-1])]
        if prompt.group == "arithmetic" and max(numbers) > 9:
            minus = re.search(r"-|minus|less|take away", prompt.turns[-1])
            if not arithmetic.is_held_out(numbers[0], "-" if minus else "+", numbers[1]):
                raise SystemExit(f"{prompt.turns[-1]} is in the training data")


def answer(model: DemoModel, tokenizer, prompt: Prompt, temperature: float, rng: torch.Generator) -> tuple[str, bool]:
    """The answer to the last turn, and whether it stopped by itself; earlier turns get the model's own answers."""
    end = tokenizer.piece_to_id(END)
    messages: list[dict] = []
    text, stopped = "", False
    for turn in prompt.turns:
        messages.append({"role": "user", "content": turn})
        ids, _ = encode_chat(tokenizer, messages, generate=True)
        made = generate(model, ids, end, temperature, rng, min_p=APP_MIN_P)
        stopped = made[-1:] == [end]
        text = tokenizer.decode(made[:-1] if stopped else made)
        messages.append({"role": "assistant", "content": text})
    return text, stopped


def main() -> None:
    """Answer all prompts, count by group."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="a .gguf file or a checkpoint")
    parser.add_argument("--tokenizer", default=str(Path(__file__).with_name("tokenizer.model")))
    parser.add_argument("--temperature", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--groups", nargs="+", help="only these groups")
    parser.add_argument("--report", type=Path, help="every prompt and answer")
    args = parser.parse_args()
    torch.set_num_threads(2)
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=args.tokenizer)
    model = load_gguf(Path(args.model)) if args.model.endswith(".gguf") else load_checkpoint(args.model)[0]
    prompts = [p for p in read_prompts() if not args.groups or p.group in args.groups]
    check_sums_are_held_out(prompts)
    rng = torch.Generator().manual_seed(args.seed)
    passed, total, lines = Counter(), Counter(), []
    for prompt in prompts:
        text, stopped = answer(model, tokenizer, prompt, args.temperature, rng)
        why = problem(text, stopped, prompt)
        total[prompt.group] += 1
        passed[prompt.group] += not why
        lines.append(f"[{prompt.group}: {why or 'ok'}] {' || '.join(prompt.turns)}\n    {text!r}")
    if args.report:
        args.report.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for group, count in total.items():
        print(f"{group}: {passed[group]} of {count}")
    print(f"all: {sum(passed.values())} of {sum(total.values())} at temperature {args.temperature}")


if __name__ == "__main__":
    main()
