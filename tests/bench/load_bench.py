#!/usr/bin/env python3
"""Plays the same load against sotto-cli and llama.cpp's llama-server, in turn, and prints ratios.

    load_bench.py MODEL.gguf --ours build/dev/bin/sotto-cli --peer llama-server \\
        --threads 2 --rounds 3 streams=4,requests=16 streams=1,intruder=2000,requests=2,answer=600

Each round runs ours, then theirs; the ratios are of one round each, so that what else the machine
does weighs on both, and their median is told with the smallest and the largest. The server keeps
running and is stopped (SIGSTOP) while ours measures. Both read the same file, with as many streams
and the same arrivals; end tokens are ignored and nothing of a prompt is reused. Standard library only.
"""
import argparse
import http.client
import json
import math
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

DEFAULTS = {"streams": 8, "rate": 0.0, "prompt": 300, "answer": 150, "requests": 64, "seed": 1, "intruder": 0}
QUIET_TOKENS = 33  # of an answer before the intruder comes, as in engine/api/load_spec.h
MASK = (1 << 64) - 1


class Failure(Exception):
    """What stops the measurement, as one sentence."""


def parse_spec(text):
    spec = dict(DEFAULTS)
    for part in text.split(","):
        name, value = part.split("=")
        spec[name] = float(value) if name == "rate" else int(value)
    return spec


def split_mix(state):
    """(next state, 64 random bits): splitmix64, as engine/api/load_spec.cpp has it."""
    state = (state + 0x9E3779B97F4A7C15) & MASK
    mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
    return state, mixed ^ (mixed >> 31)


def arrivals_of(spec):
    arrivals, state = [0.0], spec["seed"]
    for _ in range(spec["requests"] - 1):
        if spec["rate"] > 0:
            state, bits = split_mix(state)
            arrivals.append(arrivals[-1] - math.log(((bits >> 11) + 1) * 2.0**-53) / spec["rate"])
        else:
            arrivals.append(0.0)
    return arrivals


def percentile(samples, fraction):
    """Nearest rank; None below 20 samples."""
    if len(samples) < 20:
        return None
    return sorted(samples)[max(1, math.ceil(fraction * len(samples))) - 1]


