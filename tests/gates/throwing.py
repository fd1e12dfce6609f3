#!/usr/bin/env python3
"""Fails on calls of the standard library that throw where a Result belongs: on what lies on a disk or comes from outside.

A stream that fails in the middle throws through its iterators, a folder that cannot be read on throws from a range-for over it, and every
function of std::filesystem has an overload with an error_code that does not throw. Templates and the command line read numbers with
from_chars.
"""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("base", "engine", "storage", "net", "app")

# (file, call) -> why it cannot throw there. An entry that is needed no more fails as well.
ALLOWED = {
    ("engine/token/jinja/attributes.cpp", "std::stol"): "nine digits at most",
}

KINDS = "is_(?:block_file|character_file|directory|fifo|other|regular_file|socket|symlink)"
# Those with an overload that takes an error_code.
FUNCTIONS = (f"absolute|canonical|weakly_canonical|relative|proximate|copy|copy_file|copy_symlink|create_directory|create_directories|"
             f"create_directory_symlink|create_hard_link|create_symlink|current_path|equivalent|exists|file_size|hard_link_count|{KINDS}|"
             f"is_empty|last_write_time|permissions|read_symlink|remove|remove_all|rename|resize_file|space|status|symlink_status|"
             f"temp_directory_path|(?:recursive_)?directory_iterator")
CALL = re.compile(rf"\b(?:std::filesystem|fs)::({FUNCTIONS})(?:\s+\w+)?\s*[({{]")
# Of a directory_entry, without the error_code.
MEMBER = re.compile(rf"\bentry(?:\.|->)({KINDS}|exists|file_size|hard_link_count|last_write_time|refresh|status|symlink_status)\(\)")
CODE = re.compile(r"std::error_code&?\s+(\w+(?:\s*,\s*\w+)*)")
# What status() gave holds the failure already.
STATUS = re.compile(r"\b(\w+)\s*=\s*(?:std::filesystem|fs)::(?:symlink_)?status\(")
ON = "throws where the folder cannot be read on: increment(error)"
PLAIN = (
    (re.compile(r"\bistreambuf_iterator\b"), "throws where reading fails: read() and look at the stream"),
    (re.compile(r"\bfor\s*\([^;()]*[^:]:[^:;()][^;()]*\b(?:recursive_)?directory_iterator\b"), ON),
    (re.compile(r"\bstd::sto(?:i|l|ll|ul|ull|f|d|ld)\b"), "throws on what is no number: from_chars"),
)
ITERATOR = re.compile(r"directory_iterator\s+(\w+)")
JSON = re.compile(r"\b[Jj]son::parse\s*(\()")
COMMENT = re.compile(r"//[^\n]*|\"(?:[^\"\\\n]|\\.)*\"")


def arguments_of(text: str, start: int) -> list[str]:
    """The arguments of a call whose bracket opens at `start`."""
    arguments, depth, begin = [], 0, start + 1
    for at in range(start, len(text)):
        if text[at] in "([{":
            depth += 1
        elif text[at] in ")]}":
            depth -= 1
        if depth == 0 or (depth == 1 and text[at] == ","):
            arguments.append(text[begin:at].strip())
            begin = at + 1
        if depth == 0:
            break
    return [argument for argument in arguments if argument]


def throwing_calls(text: str) -> list[tuple[int, str, str]]:
    """(offset, call, what to do instead)"""
    # Comments and texts keep their length, so that offsets stay.
    text = COMMENT.sub(lambda match: " " * len(match.group()), text)
    codes = {name.strip() for match in CODE.finditer(text) for name in match.group(1).split(",")}
    statuses = set(STATUS.findall(text))
    found = [(match.start(), match.group().split(" ")[-1], why) for pattern, why in PLAIN for match in pattern.finditer(text)]
    for name in set(ITERATOR.findall(text)):
        found += [(match.start(), match.group(), ON) for match in re.finditer(rf"\+\+{name}\b|\b{name}\+\+", text)]
    for match in CALL.finditer(text):
        arguments = arguments_of(text, match.end() - 1)
        name = match.group(1)
        is_end = name.endswith("iterator") and not arguments
        is_of_status = name.startswith(("is_", "exists")) and len(arguments) == 1 and (
            arguments[0] in statuses or "status(" in arguments[0])
        if not is_end and not is_of_status and (not arguments or arguments[-1] not in codes):
            found.append((match.start(), f"filesystem::{name}", "throws without an error_code"))
    found += [(match.start(), match.group(), "throws without an error_code") for match in MEMBER.finditer(text)]
    for match in JSON.finditer(text):
        arguments = arguments_of(text, match.end() - 1)
        if arguments[1:] != ["nullptr", "false"]:
            found.append((match.start(), "json::parse", "throws on what is no JSON: parse(text, nullptr, false)"))
        elif re.search(r"(?:[Ss]tream|[Ff]ile)$", arguments[0]):
            found.append((match.start(), "json::parse of a stream", "throws where reading fails: read the text first"))
    return sorted(found)


def problems_of(root: pathlib.Path, allowed: dict[tuple[str, str], str]) -> list[str]:
    problems, used = [], set()
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".cpp", ".h", ".cu", ".cuh"):
                continue
            name = path.relative_to(root).as_posix()
            text = path.read_text(encoding="utf-8")
            for offset, call, why in throwing_calls(text):
                if (name, call) in allowed:
                    used.add((name, call))
                else:
                    problems.append(f"{name}:{text.count(chr(10), 0, offset) + 1}: {call} {why}")
    problems += [f"{name}: {call} throws nowhere now: take it from ALLOWED" for name, call in sorted(allowed.keys() - used)]
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    problems = problems_of(parser.parse_args().root.resolve(), ALLOWED)
    print("\n".join(problems) or f"throwing calls: none, {len(ALLOWED)} exceptions")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
