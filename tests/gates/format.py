#!/usr/bin/env python3
"""Fails on C++ files that clang-format would change. scripts/format repairs them."""

import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77  # ctest shows the test as skipped


def main() -> int:
    if shutil.which("clang-format") is None:
        print("skipped: clang-format is not installed")
        return SKIPPED
    files = [
        path
        for folder in ("base", "engine", "storage", "app", "tests")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".h", ".cpp", ".cu", ".cuh")
    ]
    result = subprocess.run(
        ["clang-format", "--dry-run", "-Werror", "--ferror-limit=1", *map(str, files)],
        capture_output=True, text=True, check=False,
    )
    wrong = sorted({line.split(":")[0] for line in result.stderr.splitlines() if "error:" in line})
    for name in wrong:
        print("not formatted:", pathlib.Path(name).relative_to(ROOT))
    print(f"format: {len(files)} files read, {len(wrong)} to be formatted")
    return 1 if result.returncode != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
