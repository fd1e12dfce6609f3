#!/usr/bin/env python3
"""Formats the QML of the application with qmlformat; --check only names the files that would change.

Each version of qmlformat has a form of its own; the tree has that of 6.4, and any other is passed over with a reason.
6.4 drops the value of `pragma ComponentBehavior: Bound`, so it is put back here. Run it through this script and not
directly.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SKIPPED = 77  # ctest shows the test as skipped
VERSION = "6.4"
BROKEN, WHOLE = "pragma ComponentBehavior\n", "pragma ComponentBehavior: Bound\n"


def find_qmlformat():
    """The program of the wanted version, and otherwise why there is none."""
    candidates = [os.environ.get("QMLFORMAT"), "/usr/lib/qt6/bin/qmlformat", shutil.which("qmlformat")]
    program = next((path for path in candidates if path and os.access(path, os.X_OK)), None)
    if program is None:
        return None, "there is no qmlformat (package qt6-declarative-dev-tools; QMLFORMAT names it elsewhere)"
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[-1]
    if version.split(".")[:2] != VERSION.split("."):
        return None, f"the tree has the form of qmlformat {VERSION}, and {program} is {version}"
    return program, ""


def formatted(program, path):
    text = subprocess.run([program, str(path)], check=True, capture_output=True, text=True).stdout
    return text.replace("pragma ComponentBehavior: \n", BROKEN).replace(BROKEN, WHOLE)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("files", nargs="*", type=pathlib.Path, help="default: all below app/ui")
    arguments = parser.parse_args()
    program, why = find_qmlformat()
    if program is None:
        print(f"skipped: {why}")
        return SKIPPED
    changed = []
    for path in arguments.files or sorted((ROOT / "app/ui").rglob("*.qml")):
        text = formatted(program, path)
        if text != path.read_text():
            changed.append(path)
            if not arguments.check:
                path.write_text(text)
    for path in changed:
        print(f"{'not formatted' if arguments.check else 'formatted'}: {path}")
    return 1 if arguments.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
