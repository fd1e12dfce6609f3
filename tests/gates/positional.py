#!/usr/bin/env python3
"""Fails when the arguments of a kernel are given by position where neighbours have one type: a new field between them moves their meaning.

Looked at are the structs of the contracts in engine/kernels/*.h and the limits of a step, wherever they are initialized by name of type
(`RmsNormArgs args{…}`) or as the argument of an operation (`kernels.rmsNorm({…})`).
"""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTRACTS = ("engine/kernels/*.h", "engine/model/activations.h")
FOLDERS = ("engine", "tests/engine", "tests/bench")
STRUCT = re.compile(r"^struct (\w+) \{\n(.*?)^\};", re.M | re.S)
FIELDS = re.compile(r"^    ((?:const )?[\w:]+(?:<[^;=]*>)?[ *&]+)(\w+(?:, \w+)*)(?: = [^;{]*| =?\s*\{[^;]*\})?;", re.M)
OPERATION = re.compile(r"virtual \w+ (\w+)\(const (\w+)& args\)")


def contracts_of(root: pathlib.Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Struct -> the types of its fields, and operation -> the struct that it takes."""
    structs, operations = {}, {}
    for pattern in CONTRACTS:
        for path in sorted(root.glob(pattern)):
            text = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
            text = re.sub(r"=\n\s+", "= ", text)
            for name, body in STRUCT.findall(text):
                structs[name] = [" ".join(kind.split()) for kind, names in FIELDS.findall(body) for _ in names.split(",")]
            operations.update(OPERATION.findall(text))
    return structs, operations


def inside(text: str, start: int) -> str:
    """What stands between the brace at `start` and its own end."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start + 1:place]
    return ""


def parts_of(body: str) -> list[str]:
    """The values of an initializer, cut at the commas of its own level."""
    parts, depth = [""], 0
    for char in body:
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(char, 0)
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]


def problems_of(root: pathlib.Path) -> list[str]:
    structs, operations = contracts_of(root)
    if not structs:
        return []
    operations = {name: struct for name, struct in operations.items() if struct in structs}
    # Not behind `struct` (its definition), nor a function's end `const Args& f() {`.
    named = r"(?<!struct )(?<!\w)(?P<struct>%s)(?: \w+)? ?\{" % "|".join(structs)
    called = r"(?:\.|->)(?P<operation>%s)\(\{" % "|".join(operations or ["-"])
    problems = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".h", ".cpp"):
                continue
            text = path.read_text(encoding="utf-8")
            for match in re.finditer(f"{named}|{called}", text):
                struct = match.group("struct") or operations[match.group("operation")]
                parts = parts_of(inside(text, match.end() - 1))
                types = structs[struct][:len(parts)]
                if parts and parts[0].startswith("."):
                    continue
                if any(left == right for left, right in zip(types, types[1:])):
                    line = text.count("\n", 0, match.start()) + 1
                    problems.append(f"{path.relative_to(root).as_posix()}:{line}: name the fields of {struct} ({parts[0]}, {parts[1]}, …)")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    problems = problems_of(parser.parse_args().root.resolve())
    print("\n".join(problems) or "positional: neighbours of one type are named")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
