#!/usr/bin/env python3
"""Fails when the values of a struct are given by position where neighbours have one type: a new field between them moves their meaning.

Looked at are the structs of the contracts (what operations, the kernels of the card and the invariants take), and those that a CUDA source has
for itself, wherever they are initialized by name of type (`RmsNormArgs args{…}`, `Tile tile = {…}`), as the argument of an operation
(`kernels.rmsNorm({…})`), as an element of a list of them (`state.waiting.push_back({…})`) or returned by a function of that type.
"""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTRACTS = ("engine/kernels/*.h", "engine/kernels/cuda/**/*.h", "engine/kernels/cuda/**/*.cuh", "engine/device/cuda/*.h",
             "engine/model/activations.h", "engine/schedule/engine_invariants.h")
FOLDERS = ("engine", "tests/engine", "tests/bench", "tests/support/simt")
SOURCES = (".h", ".cpp", ".cu", ".cuh")
STRUCT = re.compile(r"^struct (?:alignas\(\w+\) )?(\w+) \{\n(.*?)^\};", re.M | re.S)
OPERATION = re.compile(r"\w (\w+)\(const (\w+)& \w+[,)]")  # a member or a launch
LIST = re.compile(r"std::vector<(\w+)> (\w+);")


def statements_of(body: str) -> list[str]:
    """The declarations of a struct's own level, without comments and the bodies of its functions."""
    statements, depth, current = [], 0, ""
    for char in re.sub(r"//.*", "", body):
        depth += {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}.get(char, 0)
        current += char
        if depth > 0 or char not in ";}":
            continue
        # A brace ends a function, or an initializer whose semicolon is to come.
        isFunction = char == "}" and re.search(r"\)[^{}=]*\{", current)
        if char == ";" or isFunction:
            statements.append(" ".join(current.rstrip(";").split()))
            current = ""
    return statements


def declarators_of(statement: str) -> list[str]:
    """`int a = 0, *b` -> [`int a = 0`, `*b`]: cut at commas outside of brackets of every kind."""
    parts, depth = [""], 0
    for place, char in enumerate(statement):
        isArrow = char == ">" and statement[place - 1:place] == "-"
        depth += 0 if isArrow else {"(": 1, "{": 1, "[": 1, "<": 1, ")": -1, "}": -1, "]": -1, ">": -1}.get(char, 0)
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def fields_of(body: str) -> list[str]:
    """The types of a struct's fields in order."""
    types = []
    for statement in statements_of(body):
        base = ""
        for number, declarator in enumerate(declarators_of(statement)):
            found = re.fullmatch(r"\s*(.*?)([*&]*)\s*(\w+)((?:\[[^\]]*\])*)(?: ?=.*| ?\{.*\})?", declarator.replace(" *", "* ").replace(" &", "& "))
            if found is None or re.match(r"(static|using|friend|enum|struct|typedef|template|return)\b", statement):
                break
            base = base if number else found[1].strip()
            if not base or "(" in base:
                break
            types.append(base + found[2] + found[4])
    return types


def structs_of(text: str) -> dict[str, list[str]]:
    """Struct -> the types of its fields. One with a constructor is no aggregate."""
    return {name: fields_of(body) for name, body in STRUCT.findall(text) if not re.search(rf"(?<![\w~]){name}\(", body)}


def contracts_of(root: pathlib.Path) -> tuple[dict[str, list[str]], dict[str, str], dict[str, str]]:
    """Struct -> the types of its fields, operation -> the struct that it takes, and list -> the struct of its elements."""
    structs, operations, lists = {}, {}, {}
    for pattern in CONTRACTS:
        for path in sorted(root.glob(pattern)):
            text = path.read_text(encoding="utf-8")
            structs.update(structs_of(text))
            operations.update(OPERATION.findall(text))
            lists.update((name, struct) for struct, name in LIST.findall(text))
    return structs, operations, lists


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


def starts_of(text: str, structs: dict, operations: dict, lists: dict):
    """(struct, where its opening brace stands) of each initializer."""
    names = "|".join(structs)
    # Not behind `struct` (its definition) or `:` (its heir), nor a function's end `const Args& f() {`.
    for match in re.finditer(rf"(?<!struct )(?<!: )(?<![\w>])({names})(?: \w+)?(?: =)? ?\{{", text):
        yield match[1], match.end() - 1
    for called, structOf in ((rf"\b({'|'.join(operations)})\(\{{", operations),
                             (rf"\b({'|'.join(lists)})\.push_back\(\{{", lists)):
        if structOf:
            for match in re.finditer(called, text):
                yield structOf[match[1]], match.end() - 1
    # A function of this type, up to its end at the beginning of a line.
    for match in re.finditer(rf"^( *)(?:[\w:]+ )*({names}) \w[\w:]*\([^;{{}}]*\{{\n(.*?)^\1\}}", text, re.M | re.S):
        for result in re.finditer(r"return \{", match[3]):
            yield match[2], match.start(3) + result.end() - 1


def problems_of(root: pathlib.Path) -> list[str]:
    contracts, operations, lists = contracts_of(root)
    problems = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in SOURCES:
                continue
            text = path.read_text(encoding="utf-8")
            structs = {**contracts, **(structs_of(text) if path.suffix in (".cu", ".cuh") else {})}
            if not structs:
                continue
            for struct, start in sorted(starts_of(text, structs, {name: taken for name, taken in operations.items() if taken in structs},
                                                  {name: held for name, held in lists.items() if held in structs}), key=lambda found: found[1]):
                parts = parts_of(inside(text, start))
                types = structs[struct][:len(parts)]
                if parts and parts[0].startswith("."):
                    continue
                if any(left == right for left, right in zip(types, types[1:])):
                    line = text.count("\n", 0, start) + 1
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
