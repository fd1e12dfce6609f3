"""A tiny grammar for paraphrases: "(how|where) can i (open|start) a chat" gives four sentences.

Groups nest; an empty alternative makes a part optional. Questions are written in lower case and without
a final mark; `as_typed` gives them the looks of what people type.
"""

from __future__ import annotations

import random
import re

INNERMOST = re.compile(r"\(([^()]*)\)")
NAMES = re.compile(
    r"\b(i|i'm|i'd|i'll|i've|sotto|gguf|english|french|german|chinese|spanish|python|java|javascript|c\+\+|ctrl|alt|"
    r"shift|f1|f2|enter|esc|gpu|cpu|ram|ai|internet explorer|chatgpt|openai|nvidia|linux|windows|sql|html)\b"
)
SPELLING = {
    "i": "I", "i'm": "I'm", "i'd": "I'd", "i'll": "I'll", "i've": "I've", "gguf": "GGUF", "gpu": "GPU", "cpu": "CPU",
    "ram": "RAM", "ai": "AI", "chatgpt": "ChatGPT", "openai": "OpenAI", "javascript": "JavaScript", "nvidia": "NVIDIA",
    "sql": "SQL", "html": "HTML",
}
ASKING = re.compile(
    r"^(who|what|whats|what's|where|when|why|how|which|is|are|am|do|does|did|can|could|will|would|should|have|has|whose|"
    r"may|shall)\b"
)


OPENINGS = [
    "please, ", "hey, ", "so, ", "ok, ", "one question: ", "hi, ", "well, ", "tell me, ", "hello, ", "and ", "i am new here, ",
    "could you tell me, ", "please tell me, ", "i wonder, ", "now, ", "i have a question, ", "sotto, ", "excuse me, ",
]
CLOSINGS = [", please", " please", " then", " exactly", " for me", ", sotto", " now", " at all", ", do you know", ", ok"]


def expand(template: str, rng: random.Random) -> str:
    """One sentence of the template, every alternative equally likely."""
    while "(" in template:
        template = INNERMOST.sub(lambda m: rng.choice(m[1].split("|")), template)
    return re.sub(r" +([,.?!])", r"\1", re.sub(r" +", " ", template)).strip()


def written(sentence: str) -> str:
    """Capitals for the beginning, 'I' and names."""
    sentence = NAMES.sub(lambda m: SPELLING.get(m[0], m[0].capitalize()), sentence)
    return sentence[:1].upper() + sentence[1:]


def mistype(sentence: str, rng: random.Random) -> str:
    """One small slip in a longer word: two letters swapped, one dropped or one doubled."""
    words = sentence.split(" ")
    long_ones = [i for i, w in enumerate(words) if len(w) > 4 and w.isalpha()]
    if not long_ones:
        return sentence
    i = rng.choice(long_ones)
    at = rng.randrange(1, len(words[i]) - 1)
    w = words[i]
    words[i] = rng.choice([
        w[:at] + w[at + 1] + w[at] + w[at + 2 :], w[:at] + w[at + 1 :], w[:at] + w[at] + w[at:],
    ])
    return " ".join(words)


def as_typed(sentence: str, rng: random.Random) -> str:
    """A sentence as people type it: mostly proper, often without capitals or marks, rarely mistyped."""
    roll = rng.random()
    if rng.random() < 0.05:
        sentence = mistype(sentence, rng)
    if rng.random() < 0.12:
        sentence = rng.choice(OPENINGS) + sentence
    if rng.random() < 0.08 and sentence[-1:] not in ".!?":
        sentence += rng.choice(CLOSINGS)
    mark = "?" if ASKING.match(sentence) else rng.choice([".", ".", "!", ""])
    if sentence[-1:] in ".!?":
        mark = ""
    if roll < 0.16:
        return sentence
    if roll < 0.28:
        return sentence + mark
    if roll < 0.38:
        return written(sentence)
    return written(sentence) + mark
