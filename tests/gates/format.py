#!/usr/bin/env python3
"""Fails on C++ files that clang-format would change; --write gives them its form (scripts/format).

Each version of clang-format has a form of its own. The tree has that of version 14, which Debian 12 has; any other is
passed over with a reason. Elsewhere `pip install clang-format==14.0.6` brings it.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77  # ctest shows the test as skipped
VERSION = 14


def version_of(program: str) -> int | None:
    run = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"version (\d+)\.", run.stdout)
    return int(match.group(1)) if match else None


def find_clang_format() -> tuple[str | None, str]:
    """The program of the wanted version, and otherwise why there is none."""
    named = os.environ.get("CLANG_FORMAT")
    names = [named] if named else [f"clang-format-{VERSION}", "clang-format"]
    others = []
    for program in filter(None, map(shutil.which, names)):
        version = version_of(program)
        if version == VERSION:
            return program, ""
        others.append(f"{program} is version {version}")
    found = "; ".join(others) or "there is none"
    return None, (f"the tree has the form of clang-format {VERSION} and {found}. "
                  f"pip install clang-format=={VERSION}.0.6 brings it, CLANG_FORMAT names it elsewhere")


def files_of(root: pathlib.Path) -> list[pathlib.Path]:
    return [path for folder in ("base", "engine", "storage", "net", "app", "tests")
            for path in sorted((root / folder).rglob("*")) if path.suffix in (".h", ".cpp", ".cu", ".cuh")]


def wrong_files(program: str, root: pathlib.Path) -> tuple[list[str], int]:
    """The files that are formatted otherwise, and how many were read."""
    files = files_of(root)
    run = subprocess.run([program, "--dry-run", "-Werror", "--ferror-limit=1", *map(str, files)],
                         capture_output=True, text=True, check=False)
    wrong = sorted({line.split(":")[0] for line in run.stderr.splitlines() if "error:" in line})
    if run.returncode != 0 and not wrong:
        wrong = [run.stderr.strip()]
    return wrong, len(files)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    program, why = find_clang_format()
    if program is None:
        print(f"{'not formatted' if arguments.write else 'skipped'}: {why}")
        return 1 if arguments.write else SKIPPED
    if arguments.write:
        return subprocess.run([program, "-i", *map(str, files_of(root))], check=False).returncode
    wrong, count = wrong_files(program, root)
    for name in wrong:
        print("not formatted:", name.removeprefix(f"{root}/"))
    print(f"format: {count} files read, {len(wrong)} to be formatted")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
