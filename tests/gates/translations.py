#!/usr/bin/env python3
"""Fails when a text of the window has no finished translation, or a translation no text.

lupdate reads the sources into an empty file; what it finds and what resources/translations holds must be the same
messages: context, text, comment and plural. sotto_lupdate (a target of the build) adds what is missing. core and cli
speak English only, and the English file holds nothing but plurals.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPTIONS = ["-recursive", "-no-obsolete", "-locations", "none", "-extensions", "cpp,h,qml", "-I", "."]
FILES = {"sotto_zh_CN.ts": ["-target-language", "zh_CN"], "sotto_en.ts": ["-target-language", "en", "-pluralonly"]}

# lupdate reads literals only and passes over everything else in silence.
NOT_A_LITERAL = re.compile(r"\b(?:qsTr|tr)\(\s*(?![\"'\s)])")


def find_lupdate() -> str | None:
    candidates = [os.environ.get("LUPDATE"), "/usr/lib/qt6/bin/lupdate", shutil.which("lupdate6"),
                  shutil.which("lupdate-qt6"), shutil.which("lupdate")]
    return next((path for path in candidates if path and os.access(path, os.X_OK)), None)


def messages(path: pathlib.Path) -> dict[tuple, ElementTree.Element]:
    """(context, text, comment, whether it has plurals) -> the message."""
    found = {}
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            key = (context.findtext("name", ""), message.findtext("source", ""), message.findtext("comment", ""),
                   message.get("numerus") == "yes")
            found[key] = message
    return found


def unfinished(message: ElementTree.Element) -> str | None:
    """Why this is no finished translation; None when it is one."""
    translation = message.find("translation")
    if translation is None:
        return "has no translation"
    if translation.get("type"):
        return f"is {translation.get('type')}"
    texts = [form.text for form in translation.iter("numerusform")] or [translation.text]
    return None if all(text and text.strip() for text in texts) else "is empty"


def compare(name: str, wanted: set[tuple], present: dict[tuple, ElementTree.Element]) -> list[str]:
    def shown(key: tuple) -> str:
        return f"{name}: {key[0]}: \"{key[1]}\"" + (f" ({key[2]})" if key[2] else "") + (" (plural)" if key[3] else "")

    problems = [f"{shown(key)} has no entry" for key in sorted(wanted - present.keys())]
    problems += [f"{shown(key)} is in no source" for key in sorted(present.keys() - wanted)]
    for key, message in present.items():
        if why := unfinished(message):
            problems.append(f"{shown(key)} {why}")
    return problems


def problems_of(root: pathlib.Path, lupdate: str) -> tuple[list[str], int]:
    problems = []
    for path in sorted((root / "app").rglob("*")):
        if path.suffix not in (".cpp", ".h", ".qml"):
            continue
        text = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
        for match in NOT_A_LITERAL.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            problems.append(f"{path.relative_to(root)}:{line}: what is translated here is no literal")
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, options in FILES.items():
            fresh = pathlib.Path(folder) / name
            run = subprocess.run([lupdate, *OPTIONS, "app", *options, "-ts", str(fresh)], cwd=root,
                                 capture_output=True, text=True, check=False)
            problems += [f"lupdate: {line}" for line in run.stderr.splitlines() if line.strip()]
            if run.returncode != 0 or not fresh.exists():
                problems.append(f"lupdate ended with {run.returncode} and wrote no {name}")
                continue
            wanted = set(messages(fresh))
            count += len(wanted)
            problems += compare(name, wanted, messages(root / "resources/translations" / name))
    return problems, count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    root = parser.parse_args().root.resolve()
    lupdate = find_lupdate()
    if lupdate is None:
        print("there is no lupdate of Qt 6 (package qt6-l10n-tools; LUPDATE names it elsewhere)")
        return 1
    problems, count = problems_of(root, lupdate)
    print("\n".join(problems + [f"translations: {count} messages wanted, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