class Server:
    """llama-server on a port of its own."""

    def __init__(self, path, model, threads, spec):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        slots = spec["streams"] + (1 if spec["intruder"] else 0)
        longest = max(spec["prompt"] + spec["answer"], spec["intruder"]) + 32
        self.log = open(os.devnull, "w")
        self.process = subprocess.Popen(
            [path, "-m", model, "-t", str(threads), "-tb", str(threads), "-np", str(slots), "-c", str(slots * longest),
             "--host", "127.0.0.1", "--port", str(self.port), "--no-webui"], stdout=self.log, stderr=self.log)
        for _ in range(600):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                raise Failure("llama-server ended at once: run it by hand with these flags to see why.")
            time.sleep(0.2)
        self.close()
        raise Failure("llama-server does not answer.")

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        self.resume()
        self.process.terminate()
        self.process.wait()

    def complete(self, ids, n_answer, on_token, stop=None):
        """Streams one answer; on_token() for each token. A set `stop` ends it by hanging up."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1200)
        body = {"prompt": ids, "n_predict": n_answer, "stream": True, "ignore_eos": True, "cache_prompt": False,
                "temperature": 0, "return_tokens": True}
        n_tokens = 0
        try:
            connection.request("POST", "/completion", json.dumps(body), {"Content-Type": "application/json"})
            response = connection.getresponse()
            if response.status != 200:
                raise Failure("llama-server: " + response.read().decode(errors="replace").strip())
            for line in response:
                if line.startswith(b"error: "):
                    raise Failure("llama-server: " + line[7:].decode(errors="replace").strip())
                if line.startswith(b"data: "):
                    told = json.loads(line[6:])
                    if "error" in told:
                        raise Failure("llama-server: " + json.dumps(told["error"]))
                    # One token a line; half a character is held back with its tokens' ids.
                    for _ in told.get("tokens") or ([0] if told.get("content") else []):
                        n_tokens += 1
                        on_token()
                if stop is not None and stop.is_set():
                    return
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Failure(f"llama-server broke off an answer: {error!r}") from error
        finally:
            connection.close()
        if n_tokens == 0:
            raise Failure("llama-server ended an answer without a token.")


class Crew:
    """Threads whose first error is raised where they are waited for: sys.exit ends only its own thread."""

    def __init__(self):
        self.threads, self.errors = [], []

    def start(self, work, *arguments):
        def run():
            try:
                work(*arguments)
            except Exception as error:  # whatever it is, the measurement is void
                self.errors.append(error)

        self.threads.append(threading.Thread(target=run, daemon=True))
        self.threads[-1].start()

    def check(self):
        if self.errors:
            raise self.errors[0]

    def is_busy(self):
        return any(thread.is_alive() for thread in self.threads)

    def join(self):
        for thread in self.threads:
            thread.join()
        self.check()


def random_prompt(generator, n_tokens, n_vocab):
    # Far from the first ids, where control tokens and single bytes lie.
    return [generator.randrange(min(1000, n_vocab // 2), n_vocab * 9 // 10) for _ in range(n_tokens)]


def play_arrivals(server, spec, n_vocab):
    generator = random.Random(time.time_ns())
    prompts = [random_prompt(generator, spec["prompt"], n_vocab) for _ in range(spec["requests"])]
    free = threading.Semaphore(spec["streams"])
    times, start = [[] for _ in prompts], time.monotonic() + 0.05
    arrivals = [start + after for after in arrivals_of(spec)]

    def serve(index):
        try:
            server.complete(prompts[index], spec["answer"], lambda: times[index].append(time.monotonic()))
        finally:
            free.release()

    crew = Crew()
    for index, arrival in enumerate(arrivals):
        time.sleep(max(0.0, arrival - time.monotonic()))
        free.acquire()
        crew.check()
        crew.start(serve, index)
    crew.join()
    tokens = sum(len(one) for one in times)
    if tokens != spec["requests"] * spec["answer"]:
        print(f"  (the server told {tokens} tokens of {spec['requests'] * spec['answer']})", file=sys.stderr)
    seconds = max(one[-1] for one in times) - start
    ttft = [(one[0] - arrival) * 1e3 for one, arrival in zip(times, arrivals)]
    tpot = [(one[-1] - one[0]) / (len(one) - 1) * 1e3 for one in times if len(one) > 1]
    gaps = [(b - a) * 1e3 for one in times for a, b in zip(one, one[1:])]
    mean = lambda values: sum(values) / len(values)
    return {"tokens_per_s": tokens / seconds, "ttft_ms": mean(ttft), "tpot_ms": mean(tpot),
            "gap_p95_ms": percentile(gaps, 0.95)}


def play_intruders(server, spec, n_vocab):
    generator = random.Random(time.time_ns())
    quiet, disturbed, ttfts = [], [], []
    for _ in range(spec["requests"]):
        times, stop, read = [[] for _ in range(spec["streams"])], threading.Event(), []
        crew = Crew()
        for one in times:
            crew.start(server.complete, random_prompt(generator, spec["prompt"], n_vocab), spec["answer"],
                       lambda one=one: one.append(time.monotonic()), stop)
        while any(len(one) < QUIET_TOKENS for one in times) and crew.is_busy():
            crew.check()
            time.sleep(0.002)
        crew.check()
        calm, arrived = max(one[0] for one in times), time.monotonic()
        server.complete(random_prompt(generator, spec["intruder"], n_vocab), 1, lambda: read.append(time.monotonic()))
        while any(thread.is_alive() and one[-1] <= read[0] for thread, one in zip(crew.threads, times)):
            time.sleep(0.002)
        stop.set()
        crew.join()
        ttfts.append((read[0] - arrived) * 1e3)
        for one in times:
            for a, b in zip(one, one[1:]):
                if a >= calm and b <= arrived:
                    quiet.append((b - a) * 1e3)
                elif b > arrived and a < read[0]:
                    disturbed.append((b - a) * 1e3)
    before, during = percentile(quiet, 0.95), percentile(disturbed, 0.95)
    return {"quiet_p95_ms": before, "disturbed_p95_ms": during, "disturbed_max_ms": max(disturbed, default=None),
            "disturbed_gaps": len(disturbed), "ttft_ms": sum(ttfts) / len(ttfts),
            "p95_ratio": during / before if before and during else None}


def play_ours(path, model, threads, text):
    command = [path, "bench", model, "--device", "cpu", "--threads", str(threads), "--json", "--load", text]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    try:
        load = json.loads(done.stdout).get("load")
    except ValueError:
        load = None
    if load is None:
        raise Failure("sotto-cli could not play the load.")
    if load["streams_note"]:
        print("  ours: " + load["streams_note"], flush=True)
    if "intruder" in load:
        intruder = load["intruder"]
        return {"quiet_p95_ms": intruder["quiet_ms"]["p95"], "disturbed_p95_ms": intruder["disturbed_ms"]["p95"],
                "disturbed_mean_ms": intruder["disturbed_ms"]["mean"], "ttft_ms": intruder["ttft_ms"]["mean"],
                "p95_ratio": intruder["p95_ratio"]}
    return {"tokens_per_s": load["tokens_per_s"], "ttft_ms": load["ttft_ms"]["mean"], "tpot_ms": load["tpot_ms"]["mean"],
            "gap_p95_ms": load["gap_ms"]["p95"], "kv_use": load["kv_use"], "preemptions": load["preemptions"]}


def tell(name, figures):
    shown = ", ".join(f"{key} {'–' if value is None else format(value, '.2f')}" for key, value in figures.items())
    print(f"  {name}: {shown}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("loads", nargs="+", help="as sotto-cli bench --load takes them")
    parser.add_argument("--ours", required=True)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--vocabulary", type=int, default=128256, help="ids of the model")
    options = parser.parse_args()
    for text in options.loads:
        spec = parse_spec(text)
        play_peer = play_intruders if spec["intruder"] else play_arrivals
        print(text, flush=True)
        server, rounds = Server(options.peer, options.model, options.threads, spec), []
        try:
            server.complete([5, 6, 7], 4, lambda: None)
            for _ in range(options.rounds):
                server.pause()
                ours = play_ours(options.ours, options.model, options.threads, text)
                server.resume()
                peer = play_peer(server, spec, options.vocabulary)
                tell("ours", ours)
                tell("peer", peer)
                rounds.append((ours, peer))
        finally:
            server.close()
        for key in rounds[0][0]:
            ratios = [ours[key] / peer[key] for ours, peer in rounds if ours.get(key) and peer.get(key)]
            if ratios:
                print(f"  {key}: ours over peer, median {statistics.median(ratios):.2f} "
                      f"({min(ratios):.2f}-{max(ratios):.2f})", flush=True)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"load_bench.py: {failure}")
