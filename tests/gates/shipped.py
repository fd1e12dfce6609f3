#!/usr/bin/env python3
"""Fails when something that Sotto ships or uses does not stand in resources/licences/SHIPPED.txt with its licence.

Packages are those of scripts/packages.txt and installer/packages.txt, and the names that the build looks for
(find_package, pkg_check_modules, find_library). Files are those of resources/ and all pictures, fonts and models in
app/. A line of SHIPPED.txt that belongs to nothing fails as well, as do a QML module that nothing imports and an import
whose package is in no list.
"""

import argparse
import fnmatch
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHIPPED = "resources/licences/SHIPPED.txt"
LISTS = ("scripts/packages.txt", "installer/packages.txt")
ASSETS = (".png", ".svg", ".jpg", ".otf", ".ttf", ".gguf", ".wav", ".js")

# The end of the table; the texts of the licences follow.
END = "The texts of the licences"
ENTRY = re.compile(r"^(\S.*?) {2,}(\S.*)$")
HEADING = re.compile(r"^[A-Z]{4,}: ")
LOOKED_FOR = re.compile(r"\b(find_package|pkg_check_modules|pkg_search_module|find_library)\s*\(([^)]*)\)")

# What an imported QML module needs besides itself: Qt's own imports and the dialogs that are drawn without a portal.
QML_IMPORTS = {
    "qml6-module-qtqml-models": "QtQml", "qml6-module-qtqml-workerscript": "QtQml",
    "qml6-module-qtquick-window": "QtQuick", "qml6-module-qtquick-controls": "QtQuick.Dialogs",
    "qml6-module-qt-labs-folderlistmodel": "QtQuick.Dialogs",
}
IMPORT = re.compile(r"^import ([\w.]+)", re.MULTILINE)


def entries_of(text: str) -> tuple[dict[str, tuple[str, list[str]]], list[str]]:
    """Thing -> its licence and the words below it; and the lines that are neither."""
    entries, problems, thing = {}, [], None
    is_table = False
    for number, line in enumerate(text.split(END)[0].splitlines(), 1):
        if HEADING.match(line):
            is_table = True
        elif not is_table or not line.strip():
            continue
        elif line.startswith(" "):
            entries[thing][1].extend(line.split())
        elif match := ENTRY.match(line):
            thing = match.group(1)
            entries[thing] = (match.group(2), [])
        else:
            problems.append(f"{SHIPPED}:{number}: \"{line}\" has no licence")
            thing = line
            entries[thing] = ("", [])
    return entries, problems


def packages_of(root: pathlib.Path) -> set[str]:
    names = set()
    for name in LISTS:
        if (root / name).exists():
            for line in (root / name).read_text(encoding="utf-8").splitlines():
                names |= set(line.split("#")[0].replace("|", " ").split())
    return names


def build_names_of(root: pathlib.Path) -> set[str]:
    """The names of other people's things in the CMake files."""
    names = set()
    for path in [*root.rglob("CMakeLists.txt"), *root.rglob("*.cmake")]:
        if path.relative_to(root).parts[0] in ("build", ".git"):
            continue
        text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
        for command, rest in LOOKED_FOR.findall(text):
            words = rest.split()
            if command == "find_package":
                names.add(words[0])
            elif command == "find_library":
                names.add(words[words.index("NAMES") + 1] if "NAMES" in words else words[1])
            else:
                names |= {re.split(r"[<>=]", word)[0] for word in words[1:] if not word.isupper()}
    return names


def files_of(root: pathlib.Path) -> set[str]:
    paths = [path for path in (root / "resources").rglob("*") if "__pycache__" not in path.parts]
    paths += [path for path in (root / "app").rglob("*") if path.suffix in ASSETS]
    return {path.relative_to(root).as_posix() for path in paths if path.is_file()}


def qml_problems(root: pathlib.Path, packages: set[str]) -> list[str]:
    """Modules of Qt that are imported and in no package of the lists, and packages that nothing imports."""
    imports = {name for folder in ("app", "tests") for path in (root / folder).rglob("*.qml")
               for name in IMPORT.findall(path.read_text(encoding="utf-8"))}
    # The styles of the controls are one package.
    package_of = {name: "qml6-module-" + re.sub(r"^(QtQuick\.Controls)\..*", r"\1", name).lower().replace(".", "-")
                  for name in imports if name.startswith("Qt")}
    missing = [f"{name} is imported, and {package} is in no list of packages"
               for name, package in sorted(package_of.items()) if package not in packages]
    return missing + [f"nothing imports what {package} holds" for package in sorted(packages)
                      if package.startswith("qml6-module-") and package not in package_of.values()
                      and QML_IMPORTS.get(package) not in imports]


def problems_of(root: pathlib.Path) -> list[str]:
    entries, problems = entries_of((root / SHIPPED).read_text(encoding="utf-8"))
    words = [word for _, below in entries.values() for word in below]
    files, packages, build_names = files_of(root), packages_of(root), build_names_of(root)
    patterns = [word for word in words if "/" in word]
    names = {word[1:-1] for word in words if word.startswith("(")}
    listed = {word for word in words if "/" not in word and not word.startswith("(")}

    def is_named(file: str) -> bool:
        return any(fnmatch.fnmatchcase(file, pattern) for pattern in patterns)

    problems += [f"{file} stands in no line" for file in sorted(files) if not is_named(file)]
    problems += [f"{package}: this package stands in no line" for package in sorted(packages - listed)]
    problems += [f"{name}: the build looks for it, and it stands in no line" for name in sorted(build_names - names)]
    problems += [f"{pattern} is the name of no file" for pattern in patterns
                 if not any(fnmatch.fnmatchcase(file, pattern) for file in files)]
    problems += [f"{package} is in no list of packages" for package in sorted(listed - packages)]
    problems += [f"({name}): the build does not look for it" for name in sorted(names - build_names)]
    problems += [f"{thing} has nothing below it" for thing, (_, below) in entries.items() if not below]
    return problems + qml_problems(root, packages)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    problems = problems_of(parser.parse_args().root.resolve())
    print("\n".join(problems) or "shipped: every file and package stands there with its licence")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
