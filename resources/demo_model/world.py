"""Everyday facts: questions about the tables of world_tables.py, in varied wording."""

from __future__ import annotations

import random

import world_tables as tables
from grammar import as_typed, expand
from toy_stories import with_article

Pair = tuple[str, str]
MASS = set("grass snow blood coal milk sand chocolate wood gold silver corn butter salt sugar".split())
UNIQUE = set("sky sun night sea ocean".split())
# Things whose name takes no article of its own in "What is ...?".
BARE = set("rain snow bread cheese music love water fire".split())


def ask(rng: random.Random, template: str, **slots: str) -> str:
    """A typed question from a template with {slots}."""
    return as_typed(expand(template, rng).format(**slots), rng)


def ask_colour(rng: random.Random) -> Pair:
    """Colours of things, mixes and lists."""
    roll = rng.random()
    if roll < 0.22:
        one, two, made = rng.choice(tables.COLOUR_MIXES)
        if rng.random() < 0.5:
            one, two = two, one
        template = ("(what do you get when you|what happens if i|what do i get if i|what colour do i get if i|which colour comes out when i) mix {one} "
                    "(and|with) {two}") if rng.random() < 0.5 else (
                    "(what|which) (colour|color) (do|does|will|would) {one} and {two} (make|give|become|make together)")
        return ask(rng, template, one=one, two=two), f"{one.capitalize()} and {two} make {made}."
    if roll < 0.27:
        return ask(rng, "(name|tell me|say|give me|list) (three|some|a few) (colours|colors)"), "Red, blue and green are colours."
    thing = "sky" if rng.random() < 0.08 else rng.choice(list(tables.COLOURS))
    name = thing if thing in MASS else f"the {thing}" if thing in UNIQUE else with_article(thing)
    template = ("(what|which) (colour|color) (is|has|does) {x} (have|)" if rng.random() < 0.3 else
                "(what colour is|what color is|which colour is|what is the colour of|tell me the colour of|do you know the colour of|say the color of) {x}")
    return ask(rng, template, x=name), f"{name[0].upper()}{name[1:]} is {tables.COLOURS[thing]}."


def ask_animal(rng: random.Random) -> Pair:
    """Sounds, young, food, legs and descriptions of animals."""
    kind = rng.choice(["sound", "sound", "baby", "about", "about", "about", "food", "legs"])
    if kind == "sound":
        animal = rng.choice(list(tables.SOUNDS))
        name = with_article(animal)
        template = "(what sound does {x} make|what does {x} say|how does {x} (sound|go)|what noise does {x} make|which sound does {x} make|make the sound of {x}|what is the sound of {x})"
        return ask(rng, template, x=name), f"{name.capitalize()} says {tables.SOUNDS[animal]}."
    if kind == "baby":
        animal = rng.choice(list(tables.BABIES))
        template = "(what is a baby {x} called|what do you call a baby {x}|what is the name of a baby {x}|what is a young {x} called|how is a baby {x} called)"
        return ask(rng, template, x=animal), f"A baby {animal} is called a {tables.BABIES[animal]}."
    if kind == "food":
        animal = rng.choice(list(tables.FOOD_OF))
        template = rng.choice(["what does {x} eat", "what do {y} eat", "what do {y} like to eat", "tell me what {y} eat", "what is the food of {x}"])
        plural = animal if animal == "sheep" else animal + "s"
        return ask(rng, template, x=with_article(animal), y=plural), tables.FOOD_OF[animal]
    if kind == "legs":
        animal = rng.choice(list(tables.LEGS))
        name = with_article(animal)
        template = "(how many legs (does {x} have|has {x})|how many legs are there on {x}|tell me how many legs {x} has)"
        return ask(rng, template, x=name), f"{name.capitalize()} has {tables.LEGS[animal]} legs."
    animal = rng.choice(list(tables.ANIMALS))
    template = ("(what is|what's|tell me about|do you know what|describe|tell me something about|explain|what do you know about|can you describe|"
                "can you tell me about|i want to know about|give me a fact about) {x}")
    return ask(rng, template, x=with_article(animal)), tables.ANIMALS[animal]


def ask_thing(rng: random.Random) -> Pair:
    """Simple definitions."""
    thing = rng.choice([t for t in tables.THINGS if t != "language model"])
    name = f"the {thing}" if thing in ("sun", "moon", "sea") else thing if thing in BARE or thing != thing.lower() else with_article(thing)
    if thing in ("the Earth", "Earth"):
        name = "the earth"
    template = ("(what is|what's|tell me about|do you know what|describe|tell me something about|explain|what do you know about|can you explain|"
                "can you tell me what|can you tell me about|give me a definition of) {x}")
    return ask(rng, template, x=name), tables.THINGS[thing]


