#!/usr/bin/env python3
"""Cuts the built-in evaluation text out of the public-domain books of the demo corpus.

    make_text.py CORPUS > evaluation_text.txt

CORPUS is the unpacked corpus.tar.zst. English and Chinese take turns in pieces of about 6 KB, so that any number of chunks from the beginning
holds both languages and a dozen writers. The same corpus gives the same bytes.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

PIECE_BYTES = 6000
# Written in English by people who died before 1950, published before 1928.
BOOKS = [
    "Jane Austen/Persuasion", "Mark Twain/Life on the Mississippi", "Arthur Conan Doyle/The Hound of the Baskervilles",
    "H.G. Wells/The Time Machine", "Lewis Carroll/Through the Looking-Glass", "Robert Louis Stevenson/Treasure Island",
    "Jack London/The Call of the Wild", "Oscar Wilde/The Picture of Dorian Gray", "Kenneth Grahame/The Wind in the Willows",
    "Frances Hodgson Burnett/The Secret Garden", "Jerome K. Jerome/Three Men in a Boat", "Rudyard Kipling/Kim",
]
CLASSICS = ["hongloumeng", "sanguoyanyi"]


def english_paragraphs(path: Path) -> list[str]:
    """Running text alone: no headings, no marks of Markdown, no links."""
    text = path.read_text("utf-8").split("-------", 1)[-1]
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        line = " ".join(re.sub(r"[*_\\]", "", paragraph).split())
        if len(line) > 40 and not re.search(r"^#|https?:|[\[\]|<>]", line):
            found.append(line)
    return found


def chinese_paragraphs(path: Path) -> list[str]:
    """From the first chapter on: what stands before it is not the book."""
    text = path.read_text("utf-8")
    text = text[re.search(r"^\s*第一回", text, re.M).start():]
    lines = (re.sub(r"[\s　]+", "", line) for line in text.split("\n"))
    return [line for line in lines if len(line) > 20 and not re.match(r"第.{1,5}回", line)]


def passage(paragraphs: list[str], place: float, joint: str) -> str:
    """Whole paragraphs from a place of the book on (0: its beginning, 1: its end), about a piece long."""
    taken: list[str] = []
    size = 0
    for paragraph in paragraphs[int(place * len(paragraphs)):]:
        taken.append(paragraph)
        size += len(paragraph.encode())
        if size >= PIECE_BYTES:
            break
    return joint.join(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    corpus = parser.parse_args().corpus
    english = [english_paragraphs(corpus / "books" / f"{book}.md") for book in BOOKS]
    chinese = [chinese_paragraphs(corpus / "zh" / f"{name}.txt") for name in CLASSICS]
    pieces = []
    for index in range(2 * len(BOOKS)):
        half = index // len(BOOKS)
        pieces.append(passage(english[index % len(BOOKS)], 0.25 + 0.45 * half, "\n\n"))
        pieces.append(passage(chinese[index % len(CLASSICS)], 0.02 + 0.04 * index, "\n"))
    sys.stdout.buffer.write(("\n\n".join(pieces) + "\n").encode())


if __name__ == "__main__":
    main()
