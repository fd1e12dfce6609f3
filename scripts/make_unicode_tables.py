#!/usr/bin/env python3
"""Writes engine/token/jinja/unicode_tables.cpp from the Unicode database of the Python that runs it.

Python itself is asked about every character, so that the template language's texts behave as its.

    python3 scripts/make_unicode_tables.py > engine/token/jinja/unicode_tables.cpp
"""

import unicodedata

CHARACTERS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
MAPPINGS = {"kUpper": str.upper, "kLower": str.lower, "kTitle": str.title, "kFold": str.casefold}

# The bits of Property in unicode.h, in its order.
def is_cased(c):
    return (c + "a").title()[-1] == "a"


def is_case_ignorable(c):
    return ("\u0391\u03a3" + c).lower()[1] == "\u03c2" and ("\u0391\u03a3" + c + "\u0391").lower()[1] == "\u03c3"


PROPERTIES = [
    str.isalpha, str.isdecimal, str.isdigit, str.isnumeric, lambda c: not c.isprintable(),
    str.isupper, str.islower, lambda c: unicodedata.category(c) == "Lt", is_cased,
    is_case_ignorable, lambda c: c != "_" and c.isidentifier(), lambda c: ("a" + c).isidentifier(),
]


def rows(values, per_line):
    for start in range(0, len(values), per_line):
        print("    " + " ".join(values[start:start + per_line]))


def property_ranges():
    ranges = []
    for code in range(0x110000):
        is_surrogate = 0xD800 <= code <= 0xDFFF
        flags = 1 << 4 if is_surrogate else sum(
            1 << bit for bit, test in enumerate(PROPERTIES) if test(chr(code)))
        if ranges and ranges[-1][2] == flags and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        elif flags:
            ranges.append([code, code, flags])
    return ranges


def case_ranges(function):
    """[first, last, stride, delta]: characters that become one other each."""
    ranges = []
    for code in CHARACTERS:
        mapped = function(chr(code))
        if len(mapped) != 1 or mapped == chr(code):
            continue
        delta = ord(mapped) - code
        if ranges and ranges[-1][3] == delta:
            first, last, stride, _ = ranges[-1]
            step = code - last
            if step <= 2 and (first == last or step == stride):
                ranges[-1][1:3] = [code, step]
                continue
        ranges.append([code, code, 1, delta])
    return ranges


def main():
    print(f"// What unicode.h knows of characters: the Unicode database {unicodedata.unidata_version}, as Python answers it.\n"
          "// Written by scripts/make_unicode_tables.py.\n"
          '#include "engine/token/jinja/unicode_tables.h"\n\n'
          "namespace sotto::jinja {\n\n// clang-format off\nnamespace {\n")
    print("constexpr PropertyRange kProperties[] = {")
    rows([f"{{0x{a:x}, 0x{b:x}, 0x{f:x}}}," for a, b, f in property_ranges()], 9)
    print("};\n")
    for name, function in MAPPINGS.items():
        print(f"constexpr CaseRange {name}[] = {{")
        rows([f"{{0x{a:x}, 0x{b:x}, {s}, {d}}}," for a, b, s, d in case_ranges(function)], 8)
        print("};\n")
        long = [(c, function(chr(c))) for c in CHARACTERS if len(function(chr(c))) > 1]
        print(f"constexpr LongCase {name}Long[] = {{")
        rows([f"{{0x{c:x}, {{{', '.join(f'0x{ord(x):x}' for x in text)}}}}}," for c, text in long], 8)
        print("};\n")
    print("}  // namespace\n// clang-format on\n")
    print("UnicodeTables unicodeTables() {\n    return {kProperties,\n"
          "            {{{kUpper, kUpperLong}, {kLower, kLowerLong}, {kTitle, kTitleLong}, {kFold, kFoldLong}}}};\n}\n")
    print("}  // namespace sotto::jinja")


if __name__ == "__main__":
    main()
