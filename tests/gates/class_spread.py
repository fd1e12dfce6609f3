#!/usr/bin/env python3
"""Fails when the member functions of one class are defined in more than one .cpp: a class that needs two is two classes.

Platform twins (…_posix.cpp, …_windows.cpp, no_cuda.cpp) count as one file, since only one of them is built.
"""

import argparse
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("base", "engine", "storage", "net", "app")

# Class -> why it may be spread. An entry that is needed no more fails as well.
ALLOWED = {
    # To be split into classes of their own.
    "app/models/ModelController": "the list and the device",
    # One interface, implemented by groups of operations that share the set's scratch memory.
    "engine/kernels/cpu/CpuKernels": "the operations of a mixture of experts apart",
    "engine/kernels/cuda/CudaKernelSet": "single, fused and expert operations apart",
    # The state of one thread, of which steps and reports are two long sentences each.
    "engine/schedule/EngineLoop": "commands, steps and reports apart",
    # Recursive descent: statements and expressions call each other.
    "engine/token/jinja/Interpreter": "statements and expressions apart",
    "engine/token/jinja/Parser": "statements and expressions apart",
}

# `Type Class::name(`, `Class::Class(`, `Class::~Class(` at the beginning of a line; classes begin with a capital.
DEFINITION = re.compile(r"^(?!\s|#|//|return\b|using\b|extern\b|static_assert\b)[^;=(]*?((?:\w+::)+)(~?\w+|operator[^\s(]*)\(")
TWIN = re.compile(r"_(posix|windows)$")


def classes_of(text: str) -> set[str]:
    """The classes of which this file defines a member function."""
    found = set()
    for line in text.splitlines():
        match = DEFINITION.match(line)
        # The qualifier of the function's own name is the last one before its parenthesis.
        if match and (names := [name for name in match.group(1).split("::") if name]) and names[-1][0].isupper():
            found.add("::".join(name for name in names if name[0].isupper()))
    return found


def spread(root: pathlib.Path) -> dict[str, set[str]]:
    """Class -> the .cpp files of its members, where there is more than one."""
    files = collections.defaultdict(set)
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".cpp", ".cu"):
                continue
            # Classes of one name in two folders are two classes.
            own = path.parent.relative_to(root).as_posix()
            for name in classes_of(path.read_text(encoding="utf-8")):
                files[own, name].add(TWIN.sub("", path.stem))
    return {f"{folder}/{name}": stems for (folder, name), stems in files.items() if len(stems) > 1}


def problems_of(root: pathlib.Path, allowed: dict[str, str]) -> list[str]:
    found = spread(root)
    problems = [f"{name} is spread over {', '.join(sorted(stems))}" for name, stems in sorted(found.items())
                if name not in allowed]
    problems += [f"{name} is in one file now: take its exception out of this gate"
                 for name in sorted(allowed.keys() - found.keys())]
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    problems = problems_of(parser.parse_args().root.resolve(), ALLOWED)
    print("\n".join(problems) or f"classes: each in one file, {len(ALLOWED)} exceptions")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
