#!/usr/bin/env python3
"""Fails where QML decides: a switch, a test against a list of literals, lists that are filtered, sorted, joined or mapped,
strings that are taken apart, and functions of more than 17 lines. Such things are roles and values of C++, with tests.

EXEMPT names what draws by its nature out of plain values, each with the reason.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

MOST_LINES = 17

DECISIONS = {
    "a switch": re.compile(r"\bswitch\s*\("),
    "a test against a list of literals": re.compile(r"\]\.(includes|indexOf)\("),
    "work on a list or a string": re.compile(r"\.(filter|sort|reduce|join|map|replace|split)\("),
}
FUNCTION = re.compile(r"^(\s*)function (\w+)\(.*\{$")

# (file below app/ui, decision): why it may stand there.
EXEMPT = {
    ("Chat/MessageBlock.qml", "a switch"): "the file that draws a kind of block",
    ("Components/SegmentedControl.qml", "work on a list or a string"): "finds its own segment by value",
    ("Components/StatRow.qml", "work on a list or a string"): "says its figures in a row",
    ("Components/StackBar.qml", "work on a list or a string"): "adds up what it draws",
}


def problems_of(root: pathlib.Path, exempt: dict = EXEMPT) -> list[str]:
    problems, used = [], set()
    folder = root / "app/ui"
    for path in sorted(folder.rglob("*.qml")):
        name = path.relative_to(folder).as_posix()
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            code = re.sub(r'"(\\.|[^"\\])*"|//.*', '""', line)
            for what, pattern in DECISIONS.items():
                if not pattern.search(code):
                    continue
                if (name, what) in exempt:
                    used.add((name, what))
                else:
                    problems.append(f"{name}:{number}: {what}; let C++ give a role or a value")
            if head := FUNCTION.match(line):
                end = next((at for at in range(number, len(lines)) if lines[at].startswith(head[1] + "}")), len(lines))
                if (length := end - number + 2) > MOST_LINES:
                    problems.append(f"{name}:{number}: {head[2]} has {length} lines, at most {MOST_LINES}")
    return problems + [f"{name}: nothing is left of {what}; take it from EXEMPT" for name, what in exempt if (name, what) not in used]


def main() -> int:
    problems = problems_of(ROOT)
    print("\n".join(problems + [f"qml decisions: {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
