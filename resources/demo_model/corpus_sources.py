"""Reads the parts of the corpus that the demo model uses, as clean texts and conversations."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path

from toy_stories import HEROES, story_question, with_article

BOOKS = """Aesop's Fables|Great Big Treasury of Beatrix Potter|Grimms' Fairy Tales|
Andersen's Fairy Tales|The Wonderful Wizard of Oz|The Marvelous Land of Oz|Ozma of Oz|
Alice's Adventures in Wonderland|Through the Looking-Glass|Peter Pan|The Wind in the Willows|
The Railway Children|Five Children and It|The Book of Dragons|The Secret Garden|A Little Princess|
The Adventures of Pinocchio|The Story of Doctor Dolittle|Heidi|The Jungle Book|Black Beauty|
The Happy Prince & Other Tales|The Princess and the Goblin|The Little Mermaid""".replace("\n", "").split("|")

SUBJECTS = set(HEROES) | set(
    "ball doll toy hat cake cookie garden park beach flower tree bike truck kitchen rainbow rain snow "
    "moon sun castle box book song map key stone shell swing cave forest farm zoo lake pond ant "
    "spider crab shark dolphin dinosaur unicorn bunny puppy kitten pumpkin apple soup nurse baby".split()
)

SENTENCE_START = re.compile(r'(^|[.!?]["”]?\s+["“]?|\n["“]?|(?:\s|^)["“])([a-z])')
TYPOGRAPHY = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "—": "-", "–": "-", "…": "...", "\u00a0": " "})


def tidy(text: str) -> str:
    """Plain quotes and dashes, no doubled blanks: fewer tokens for a small vocabulary."""
    text = text.translate(TYPOGRAPHY).replace("\r", "")
    text = re.sub(r"[ \t]+", " ", text)
    return re.sub(r" ?\n ?", "\n", re.sub(r"\n{2,}", "\n", text)).strip()


def read_jsonl(path: Path) -> list[dict]:
    """All rows of a JSON-lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def learn_names(stories: list[str]) -> set[str]:
    """Words nearly always capitalised inside sentences of the cased stories."""
    upper, lower = Counter(), Counter()
    for story in stories:
        for word in re.findall(r"(?<=[a-z,] )([A-Za-z][a-z]+)\b", story):
            (upper if word[0].isupper() else lower)[word.lower()] += 1
    return {w for w, n in upper.items() if n >= 3 and n > 4 * lower[w]}


def restore_case(story: str, names: set[str]) -> str:
    """Give a lower-cased story its capitals back: sentence starts, 'I' and names."""
    own = set(re.findall(r"\b(?:named|called) ([a-z]+)", story)) - SUBJECTS - {"the", "a", "an", "his", "her"}
    story = re.sub(r"[a-z]+", lambda m: m[0].capitalize() if m[0] in names or m[0] in own else m[0], story)
    story = re.sub(r"\bi\b", "I", story)
    return SENTENCE_START.sub(lambda m: m[1] + m[2].upper(), story)


def tiny_stories(corpus: Path) -> list[str]:
    """Short stories: the cased excerpt, and those only present in the lower-cased one."""
    cased = [tidy(s) for s in (corpus / "stories/train-head-2MB.txt").read_text("utf-8").split("<|endoftext|>")]
    cased = [s for s in cased[:-1] if s]  # the last one is cut off by the excerpt's end
    names = learn_names(cased)
    known = {re.sub(r"\W+", "", s.lower())[:80] for s in cased}
    raw = (corpus / "stories/lowercase-4MB.txt").read_text("utf-8", errors="ignore")
    # Paragraphs of one story are separated by a blank line, stories by a single newline.
    lowered = [tidy(s.replace("\0", "\n")) for s in raw.replace("\n\n", "\0").split("\n")][:-1]
    fresh = [s for s in lowered if s and re.sub(r"\W+", "", s)[:80] not in known]
    stories = cased + [restore_case(s, names) for s in fresh]
    return [s for s in stories if 200 < len(s) < 2400 and s[-1] in '.!?"' and s.isascii()]


