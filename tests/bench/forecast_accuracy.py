#!/usr/bin/env python3
"""What `sotto-cli forecast` predicts against what `sotto-cli bench` then measures, in turn, of synthetic models.

  forecast_accuracy.py BUILD_FOLDER [--rounds N] [--device NAME] [SHAPE:TYPE …]

Each forecast takes the read bandwidth anew; the rates of the types are measured once, by a first call that is not
counted. Memory is the forecast's total beside the largest resident size of the bench process, which holds the program
and its libraries too, and of the KV cache only what was written. A shape that does not fit is named and left out.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

SHAPES = [f"{shape}:{kind}" for shape in ("llama-1b", "llama-3b", "llama-8b") for kind in ("Q4_K_M", "Q6_K", "Q8_0", "F16")]
CONTEXT = 1024
# The middle of the 64 tokens that bench generates behind its prompt of none.
DEPTH = 32


def call(command):
    """The JSON object that a command prints, and the largest resident size it had, in bytes."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        answer = json.loads(out.read() or b"{}")
    if child.returncode != 0:
        raise RuntimeError(answer.get("error", {}).get("message", f"exit status {child.returncode}"))
    return answer, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("shapes", nargs="*", default=SHAPES)
    options = parser.parse_intermixed_args()
    program = str(options.build / "bin" / "sotto-cli")

    def forecast(shape):
        return call([program, "forecast", "--device", options.device, "--synthetic", shape, "--ctx", str(CONTEXT),
                     "--depth", str(DEPTH), "--json"])[0]

    def bench(shape):
        answer, resident = call([program, "bench", "--device", options.device, "--synthetic", shape, "--ctx", str(CONTEXT),
                     "--pp", "0", "--tg", "64", "--repeat", "1", "--json"])
        return answer["rows"][0]["tokens_per_s"]["median"], resident

    print("| shape | forecast | bench | error | the rounds, forecast / bench | memory: forecast, largest resident |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    for shape in options.shapes:
        try:
            first = forecast(shape)
            if not first["fits"]:
                print(f"| {shape} | does not fit: {first['missing_bytes'] / 2**30:.1f} GiB missing | | | | |", flush=True)
                continue
            predicted, measured, resident = [], [], 0
            for _ in range(options.rounds):
                predicted.append(forecast(shape)["tokens_per_s"])
                rate, taken = bench(shape)
                measured.append(rate)
                resident = max(resident, taken)
        except RuntimeError as error:
            print(f"| {shape} | {error} | | | | |", flush=True)
            continue
        said, got = statistics.median(predicted), statistics.median(measured)
        rounds = ", ".join(f"{p:.1f} / {m:.1f}" for p, m in zip(predicted, measured))
        print(f"| {shape} | {said:.2f} | {got:.2f} | {100 * (said / got - 1):+.1f} % | {rounds} "
              f"| {first['memory']['total'] / 2**20:.0f}, {resident / 2**20:.0f} MiB |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
