#!/usr/bin/env python3
"""Fails on files and functions that have grown past their limits; warns before."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("base", "engine", "storage", "net", "app", "tests")

FILE_WARN, FILE_FAIL = 400, 600
QML_WARN, QML_FAIL = 250, 400
FUNCTION_WARN, FUNCTION_FAIL = 60, 100
KERNEL_FAIL = 200

# Tables and generated files, each with the reason why it may be longer.
EXEMPT = {}

# Where the long, unrolled inner loops live.
KERNEL_FOLDERS = ("engine/kernels/cpu", "engine/kernels/cuda", "tests/support/simt")

# The head of a function that begins in column 0 or is indented inside a class: a name, parameters, and "{" at the end.
HEAD_END = re.compile(r"\)\s*(const)?\s*(noexcept)?\s*(override)?\s*(final)?\s*(->\s*[\w:<>&*\s]+)?\s*(:.*)?\{$")
NOT_A_FUNCTION = re.compile(r"^\s*(if|for|while|switch|else|do|catch|namespace|struct|class|enum|union|return|case)\b")


def functions(lines: list[str]):
    """Yields (first line, number of lines) of each outermost braced body that looks like a function."""
    depth = 0
    start, start_depth = None, 0
    head = ""
    for number, line in enumerate(lines, 1):
        code = re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])*\'|//.*', "", line)
        if start is None:
            head = (head + " " + code.strip()).strip()
            if head.endswith("{"):
                if HEAD_END.search(head) and not NOT_A_FUNCTION.match(head):
                    start, start_depth = number, depth
                head = ""
            elif head.endswith((";", "}", ":")) or code.startswith("#"):
                head = ""
        depth += code.count("{") - code.count("}")
        if start is not None and depth <= start_depth:
            yield start, number - start + 1
            start = None


def check_file(path: pathlib.Path, warnings: list[str], failures: list[str]) -> None:
    name = path.relative_to(ROOT).as_posix()
    lines = path.read_text(encoding="utf-8").splitlines()
    warn, fail = (QML_WARN, QML_FAIL) if path.suffix == ".qml" else (FILE_WARN, FILE_FAIL)
    if len(lines) > fail and name not in EXEMPT:
        failures.append(f"{name}: {len(lines)} lines, at most {fail}")
    elif len(lines) > warn and name not in EXEMPT:
        warnings.append(f"{name}: {len(lines)} lines, better below {warn}")
    if path.suffix not in (".cpp", ".cu"):
        return
    limit = KERNEL_FAIL if name.startswith(KERNEL_FOLDERS) else FUNCTION_FAIL
    for first, length in functions(lines):
        if length > limit:
            failures.append(f"{name}:{first}: function of {length} lines, at most {limit}")
        elif length > FUNCTION_WARN:
            warnings.append(f"{name}:{first}: function of {length} lines, better below {FUNCTION_WARN}")


def main() -> int:
    warnings, failures = [], []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".h", ".cpp", ".cu", ".cuh", ".qml"):
                check_file(path, warnings, failures)
    for line in warnings:
        print("warning:", line)
    for line in failures:
        print("too long:", line)
    print(f"sizes: {len(failures)} too long, {len(warnings)} near their limit")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