def picture_book_rows(corpus: Path) -> dict[str, list[dict]]:
    """The openly licensed picture books of either collection, texts tidied."""
    collections = {"African Storybook": "african_storybook_en", "Pratham StoryWeaver": "pratham_storyweaver_en"}
    chosen = {}
    for collection, name in collections.items():
        rows = [{**row, "text": tidy(row["text"])} for row in read_jsonl(corpus / f"stories/{name}.jsonl")]
        chosen[collection] = [r for r in rows if r["license"] == "CC-BY" and len(r["text"]) > 150]
    return chosen


def picture_books(corpus: Path) -> list[tuple[str, str]]:
    """(title, text) of the picture books."""
    return [(tidy(r["title"]), r["text"]) for rows in picture_book_rows(corpus).values() for r in rows]


def picture_book_credits(corpus: Path) -> str:
    """Titles and authors of the picture books as Markdown: their licence asks for attribution."""
    lines = ["# Picture books in the demo model's training text", "",
             "All under Creative Commons Attribution (CC BY). The texts were used to train the model;",
             "typographic quotes and dashes were replaced by plain ones."]
    for collection, rows in picture_book_rows(corpus).items():
        lines += ["", f"## {collection}", ""]
        lines += sorted({f"- {' '.join(r['title'].split())} - {' '.join(r['author'].split()) or 'author not named'}"
                         for r in rows})
    return "\n".join(lines) + "\n"


def children_books(corpus: Path) -> list[str]:
    """Passages of about 1500 characters of public-domain children's books."""
    passages = []
    for path in sorted((corpus / "books").rglob("*.md")):
        if path.stem not in BOOKS:
            continue
        text = re.sub(r"[*_#>\[\]]|\(http\S+\)", "", path.read_text("utf-8", errors="ignore"))
        part: list[str] = []
        for paragraph in text.split("\n\n"):
            part.append(tidy(paragraph.replace("\n", " ")))
            if sum(map(len, part)) > 1500:
                passages.append("\n".join(p for p in part if p))
                part = []
    return passages


def is_sentence(turn: str) -> bool:
    """A plain, complete English sentence or two."""
    return bool(re.match(r"[A-Z]", turn)) and turn[-1:] in ".!?" and turn.isascii() and 3 <= len(turn.split()) <= 30


def as_messages(turns: list[str]) -> list[dict]:
    """Alternate user and assistant over an even number of turns."""
    return [{"role": ("user", "assistant")[i % 2], "content": t} for i, t in enumerate(turns)]


def self_dialogues(corpus: Path, rng: random.Random) -> list[list[dict]]:
    """Two or four consecutive well-formed turns of each suitable self-dialogue."""
    chats = []
    for row in read_jsonl(corpus / "dialogue/self_dialogue.jsonl"):
        turns = [tidy(t) for t in row["turns"]]
        length = rng.choice((2, 4))
        starts = [i for i in range(len(turns) - length + 1) if all(map(is_sentence, turns[i : i + length]))]
        if starts:
            start = rng.choice(starts)
            chats.append(as_messages(turns[start : start + length]))
    return chats


def story_subject(story: str, rng: random.Random) -> str | None:
    """What the story is about, in its own words: 'a dog', 'Lily' or None."""
    found = re.search(r"\b(?:an?|the)(?: \w+)?? (\w+) (?:named|called) ([A-Z]\w+)", story[:250])
    if found:
        noun, name = found.groups()
        return rng.choice([with_article(noun), with_article(noun), name, f"{with_article(noun)} named {name}"])
    counts = Counter(w for w in re.findall(r"[a-z]+", story) if w in SUBJECTS)
    if counts and counts.most_common(1)[0][1] >= 3:
        return with_article(counts.most_common(1)[0][0])
    return None


def story_chats(stories: list[str], titled: list[tuple[str, str]], rng: random.Random) -> list[list[dict]]:
    """Requests for a story, answered by a whole short story of the corpus."""
    chats = []
    for story in stories:
        if len(story) > 1300:
            continue
        subject = story_subject(story, rng)
        chats.append(as_messages([story_question(rng, subject), story]))
    for title, text in titled:
        if len(text) < 1200:
            chats.append(as_messages([f'Tell me the story "{title}".', text]))
    return chats
