#!/usr/bin/env python3
"""What a chat's memory saves: the time to the first token of each turn, and what of its prompt was computed.

A long first message, then short ones, in one run of `sotto-cli chat --json`; the same conversation's last turn is then
asked of a program that has seen nothing of it. Prints a table of Markdown.

    memory_bench.py build/dev/bin/sotto-cli MODEL.gguf [--words 2000] [--turns 4] [--answer 32] [--threads 2]

A model of random weights does as well (`sotto-cli bench --synthetic llama-1b:Q4_K_M --save s.gguf --pp 8 --tg 0`): its
words are w0, w1, …
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile


def ask(options, messages):
    """The JSON of each answer to messages that are sent in turn."""
    command = [options.cli, "chat", "--json", "--temp", "0", "-n", str(options.answer), "--ctx", str(options.context),
               "--threads", str(options.threads), options.model]
    done = subprocess.run(command, input="".join(message + "\n" for message in messages), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def reading_anew(options, messages, answers):
    """The last turn for a program that has seen nothing of the chat: its messages come as one transcript."""
    with tempfile.TemporaryDirectory() as folder:
        transcript = pathlib.Path(folder) / "chat.json"
        turns = []
        for message, answer in zip(messages, answers):
            turns += [{"role": "user", "content": message}, {"role": "assistant", "content": answer["text"]}]
        transcript.write_text(json.dumps(turns[:-1]), encoding="utf-8")
        command = [options.cli, "generate", "--json", "--temp", "0", "-n", "1", "--ctx", str(options.context),
                   "--threads", str(options.threads), "--messages", str(transcript), options.model]
        done = subprocess.run(command, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])["stats"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cli")
    parser.add_argument("model")
    parser.add_argument("--words", type=int, default=2000, help="of the first message")
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument("--answer", type=int, default=32, help="tokens of each answer")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--context", type=int, default=0, help="tokens; 0: what fits")
    options = parser.parse_args()

    words = random.Random(1)
    messages = [" ".join(f"w{words.randrange(1000, 30000)}" for _ in range(options.words))]
    messages += [" ".join(f"w{words.randrange(1000, 30000)}" for _ in range(2)) for _ in range(options.turns - 1)]
    answers = ask(options, messages)
    print("| turn | prompt | reused | computed | first token (ms) |\n| --- | --- | --- | --- | --- |")
    for turn, answer in enumerate(answers, 1):
        stats = answer["stats"]
        print(f"| {turn} | {stats['prompt_tokens']} | {stats['reused_tokens']} | {stats['computed_tokens']} "
              f"| {stats['ttft_ms']:.1f} |")
    fresh = reading_anew(options, messages, answers)
    last = answers[-1]["stats"]["ttft_ms"]
    print(f"\nThe last turn read anew: {fresh['prompt_tokens']} tokens, first token after {fresh['ttft_ms']:.1f} ms; "
          f"with what was there {last:.1f} ms: {100 * last / fresh['ttft_ms']:.2f} %.")


if __name__ == "__main__":
    main()
