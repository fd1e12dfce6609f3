#!/usr/bin/env python3
"""What guessing tokens gains: the same answers with and without, in alternating pairs, by `sotto-cli generate --json`.

    tests/bench/draft_bench.py [--cli build/release-cpu/bin/sotto-cli] [--model FILE] [--draft ngram|FILE|demo] [--pairs 10] [--tokens 400]

`demo` is the draft partner of the demo model. For each text the tokens of both ways are compared (they must be equal) and their tokens per second set against each other; told are the
medians, the spread of the pairs' ratios, and how many guesses stood.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Name, prompts (each pair takes the next), arguments. Prose is drawn, so that it does not go round.
HEROES = ["a fox", "a boat", "a little girl and her dog", "a brave knight", "a lost kitten", "two friends", "an old tree", "a bird and a fish",
          "a boy who was afraid", "the moon"]
STORIES = [f"Tell me a story about {hero}." for hero in HEROES]
TEXTS = [
    ("prose, drawn", ["Once upon a time there was a little fox who lived by the sea."], ["--temp", "0.8", "--raw"]),
    ("prose, likeliest", ["Once upon a time"], ["--temp", "0", "--raw"]),
    ("chat, drawn", ["Tell me a long story about a boat and a storm."], ["--temp", "0.8"]),
    ("stories, likeliest", STORIES, ["--temp", "0"]),
    ("stories, drawn", STORIES, ["--temp", "0.8"]),
]


def answer(options, draft: str, prompt: str, arguments: list[str], seed: int) -> dict:
    command = [options.cli, "generate", options.model, "-p", prompt, "-n", str(options.tokens), "--seed", str(seed), "--draft", draft,
               "--device", "cpu", "--json", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cli", default=str(ROOT / "build/release-cpu/bin/sotto-cli"))
    parser.add_argument("--model", default=str(ROOT / "resources/demo_model/sotto-demo.gguf"))
    parser.add_argument("--draft", default="ngram", help="ngram, a draft model's file, or demo")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--tokens", type=int, default=400)
    options = parser.parse_args()
    guess = str(ROOT / "resources/demo_model/sotto-demo-draft.gguf") if options.draft == "demo" else options.draft
    print("| text | plain tok/s | guessing tok/s | ratio | pairs' ratios | guesses | stood | steps with guesses | told gain |\n" + "|---" * 9 + "|")
    for name, prompts, arguments in TEXTS:
        speeds = {"off": [], guess: []}
        counts = {"proposed": 0, "accepted": 0, "steps": 0}
        gains = []
        for pair in range(options.pairs):
            order = ["off", guess] if pair % 2 == 0 else [guess, "off"]
            prompt = prompts[pair % len(prompts)]
            answers = {draft: answer(options, draft, prompt, arguments, pair) for draft in order}
            if answers["off"]["ids"] != answers[guess]["ids"]:
                print(f"{name}, seed {pair}: the tokens are not the same", file=sys.stderr)
                return 1
            for draft, one in answers.items():
                speeds[draft].append(one["stats"]["tokens_per_s"])
            drafted = answers[guess]["stats"]["draft"]
            counts = {key: count + drafted[key] for key, count in counts.items()}
            gains += [drafted["gain"]] if drafted["gain"] else []
        ratios = sorted(fast / plain for fast, plain in zip(speeds[guess], speeds["off"]))
        plain, fast = statistics.median(speeds["off"]), statistics.median(speeds[guess])
        told = f"{statistics.median(gains):.2f}" if gains else "-"
        print(f"| {name} | {plain:.0f} | {fast:.0f} | {statistics.median(ratios):.2f} | {ratios[0]:.2f}-{ratios[-1]:.2f} | "
              f"{counts['proposed']} | {counts['accepted']} | {counts['steps']} | {told} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
