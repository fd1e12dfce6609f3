"""Tiny template stories about a chosen subject, so that the model learns to keep to one.

The corpus has only a few thousand real short stories; these add every subject in equal
number and a reliable ending. Placeholders: {a} hero, {n} its name, {f} friend, {g} friend's
name, {p} place, {o} object, {q} a quality.
"""

from __future__ import annotations

import random

HEROES = (
    "dog cat bird fish frog rabbit bear fox mouse duck horse cow pig lion tiger elephant monkey owl "
    "bee turtle squirrel hedgehog dragon robot princess king queen boy girl knight pirate farmer "
    "star cloud tree flower train boat car teddy bear snowman kite penguin whale butterfly wizard "
    "kitten puppy giraffe snake wolf sheep goat hen witch ghost giant fairy teacher crab dinosaur bunny "
    "parrot camel baker sailor hamster pony unicorn spider ant seal swan donkey dolphin shark"
).replace("teddy bear", "teddy_bear").split()
NAMES = (
    "Max Lily Tim Bella Sam Mia Ben Pip Daisy Leo Coco Rosie Oscar Ruby Toby Luna Finn Poppy Milo "
    "Nina Charlie Molly Rex Sunny Buddy Pearl"
).split()
PLACES = [
    "in a green forest", "on a small farm", "by a blue lake", "in a little town",
    "near the big sea", "on a high hill", "in a pretty garden", "in a quiet village",
    "by a wide river", "in an old house",
]
OBJECTS = [
    "red ball", "shiny stone", "golden key", "big apple", "little bell", "blue hat", "old map",
    "warm blanket", "toy boat", "round cookie", "yellow flower", "silver coin",
]
QUALITIES = ["kind", "brave", "curious", "happy", "clever", "gentle", "cheerful", "shy"]

BEGINNINGS = [
    "Once upon a time, there was a {q} {a} named {n}. {n} lived {p}.",
    "There was once a {q} little {a}. The name of the {a} was {n}, and {n} lived {p}.",
    "Once there was a {a} called {n}, who lived {p}. Everyone said that {n} was very {q}.",
    "{n} was a {q} {a}. {n} lived {p} and loved to play outside.",
    "Once upon a time, a {q} {a} lived {p}. The {a} was called {n}.",
    "This is the story of {n}, a {q} {a} who lived {p}.",
    "Long ago, there was a {a} named {n}. {n} lived {p} and was always {q}.",
]
MIDDLES = [
    "One day, {n} found a {o}. \"Who lost this?\" said {n}. {n} asked everyone, and at last a {f} "
    "named {g} said, \"It is mine!\" {n} gave the {o} back, and {g} was very glad.",
    "One morning, {n} met a {f} named {g}, who was crying. \"I lost my {o},\" said {g}. \"I will "
    "help you,\" said {n}. They looked and looked, and they found the {o} under a tree.",
    "One day, it began to rain. {n} saw a {f} named {g} who was cold and wet. \"Come in to my "
    "home,\" said {n}. They sat by the fire and shared some warm soup.",
    "One night, {n} could not sleep. There was a strange noise outside. {n} went to look, and it "
    "was only a {f} named {g} playing with a {o}. They both laughed.",
    "One sunny day, {n} wanted to see the world. {n} walked and walked until it was dark. Then {n} "
    "did not know the way home. A {f} named {g} showed {n} the way.",
    "One day, {n} wanted to bake a cake. \"May I help you?\" asked a {f} named {g}. Together they mixed flour, milk and "
    "honey. The cake was sweet and warm, and they ate it all.",
    "One winter day, snow fell on everything. {n} and a {f} named {g} made a big snowman and gave it a {o}. They played "
    "until the stars came out.",
    "One afternoon, {n} saw a {o} high up in a tree. {n} tried and tried, but could not reach it. Then a {f} named {g} "
    "said, \"Stand on my back!\" Together they got the {o} down.",
    "One day, {n} was very sad and did not know why. A {f} named {g} sat down and listened. After a while {n} began to "
    "smile, and {g} gave {n} a {o}.",
    "Every day, {n} looked at the far hills. \"What is behind them?\" asked {n}. One morning, {n} and a {f} named {g} walked "
    "there and found a lake full of light.",
    "One day, there was a race. A {f} named {g} was very fast, and {n} was slow. But {g} stopped to sleep, and {n} went on "
    "step by step and won a {o}.",
    "One day, {n} found a door behind a stone. Behind the door a {f} named {g} was sitting on a {o}. \"You found me!\" said "
    "{g}, and they both laughed.",
    "{n} had a {o} and loved it very much. One day, a {f} named {g} asked, \"May I play with it, "
    "too?\" At first {n} did not want to share. Then {n} said, \"Yes, let us play together!\"",
]
ENDINGS = [
    "From that day on, {n} and {g} were best friends.",
    "They lived happily ever after.",
    "{n} went home with a smile and slept very well. The end.",
    "After that, {n} and {g} played together every day.",
    "{n} learned that it is good to help others.",
    "And so {n} was never lonely again. The end.",
    "That was the best day of all.",
    "At night, {n} dreamed of it and smiled. The end.",
    "\"Thank you, my friend,\" said {n}, and {g} was happy.",
]


def write_story(rng: random.Random, hero: str | None = None) -> tuple[str, str]:
    """Return (subject with its article, story) for a given or a random hero."""
    hero = (hero or rng.choice(HEROES)).replace("_", " ")
    name, friend_name = rng.sample(NAMES, 2)
    friend = rng.choice([h for h in HEROES[:24] if h != hero])
    slots = {
        "a": hero, "n": name, "f": friend, "g": friend_name, "p": rng.choice(PLACES),
        "o": rng.choice(OBJECTS), "q": rng.choice(QUALITIES),
    }
    parts = [rng.choice(BEGINNINGS), rng.choice(MIDDLES), rng.choice(ENDINGS)]
    text = "\n".join(parts) if rng.random() < 0.4 else " ".join(parts)
    return with_article(hero), fix_articles(text.format(**slots))


def with_article(noun: str) -> str:
    """'a dog', 'an owl'."""
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def fix_articles(text: str) -> str:
    """Correct 'a' before the vowel-initial words that the templates can produce."""
    for word in ("owl", "elephant", "old map", "ant", "unicorn"):
        text = text.replace(f" a {word}", f" an {word}")
    return text


STORY_VERBS = [
    "Tell me {}.", "Tell me {}", "tell me {}", "Write {}.", "write {}", "Can you tell me {}?", "Could you tell me {}?",
    "Please tell me {}.", "I want to hear {}.", "I would like to hear {}.", "I'd like {}, please.", "Do you know {}?",
    "Make up {}.", "{}, please.", "Can you write {}?", "Please write {}.", "Give me {}.", "can you tell me {}",
    "Would you tell me {}?", "Let me hear {}.", "Tell us {}.", "How about {}?", "Say {}.",
]
STORY_NOUNS = [
    "a story", "a story", "a short story", "a short story", "a little story", "a tale", "a nice story", "a bedtime story",
    "a small story", "a simple story", "a fairy tale", "a children's story",
]


def story_question(rng: random.Random, subject: str | None) -> str:
    """A request for a story about the subject (with its article), or about anything."""
    noun = rng.choice(STORY_NOUNS)
    if subject:
        noun += rng.choice([" about ", " about ", " about ", " about ", " with ", " of "]) + subject
    question = rng.choice(STORY_VERBS).format(noun)
    return question if rng.random() < 0.15 else question[0].upper() + question[1:]
