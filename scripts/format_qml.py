#!/usr/bin/env python3
"""Formats the QML of the application with qmlformat; --check only names the files that would change.

qmlformat 6.4 drops the value of `pragma ComponentBehavior: Bound`, so it is put back here. Run it through
this script and not directly.
"""
import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
QMLFORMAT = "/usr/lib/qt6/bin/qmlformat"
BROKEN, WHOLE = "pragma ComponentBehavior\n", "pragma ComponentBehavior: Bound\n"


def formatted(path):
    text = subprocess.run([QMLFORMAT, str(path)], check=True, capture_output=True, text=True).stdout
    return text.replace("pragma ComponentBehavior: \n", BROKEN).replace(BROKEN, WHOLE)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    files = arguments.files or sorted((ROOT / "app/ui").rglob("*.qml"))
    changed = []
    for path in files:
        text = formatted(path)
        if text != path.read_text():
            changed.append(path)
            if not arguments.check:
                path.write_text(text)
    for path in changed:
        print(f"{'not formatted' if arguments.check else 'formatted'}: {path}")
    return 1 if arguments.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
