#!/usr/bin/env python3
"""Fails when a file includes something that its layer may not see (ARCHITECTURE.md, "Layers")."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Folder -> folders of the project that its files may include, besides itself. The longest matching folder counts.
ALLOWED = {
    "base": [],
    "engine/tensor": ["base"],
    "engine/gguf": ["engine/tensor", "base"],
    "engine/quant": ["engine/tensor", "base"],
    "engine/device": ["engine/tensor", "base", "engine/api/device_info.h"],
    "engine/kernels": ["engine/quant", "engine/device", "engine/tensor", "base"],
    "engine/kvcache": ["engine/kernels", "engine/device", "engine/tensor", "base", "engine/api"],
    "engine/token": ["engine/gguf", "engine/tensor", "base", "engine/api"],
    "engine/model": [
        "engine/gguf", "engine/kernels", "engine/kvcache", "engine/device", "engine/quant", "engine/tensor",
        "base", "engine/api",
    ],
    "engine/schedule": [
        "engine/model", "engine/token", "engine/kvcache", "engine/kernels", "engine/gguf", "engine/device",
        "engine/quant", "engine/tensor", "base", "engine/api",
    ],
    "engine/selftest": ["engine/kernels", "engine/device", "engine/quant", "engine/tensor", "base"],
    "engine/api": ["engine", "base"],
    "storage": ["base"],
    "app/core": ["engine/api", "base", "engine/selftest", "storage/api"],
    "app/cli": [
        "engine/api", "base",
        "engine/selftest", "storage/api", "app/core",
    ],
    "app": [
        "engine/api", "base", "engine/selftest", "storage/api",
    ],
    "storage/api": ["base"],
}

# No Qt in these.
QT_FREE = ("base/", "engine/", "storage/", "app/core/", "app/cli/")

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def layer_of(path: str) -> str:
    return max((layer for layer in ALLOWED if path.startswith(layer + "/")), key=len)


def problems_of(path: pathlib.Path) -> list[str]:
    name = path.relative_to(ROOT).as_posix()
    layer = layer_of(name)
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        target = match.group(2)
        if name.startswith(QT_FREE) and re.match(r"(Q[A-Z]|Qt[A-Z]|q[a-z]+\.h$)", target):
            found.append(f"{name}:{number}: includes {target}, but this part is free of Qt")
        if not target.startswith(("base/", "engine/", "storage/", "app/")):
            continue
        own = layer if layer not in ("app", "storage") else layer
        is_own = target.startswith(own + "/") and (layer != "app" or not target.startswith(("app/cli/",)))
        is_allowed = any(target == entry or target.startswith(entry + "/") for entry in ALLOWED[layer])
        if not (is_own or is_allowed):
            found.append(f"{name}:{number}: {layer} may not include {target}")
    return found


def main() -> int:
    problems = []
    for folder in ("base", "engine", "storage", "app"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".h", ".cpp", ".cu", ".cuh"):
                problems += problems_of(path)
    print("\n".join(problems) or "layers: every include is allowed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
