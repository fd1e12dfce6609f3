#!/usr/bin/env python3
"""Fails when two sources of one library have the same name in their anonymous namespaces.

A library's sources are compiled in groups, so such names meet or do not by where a group ends: a new file anywhere in the list would break
two that nobody touched. Looked at are the sources that a CMakeLists.txt with a library or a QML module names, but for those whose properties
it sets: they are compiled alone. Functions may have one name for different parameters, and aliases of the same type may be repeated.
"""

import argparse
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARY = re.compile(r"^\s*sotto_(?:library|qml_module)\(", re.M)
ALONE = re.compile(r"set_source_files_properties\((.*?)PROPERTIES", re.S)
SOURCE = re.compile(r"[\w./-]+\.cpp\b")
# A line of the preprocessor, a comment, a raw string, a text, a character: but not the mark within a number.
SKIPPED = re.compile(r'^[ \t]*#[^\n]*|//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'', re.M | re.S)
TYPE = re.compile(r"(?:template\s*<[^>]*>\s*)?(?:struct|class|enum class|enum|union)\s+(\w+)")
ALIAS = re.compile(r"using\s+(\w+)\s*=\s*(.*)", re.S)
FUNCTION = re.compile(r"(\w+)\s*\(((?:[^()]|\([^()]*\))*)\)\s*(?:const|noexcept)?\s*$")
VARIABLE = re.compile(r"(?:inline|constexpr|const|static)\b.*?(\w+)\s*(?:\[[^\]]*\]\s*)*(?:=|$)", re.S)


def sources_of(makefile: pathlib.Path) -> list[pathlib.Path]:
    text = re.sub(r"#[^\n]*", "", makefile.read_text(encoding="utf-8"))
    if LIBRARY.search(text) is None:
        return []
    alone = set(SOURCE.findall(" ".join(ALONE.findall(text))))
    names = [name for name in SOURCE.findall(text) if name not in alone and not name.endswith("_windows.cpp")]
    paths = dict.fromkeys((makefile.parent / name).resolve() for name in names)
    return [path for path in paths if path.is_file()]


def statements_of(text: str) -> list[str]:
    """What stands on the own level of each anonymous namespace, without the bodies of functions and types."""
    statements = []
    for opening in re.finditer(r"\bnamespace\s*\{", text):
        depth, current = 1, ""
        for char in text[opening.end():]:
            depth += {"{": 1, "}": -1}.get(char, 0)
            if depth == 0:
                break
            if depth == 1 and char in ";}":
                statements.append(" ".join(current.split()))
                current = ""
            elif depth == 1 or (depth == 2 and char == "{"):
                current += char if char != "{" else " "
    return statements


def names_of(path: pathlib.Path) -> dict[str, str]:
    """Each name, of a function with its parameters' types, and what may be repeated: the type of an alias, else nothing."""
    names = {}
    text = SKIPPED.sub(lambda found: " " if found[0].lstrip()[0] in "#/" else '""', path.read_text(encoding="utf-8"))
    for statement in statements_of(text):
        if found := TYPE.match(statement):
            names[found[1]] = ""
        elif found := ALIAS.match(statement):
            names[found[1]] = found[2]
        elif statement.startswith("using "):
            continue
        elif (found := FUNCTION.search(statement)) and "=" not in statement[:found.start()]:
            types = re.sub(r"\b\w+\s*(?:=[^,]*)?(?=,|$)", "", found[2])
            names[f"{found[1]}({' '.join(types.split())})"] = ""
        elif found := VARIABLE.match(statement):
            names[found[1]] = ""
    return names


def problems_of(root: pathlib.Path) -> list[str]:
    problems = []
    for makefile in sorted(root.glob("**/CMakeLists.txt")):
        if makefile.relative_to(root).parts[0] in ("build", "tests"):
            continue
        places = collections.defaultdict(list)
        for source in sources_of(makefile):
            for name, alias in names_of(source).items():
                places[name].append((source.relative_to(root.resolve()), alias))
        for name, found in sorted(places.items()):
            aliases = {alias for _, alias in found}
            if len(found) > 1 and (len(aliases) > 1 or "" in aliases):
                problems.append(f"{name} stands in the anonymous namespaces of {', '.join(str(place) for place, _ in found)}: "
                                f"these are compiled together, give each a name of its own")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    problems = problems_of(parser.parse_args().root.resolve())
    print("\n".join(problems) or "names in groups of sources: each stands once")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
