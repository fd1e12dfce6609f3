#!/usr/bin/env python3
"""Object files that are compiled for processors with wide registers hold nothing that others use.

usage: wide_symbols.py NM OBJECT...

An inline function that two objects hold is linked from one of them, for all: from one of these it
would end the program on an older processor. So each of their weak symbols is of a type or a
namespace that is there for this instruction set alone.
"""

import re
import subprocess
import sys

OWN = re.compile(r"\bVecAvx\w*|\bsotto::avx2::")


def problems_of(path, listed):
    """Of what `nm -C` lists of the object file."""
    weak = re.findall(r"^[0-9a-f]+ [WVu] (.*)$", listed, re.M)
    return [f"{path}: others may be linked with {name}" for name in weak if not OWN.search(name)]


def main(nm, *objects):
    problems = []
    for path in objects:
        listed = subprocess.run([nm, "-C", "--defined-only", path], check=True, capture_output=True, text=True).stdout
        problems += problems_of(path, listed)
    print("\n".join(problems) or f"{len(objects)} object files hold nothing that others use")
    return 1 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: wide_symbols.py NM OBJECT...")
    # CMake hands over lists.
    sys.exit(main(sys.argv[1], *(path for given in sys.argv[2:] for path in given.split(";"))))
