"""Rule-written conversations: pairs of small_talk, app_facts, arithmetic, world, refusals and stories, joined."""

from __future__ import annotations

import json
import random
import re

import arithmetic
import refusals
import small_talk
import world
from app_facts import ABOUT, MODELS, PRIVACY
from app_keys import ask_all_keys, ask_key
from eval_prompts import read_prompts
from toy_stories import HEROES, story_question, write_story

Pair = tuple[str, str]
SYSTEM_MESSAGES = [
    "You are a helpful assistant.", "You are a friendly assistant.", "Answer in short sentences.", "Be brief and kind.",
    "You are Sotto, a private assistant on this computer.", "You are a helpful assistant. Answer in simple English.",
]
APP = {**ABOUT, **PRIVACY, **MODELS}
SHORT_TALK = ("thanks", "goodbye", "praise")


def ask_story(rng: random.Random) -> Pair:
    """Ask for a story, mostly about a named hero."""
    subject, story = write_story(rng, rng.choice(HEROES))
    if rng.random() < 0.12:
        return story_question(rng, None), story
    plain = subject.split(" ", 1)[1]
    return story_question(rng, rng.choice([subject, subject, subject, plain + "s", "my " + plain, "the " + plain])), story


def ask_app(rng: random.Random) -> Pair:
    """A question on the app, more often what it is and whether it is private."""
    weights = [3 if n in ("sotto", "private") else 2 if n in ("load", "larger", "offline") else 1 for n in APP]
    return small_talk.ask_fixed(rng, APP, rng.choices(list(APP), weights)[0])


def ask_small_talk(rng: random.Random) -> Pair:
    """Manners and the model's identity, the first things that people try more often."""
    weights = [3 if n in ("greeting", "identity", "ability", "how_are_you", "size") else 1 for n in small_talk.SMALL_TALK]
    return small_talk.ask_fixed(rng, small_talk.SMALL_TALK, rng.choices(list(small_talk.SMALL_TALK), weights)[0])


# Weights by conversation turns; a story is long, so its share of the tokens is several times larger.
MAKERS = [
    (ask_small_talk, 20), (small_talk.ask_feeling, 3), (small_talk.ask_name, 4), (small_talk.ask_name_unknown, 0.6),
    (ask_app, 28), (ask_key, 12), (ask_all_keys, 0.5), (arithmetic.ask_sum, 30), (ask_story, 5),
    (world.ask_colour, 3), (world.ask_animal, 5), (world.ask_thing, 3), (world.ask_capital, 2), (world.ask_opposite, 2),
    (world.ask_reason, 6), (world.ask_calendar, 4), (world.ask_joke, 2), (refusals.ask_too_hard, 6), (refusals.ask_unreadable, 3),
]


def write_pairs(rng: random.Random) -> list[Pair]:
    """One pair (rarely two linked ones) of a random kind."""
    made = rng.choices([m[0] for m in MAKERS], [m[1] for m in MAKERS])[0](rng)
    return made if isinstance(made, list) else [made]


def write_dialogue(rng: random.Random, turns: int) -> list[dict]:
    """One conversation of about so many turns as chat messages."""
    pairs: list[Pair] = []
    for _ in range(turns):
        pairs += write_pairs(rng)
    if len(pairs) > 1 and rng.random() < 0.25:
        pairs.append(small_talk.ask_fixed(rng, small_talk.SMALL_TALK, rng.choice(SHORT_TALK)))
    messages = []
    if rng.random() < 0.12:
        messages.append({"role": "system", "content": rng.choice(SYSTEM_MESSAGES)})
    for question, answer in pairs:
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": answer})
    return messages


def write_sums(rng: random.Random, turns: int) -> list[dict]:
    """A conversation of nothing but problems to work out, two to a turn of other conversations."""
    messages = []
    for _ in range(2 * turns):
        question, answer = arithmetic.ask_sum(rng)
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return messages


def plain(text: str) -> str:
    """What makes two prompts the same: letters, digits and signs of arithmetic, without case (or whatever there is)."""
    return re.sub(r"[^\w+*/=-]+", " ", text.lower()).strip() or text.strip()


def held_out_prompts() -> set[str]:
    """The scored turn of every prompt of the evaluation, in the form of `plain`."""
    return {plain(prompt.turns[-1]) for prompt in read_prompts()}


def short(rng: random.Random) -> int:
    """Turns of an ordinary conversation."""
    return rng.choices([1, 2, 3, 4], [50, 26, 15, 9])[0]


def long(rng: random.Random) -> int:
    """Turns of a conversation that fills the context."""
    return rng.randint(8, 22)


def write_dialogues(rng: random.Random, count: int, turns=short, write=write_dialogue) -> list[list[dict]]:
    """`count` different conversations made by `write`, none of which holds a prompt of the evaluation."""
    held = held_out_prompts()
    made: dict[str, list[dict]] = {}
    while len(made) < count:
        messages = write(rng, turns(rng))
        if not any(m["role"] == "user" and plain(m["content"]) in held for m in messages):
            made.setdefault(json.dumps(messages), messages)
    return list(made.values())
