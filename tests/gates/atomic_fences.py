#!/usr/bin/env python3
"""Fails on kernels that count in global memory without a fence before and one after the count.

Blocks find out by such a counter who comes last, or how far the others are. Before it a __threadfence() and a barrier of the block order what
all its threads wrote; behind it a __threadfence() keeps the reads of what other blocks wrote behind the count. The emulator runs blocks one after
the other, so that nothing else sees their absence.
"""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("engine/kernels/cuda", "engine/device/cuda")

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"", re.DOTALL)
ATOMIC = re.compile(r"\batomic(?:Add|Sub|Inc|Dec|CAS|Exch|Max|Min|Or|And|Xor)\(\s*([^,]+),")
FENCE = re.compile(r"\b__threadfence\(\)")
BARRIER = re.compile(r"\b__sync(?:threads|warp)(?:_or|_and|_count)?\(")
SHARED = re.compile(r"\bSOTTO_(?:DYNAMIC_)?SHARED\([^;]*?(\w+)\);")
# A definition at the level of the file ends with a bracket in the first column.
END = re.compile(r"^\}.*$", re.MULTILINE)


def functions_of(text: str) -> list[tuple[int, str]]:
    """(offset, text) of each definition."""
    begin, found = 0, []
    for match in END.finditer(text):
        found.append((begin, text[begin:match.end()]))
        begin = match.end()
    return found


def is_counter(function: str, match: re.Match) -> bool:
    """Of global memory, and its value is asked for: who only adds does not look at what others did."""
    target = re.match(r"&?\s*\(?(\w+)", match.group(1))
    if target and target.group(1) in SHARED.findall(function):
        return False
    before = function[:match.start()].rstrip()
    return not before.endswith((";", "{", "}", ")"))


def problems_in(text: str) -> list[tuple[int, str]]:
    """(offset, what is missing)"""
    text = COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    found = []
    for offset, function in functions_of(text):
        for match in ATOMIC.finditer(function):
            if not is_counter(function, match):
                continue
            fences = [fence.start() for fence in FENCE.finditer(function)]
            before = [at for at in fences if at < match.start()]
            if not before:
                found.append((offset + match.start(), "no __threadfence() before it"))
            elif not any(before[0] < barrier.start() < match.start() for barrier in BARRIER.finditer(function)):
                found.append((offset + match.start(), "no barrier between the fence and it"))
            if not any(at > match.start() for at in fences):
                found.append((offset + match.start(), "no __threadfence() behind it"))
    return found


def problems_of(root: pathlib.Path) -> list[str]:
    problems = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".cu", ".cuh"):
                continue
            text = path.read_text(encoding="utf-8")
            for offset, missing in problems_in(text):
                problems.append(f"{path.relative_to(root).as_posix()}:{text.count(chr(10), 0, offset) + 1}: a counter in global memory with {missing}")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    problems = problems_of(parser.parse_args().root.resolve())
    print("\n".join(problems) or "counters in global memory: each between two fences")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
