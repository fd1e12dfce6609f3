#!/usr/bin/env python3
"""Fails when a file includes or imports something that its layer may not see (ARCHITECTURE.md, "Layers")."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

TOP = ("base", "engine", "storage", "net", "app")

BELOW_MODEL = ["engine/kernels", "engine/device", "engine/quant", "engine/hf", "engine/gguf", "engine/tensor", "engine/api", "base"]
DOORS = ["engine/api", "engine/selftest", "storage/api", "net/api", "base"]

# Folder -> what its files may include, besides the folder itself. The longest matching folder counts; some folders
# are not there yet.
ALLOWED = {
    "base": [],
    "engine/tensor": ["base"],
    "engine/gguf": ["engine/tensor", "base"],
    "engine/hf": ["engine/gguf", "engine/tensor", "base"],
    "engine/quant": ["engine/tensor", "base"],
    "engine/device": ["engine/tensor", "base", "engine/api/device_info.h", "engine/api/device_traits.h"],
    "engine/kernels": ["engine/quant", "engine/device", "engine/tensor", "base", "engine/api/device_info.h"],
    "engine/kvcache": ["engine/kernels", "engine/device", "engine/tensor", "base", "engine/api"],
    "engine/token": ["engine/hf", "engine/gguf", "engine/tensor", "base", "engine/api"],
    "engine/model": ["engine/kvcache", *BELOW_MODEL],
    "engine/schedule": ["engine/model", "engine/token", "engine/kvcache", *BELOW_MODEL],
    "engine/quantize": ["engine/model", "engine/token", "engine/kvcache", *BELOW_MODEL],
    "engine/selftest": ["engine/kernels", "engine/device", "engine/quant", "engine/tensor", "base"],
    "engine/api": ["engine", "base"],
    "storage": ["base"],
    "storage/sqlite": ["base"],
    "storage/api": ["base"],
    "net": ["base"],
    "net/api": ["base"],
    "app/core": DOORS,
    "app/cli": ["app/core", *DOORS],
    "app/server": ["app/core", *DOORS],
    "app": DOORS,
}
# Below a folder that may include itself: what lies in it and is none of its business.
NOT_OWN = {"app": ("app/cli/",)}

# No Qt in these.
QT_FREE = ("base/", "engine/", "storage/", "net/", "app/core/", "app/cli/", "app/server/")
QT = re.compile(r"(Q[A-Z]|Qt[A-Z]|q[a-z]+\.h$)")

# Libraries that one part hides from all others.
ONLY = (
    (re.compile(r"curl/"), ("net/",), "only net speaks to other machines"),
    (re.compile(r"(httplib\.h|boost/(asio|beast)|microhttpd\.h|QTcpServer|QtHttpServer|QHttpServer|QWebSocketServer)"),
     ("app/server/",), "only app/server listens"),
    (re.compile(r"(QNetwork|QTcpSocket|QSslSocket|QUdpSocket|QWebSocket$)"), (), "only net speaks to other machines"),
    (re.compile(r"sqlite3\.h"), ("storage/",), "only storage knows SQLite"),
    (re.compile(r"(cuda|nvml|cublas)[\w./]*\.h"), ("engine/device/cuda/", "engine/kernels/cuda/"),
     "only the CUDA folders know CUDA"),
)

# Module of the window (folder of app/ui) -> modules that it may import besides Sotto.App's types and itself.
QML = {
    "Theme": {"System"},
    "Components": {"Theme", "System"},
    "Shell": None,  # puts all together
}
QML_FEATURE = {"App", "Components", "Theme", "System"}  # every other module: features do not know each other

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
IMPORT = re.compile(r'^\s*import\s+("[^"]*"|[\w.]+)')


def layer_of(name: str) -> str | None:
    return max((layer for layer in ALLOWED if name.startswith(layer + "/")), key=len, default=None)


def is_seen(layer: str, target: str) -> bool:
    if target.startswith(layer + "/") and not target.startswith(NOT_OWN.get(layer, ())):
        # A folder in a folder has rules of its own only for what it includes, not for who includes it.
        return True
    return any(target == entry or target.startswith(entry + "/") for entry in ALLOWED[layer])


def why_not(name: str, layer: str, is_quoted: bool, target: str) -> str | None:
    if name.startswith(QT_FREE) and QT.match(target):
        return f"includes {target}, but this part is free of Qt"
    for library, folders, why in ONLY:
        if not is_quoted and library.match(target) and not name.startswith(folders):
            return f"includes {target}, but {why}"
    if name.startswith("engine/kernels/cuda/") and target.startswith("simt/"):
        return None  # tests/support/simt, which takes CUDA's place where there is none
    is_ours = target.startswith(tuple(top + "/" for top in TOP))
    if is_quoted and not is_ours and not target.endswith(".moc"):
        return f'"{target}" is named without its folder (or is none of ours)'
    if is_ours and not is_quoted:
        return f"<{target}> is ours: quote it"
    if is_ours and not is_seen(layer, target):
        return f"{layer} may not include {target}"
    return None


def source_problems(root: pathlib.Path, path: pathlib.Path) -> list[str]:
    name = path.relative_to(root).as_posix()
    layer = layer_of(name)
    if layer is None:
        return [f"{name}: belongs to no layer that layers.py knows"]
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        why = match and why_not(name, layer, match.group(1) == '"', match.group(2))
        if why:
            found.append(f"{name}:{number}: {why}")
    return found


def qml_problems(root: pathlib.Path, path: pathlib.Path) -> list[str]:
    name = path.relative_to(root).as_posix()
    module = path.relative_to(root / "app/ui").parts[0]
    allowed = QML.get(module, QML_FEATURE)
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = IMPORT.match(line)
        if not match:
            continue
        target = match.group(1)
        other = target.removeprefix("Sotto.")
        if target.startswith('"'):
            found.append(f"{name}:{number}: imports the folder {target}; name its module")
        elif other != target and allowed is not None and other != module and other not in allowed:
            found.append(f"{name}:{number}: {module} may not import {target}")
    return found


def problems_of(root: pathlib.Path) -> tuple[list[str], int]:
    """The problems, and how many files were read."""
    problems, n_files = [], 0
    for top in TOP:
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".h", ".cpp", ".cu", ".cuh"):
                problems += source_problems(root, path)
            elif path.suffix == ".qml":
                problems += qml_problems(root, path)
            else:
                continue
            n_files += 1
    return problems, n_files


def main() -> int:
    problems, n_files = problems_of(ROOT)
    for line in problems:
        print(line)
    print(f"layers: {n_files} files read, {len(problems)} includes or imports not allowed")
    return 1 if problems or n_files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
