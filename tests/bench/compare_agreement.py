#!/usr/bin/env python3
"""Holds `sotto-cli compare` against the figures of llama-perplexity --kl-divergence (../shared/golden2/kl.json), as rows of Markdown.

    compare_agreement.py SOTTO_CLI FOLDER

FOLDER takes the quantized models, 60 MB. The tests hold a part of this to the bounds of golden2/README.md.
"""

import argparse
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


def run(cli, *arguments):
    return subprocess.run([cli, *map(str, arguments)], capture_output=True, text=True, check=True).stdout


def compare_model(cli, folder, runs, name, model):
    """Rows of one model: every type that needs no importance matrix."""
    command = runs[f"{name}.kld.Q4_0"]["command"].split()
    text = next(path for path in (SHARED / "data/text", SHARED / "golden2/kl") if (path / command[command.index("-f") + 1]).exists())
    types = [key.rsplit(".", 1)[-1] for key in runs if key.startswith(f"{name}.kld.") and "-im" not in key]
    own, back = [], []
    for kind in types:
        own.append(folder / f"{name}.{kind}.gguf")
        back.append(folder / f"{name}.{kind}.back.gguf")
        run(cli, "quantize", model, own[-1], kind, "--method", "rtn")
        run(cli, "quantize", own[-1], back[-1], "F32", "--method", "rtn")
    rows = json.loads(run(cli, "compare", model, *back, *own, "--text", text / command[command.index("-f") + 1], "--ctx",
                          command[command.index("-c") + 1], "--chunks", command[command.index("--chunks") + 1], "--kv", "f32",
                          "--device", "cpu", "-n", "2", "--json"))["rows"]
    for index, kind in enumerate(types):
        exact, packed = (runs[f"{name}.{form}.{kind}"]["statistics"] for form in ("kld", "kl"))
        ours, ours_packed = rows[1 + index], rows[1 + len(types) + index]
        mean = exact["Mean    KLD"]
        print(f"| {name} | {kind} | {exact['Mean PPL(Q)'][0]:.4f} | {ours['perplexity']:.4f} | {mean[0]:.6f} ± {mean[1]:.6f} | "
              f"{ours['kl']['mean']:.6f} ± {ours['kl']['error']:.6f} | {exact['99.0%   KLD'][0]:.4f} | {ours['kl']['p99']:.4f} | "
              f"{exact['Same top p'][0]:.2f} | {ours['top1_agreement'] * 100:.2f} | {packed['Mean    KLD'][0]:.6f} | "
              f"{ours_packed['kl']['mean']:.6f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cli")
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    runs = json.loads((SHARED / "golden2/kl.json").read_text())["runs"]
    for name in ("stories260K", "babyllama-tok105"):
        compare_model(arguments.cli, arguments.folder, runs, name, SHARED / f"data/models/{name}.f32.gguf")
    demo = arguments.folder / "sotto-demo.f32.gguf"
    run(arguments.cli, "quantize", ROOT / "resources/demo_model/sotto-demo.gguf", demo, "F32")
    compare_model(arguments.cli, arguments.folder, runs, "sotto-demo", demo)


if __name__ == "__main__":
    main()
