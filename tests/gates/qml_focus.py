#!/usr/bin/env python3
"""Fails where a component that is no focus scope is given `focus`, though something inside it asks for it too: both then
want the same one focus of the scope around them, and which one has it in the end is chance.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

OPENED = re.compile(r"(?:[\w.]+: )?([A-Z]\w*) \{$")
FOCUS = re.compile(r"focus: ")
# What is one focus for all that stands in it.
SCOPES = ("FocusScope", "T.", "Loader")


def owners(lines: list[str]):
    """(line number, type) of every `focus:`, the type None outside of an object."""
    stack = []
    for number, line in enumerate(lines, 1):
        code = line.strip()
        if code.endswith("{"):
            opened = OPENED.match(code)
            stack.append(opened[1] if opened else None)
        elif code.startswith("}"):
            stack = stack[:-1]
        elif FOCUS.match(code):
            yield number, stack[-1] if stack else None, len(stack)


def problems_of(root: pathlib.Path) -> list[str]:
    files = {path.stem: path.read_text(encoding="utf-8").splitlines() for path in sorted((root / "app/ui").rglob("*.qml"))}
    paths = {path.stem: path.relative_to(root).as_posix() for path in (root / "app/ui").rglob("*.qml")}
    base = {name: next((m[1] for line in lines if (m := re.match(r"([A-Z][\w.]*) \{$", line))), "") for name, lines in files.items()}

    def is_scope(name: str) -> bool:
        while name in base:
            name = base[name]
        return name.startswith(SCOPES)

    problems = []
    for name, lines in files.items():
        for number, kind, _ in owners(lines):
            inner = kind in files and any(depth > 1 for _, _, depth in owners(files[kind]))
            if inner and not is_scope(kind):
                problems.append(f"{paths[name]}:{number}: {kind} gets the focus that something inside it asks for; make it a FocusScope")
    return problems


def main() -> int:
    problems = problems_of(ROOT)
    print("\n".join(problems + [f"qml focus: {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
