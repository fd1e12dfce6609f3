#!/usr/bin/env python3
"""Fails when a Markdown file of the project names a file or folder that is not there."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOP = ("app", "base", "engine", "storage", "net", "tests", "scripts", "resources", "installer", ".ci")

# `base/result.h`, `scripts/run`: a path in backticks that begins in one of the project's folders.
PATH = re.compile(r"`((?:%s)/[\w./+-]*[\w/+-])`" % "|".join(re.escape(name) for name in TOP))
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)(?:#[^)]*)?\)")


def main() -> int:
    missing = []
    documents = [path for path in ROOT.rglob("*.md") if "build" not in path.relative_to(ROOT).parts]
    for document in sorted(documents):
        text = document.read_text(encoding="utf-8")
        name = document.relative_to(ROOT)
        for match in PATH.finditer(text):
            if not (ROOT / match.group(1)).exists():
                missing.append(f"{name}: {match.group(1)}")
        for match in LINK.finditer(text):
            if not (document.parent / match.group(1).strip()).exists():
                missing.append(f"{name}: {match.group(1)}")
    for line in missing:
        print("not there:", line)
    print(f"docs: {len(documents)} documents read, {len(missing)} paths missing")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
