#!/usr/bin/env python3
"""What a chat's memory saves: the time to the first token of each turn, and what of its prompt was computed.

A long first message, then short ones, in one run of `sotto-cli chat --json`; the same conversation's last turn is then
asked of a program that has seen nothing of it. Prints a table of Markdown.

    memory_bench.py build/dev/bin/sotto-cli MODEL.gguf [--words 2000] [--turns 4] [--answer 32] [--threads 2]
    memory_bench.py … --disk FOLDER [--pairs 10]

With --disk: the same long message is read by one program and asked of others, which find it in a prefix cache in FOLDER,
with the file in the page cache and dropped from it; the file is read by a plain loop beside it; and answers are timed in
pairs, with and without a cache that is being written.

A model of random weights does as well (`sotto-cli bench --synthetic llama-1b:Q4_K_M --save s.gguf --pp 8 --tg 0`): its
words are w0, w1, …
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time


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


def generate(options, message, n_answer, cache=None):
    """The stats of one answer of a program of its own."""
    command = [options.cli, "generate", "--json", "--temp", "0", "-n", str(n_answer), "--ctx", str(options.context),
               "--threads", str(options.threads), "-p", "-", options.model]
    if cache:
        command += ["--prefix-cache", str(cache)]
    done = subprocess.run(command, input=message, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])["stats"]


def drop(path):
    """Out of the page cache: the next reading is the drive's."""
    file = os.open(path, os.O_RDONLY)
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


def read_rate(path):
    """Bytes per second of one loop of read()."""
    start = time.monotonic()
    n_bytes = 0
    with open(path, "rb", buffering=0) as file:
        while part := file.read(1 << 20):
            n_bytes += len(part)
    return n_bytes / (time.monotonic() - start)


def disk(options, words):
    cache = pathlib.Path(options.disk) / "prefix.db"
    for suffix in ("", "-wal", "-shm", ".lock"):
        pathlib.Path(f"{cache}{suffix}").unlink(missing_ok=True)
    message = " ".join(f"w{words.randrange(1000, 30000)}" for _ in range(options.words))
    first = generate(options, message, 1, cache)
    size = cache.stat().st_size
    print(f"{first['prompt_tokens']} tokens, {size / 1e6:.0f} MB in the file. Read by the model: first token after "
          f"{first['ttft_ms']:.0f} ms.\n")
    print("| page cache | restored | computed | first token (ms) | of reading | restoring (ms) | MB/s | one loop of read() | share |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in ("dropped", "warm", "dropped", "warm"):
        if name == "dropped":
            drop(cache)
        loop = read_rate(cache)
        if name == "dropped":
            drop(cache)
        stats = generate(options, message, 1, cache)
        rate = size * stats["restored_tokens"] / first["prompt_tokens"] / (stats["restore_ms"] / 1e3)
        print(f"| {name} | {stats['restored_tokens']} | {stats['computed_tokens']} | {stats['ttft_ms']:.0f} "
              f"| {100 * stats['ttft_ms'] / first['ttft_ms']:.2f} % | {stats['restore_ms']:.0f} | {rate / 1e6:.0f} "
              f"| {loop / 1e6:.0f} | {100 * rate / loop:.0f} % |")
    speeds = {False: [], True: []}
    short = " ".join(message.split()[:options.words // 4])
    for pair in range(options.pairs):
        for is_writing in (False, True) if pair % 2 == 0 else (True, False):
            cache.unlink(missing_ok=True)
            speeds[is_writing].append(generate(options, short, options.answer, cache if is_writing else None)["tokens_per_s"])
    plain, writing = (statistics.median(speeds[is_writing]) for is_writing in (False, True))
    print(f"\nDecoding, {options.pairs} pairs in turn, medians: {plain:.2f} tokens/s without a cache, {writing:.2f} while it is "
          f"written: {100 * writing / plain:.1f} %.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cli")
    parser.add_argument("model")
    parser.add_argument("--words", type=int, default=2000, help="of the first message")
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument("--answer", type=int, default=32, help="tokens of each answer")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--context", type=int, default=0, help="tokens; 0: what fits")
    parser.add_argument("--disk", help="folder for a prefix cache: what it saves a program that is started anew")
    parser.add_argument("--pairs", type=int, default=10)
    options = parser.parse_args()

    words = random.Random(1)
    if options.disk:
        return disk(options, words)
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