def ask_capital(rng: random.Random) -> Pair:
    """Capitals of countries."""
    country = rng.choice(list(tables.CAPITALS))
    question = expand("(what is the capital of|what's the capital of|which city is the capital of|tell me the capital of|name the capital of|do you know the capital of|capital of|what is the capital city of) ", rng)
    typed = as_typed(question + " XX", rng).replace("xx", "XX").replace("XX", country if rng.random() < 0.85 else country.lower())
    return typed, f"The capital of {country} is {tables.CAPITALS[country]}."


def ask_opposite(rng: random.Random) -> Pair:
    """Opposites, in both directions where that is right."""
    word = rng.choice(list(tables.OPPOSITES))
    template = "(what is|what's|tell me|do you know|name|give me|say) the opposite of {x}"
    return ask(rng, template, x=word), f"The opposite of {word} is {tables.OPPOSITES[word]}."


def ask_reason(rng: random.Random) -> Pair:
    """Whys, hows, wheres and numbers of things."""
    if rng.random() < 0.35:
        what = rng.choice(list(tables.COUNTS))
        template = "(how many {x} are there|how many {x}|tell me how many {x} there are|what is the number of {x}|do you know how many {x} there are)"
        return ask(rng, template, x=what), tables.COUNTS[what]
    question = rng.choice(list(tables.WHY))
    opening = rng.choice(["", "", "", "", "can you tell me: ", "do you know: ", "tell me, ", "i wonder, ", "please tell me, "])
    return as_typed(opening + question, rng), tables.WHY[question]


def ask_calendar(rng: random.Random) -> Pair:
    """Days, months and counting."""
    days, months, numbers = tables.DAYS, tables.MONTHS, tables.NUMBERS
    kind = rng.randrange(7)
    i = rng.randrange(7)
    day = days[i] if rng.random() < 0.8 else days[i].lower()
    if kind == 0:
        template = "(what day comes after|which day comes after|what day follows|which day follows|what is the day after|what comes after) {x}"
        return ask(rng, template, x="XX").replace("xx", "XX").replace("XX", day), f"{days[(i + 1) % 7]} comes after {days[i]}."
    if kind == 1:
        template = "(what day comes before|which day comes before|what is the day before|what comes before) {x}"
        return ask(rng, template, x="XX").replace("xx", "XX").replace("XX", day), f"{days[i - 1]} comes before {days[i]}."
    if kind == 2:
        return ask(rng, "(what are|name|tell me|list|say|can you name|do you know) (the|all the|) days of the week"), (
            "The days of the week are " + ", ".join(days[:-1]) + " and Sunday.")
    if kind == 3:
        return ask(rng, "(what are|name|tell me|list|say|can you name) (the|all the|) months (of the year|)"), (
            "The months are " + ", ".join(months[:-1]) + " and December.")
    if kind == 4:
        j = rng.randrange(11)
        template = "(what month comes after|which month comes after|what month follows|what is the month after) {x}"
        return ask(rng, template, x="XX").replace("xx", "XX").replace("XX", months[j]), f"{months[j + 1]} comes after {months[j]}."
    if kind == 5:
        return ask(rng, "(what are|name|tell me|list|say) (the|the four|all) seasons (of the year|)"), (
            "The four seasons are spring, summer, autumn and winter.")
    top = 10 if rng.random() < 0.6 else rng.choice([3, 4, 5, 6, 7, 8, 12, 15, 20])
    listed = ", ".join(numbers[1:top]) + " and " + numbers[top]
    template = "(count to|can you count to|please count to|count from one to|count up to|could you count to) {x}"
    return ask(rng, template, x=rng.choice([str(top), numbers[top]])), listed.capitalize() + "."


def ask_joke(rng: random.Random) -> Pair:
    """A joke or a rhyme."""
    if rng.random() < 0.3:
        return ask(rng, "(write|tell me|can you write|say|make up|i want to hear|can you tell me|please write|give me) (a poem|a short poem|a rhyme|a little poem|a verse)"), (
            rng.choice(tables.POEMS))
    return ask(rng, "(tell me|do you know|can you tell me|i want to hear|please tell me|say|give me|tell) (a joke|a funny joke|a short joke|another joke|something funny)") if rng.random() < 0.85 else (
        rng.choice(["Make me laugh.", "make me laugh", "Joke", "A joke, please.", "Another joke, please.", "I need a laugh."])), rng.choice(tables.JOKES)
