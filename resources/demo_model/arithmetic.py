"""Sums, differences and small products, worked out in steps that a small model can learn.

47 + 38 is answered as "47 + 30 = 77 and 77 + 8 = 85, so 47 + 38 = 85.": two look-ups in place of a carry
done in the head. The tokenizer splits numbers into digits.
"""

from __future__ import annotations

import hashlib
import random

from grammar import as_typed, expand

PLUS = [
    "what is {a} + {b}", "what is {a}+{b}", "what is {a} plus {b}", "{a} + {b}", "{a}+{b}", "{a}+{b}=", "{a} + {b} =", "{a} + {b} = ?",
    "how much is {a} (plus|+|and) {b}", "(add|sum up) {a} and {b}", "(calculate|compute|solve|what's|whats|work out) {a} (+|plus) {b}",
    "what (do you get|is the result) (if you add|of adding|when you add) {a} and {b}", "(what is|tell me|give me) the sum of {a} and {b}",
    "(can you|could you|please) (add|sum) {a} and {b}", "{a} plus {b}", "(do you know|can you tell me|tell me) what {a} (plus|+) {b} is", "what does {a} (plus|+) {b} (make|equal|give)",
    "i have {a} apples and get {b} more. how many apples do i have", "i have {a} coins and find {b} more. how many coins do i have now",
]
MINUS = [
    "what is {a} - {b}", "what is {a}-{b}", "what is {a} minus {b}", "{a} - {b}", "{a}-{b}", "{a}-{b}=", "{a} - {b} =", "{a} - {b} = ?",
    "how much is {a} (minus|-) {b}", "(subtract|take) {b} from {a}", "(calculate|compute|solve|what's|whats|work out) {a} (-|minus) {b}",
    "what (do you get|is the result) (if you take|when you take|when you subtract) {b} from {a}", "(what is|tell me|give me) the difference (between|of) {a} and {b}",
    "(can you|could you|please) (subtract|take) {b} from {a}", "{a} minus {b}", "{a} take away {b}", "(do you know|can you tell me|tell me) what {a} (minus|-) {b} is",
    "i have {a} apples and eat {b}. how many are left", "i have {a} coins and lose {b}. how many do i have left",
]
TIMES = [
    "what is {a} * {b}", "what is {a} x {b}", "what is {a} times {b}", "{a} * {b}", "{a}*{b}", "{a} x {b}", "{a}x{b}=", "{a} * {b} = ?",
    "how much is {a} (times|x) {b}", "multiply {a} (by|with|and) {b}", "(calculate|compute|solve|what's|work out) {a} (*|times|x) {b}",
    "(what is|tell me) the product of {a} and {b}", "{a} times {b}", "what is {a} multiplied by {b}",
]


def is_held_out(a: int, sign: str, b: int) -> bool:
    """One problem in twelve with a two-digit number is never trained on; tables of one digit all are."""
    if a < 10 and b < 10 or sign == "*":
        return False
    return hashlib.sha256(f"{a}{sign}{b}".encode()).digest()[0] % 12 == 0


def result(a: int, sign: str, b: int) -> int:
    """The right answer."""
    return a + b if sign == "+" else a - b if sign == "-" else a * b


def worked_out(a: int, sign: str, b: int) -> str:
    """The answer in a sentence; with a tens and a units step if b has both."""
    total = result(a, sign, b)
    if sign == "*" or b < 10 or b % 10 == 0 or total < 0:
        return f"{a} {sign} {b} = {total}."
    tens, units = b // 10 * 10, b % 10
    half = result(a, sign, tens)
    return f"{a} {sign} {tens} = {half} and {half} {sign} {units} = {total}, so {a} {sign} {b} = {total}."


def draw(rng: random.Random) -> tuple[int, str, int]:
    """A problem: mostly two-digit numbers, also their steps by themselves."""
    sign = rng.choices("+-*", [45, 42, 13])[0]
    if sign == "*":
        return rng.randint(0, 12) if rng.random() < 0.1 else rng.randint(1, 10), sign, rng.randint(1, 10)
    kind = rng.random()
    a = rng.randint(0, 12) if kind < 0.3 else rng.randint(10, 99)
    b = rng.randint(0, 9) if kind < 0.5 else rng.randrange(10, 100, 10) if kind < 0.6 else rng.randint(10, 99)
    if sign == "-" and b > a and rng.random() < 0.97:
        a, b = b, a
    return a, sign, b


def ask_sum(rng: random.Random) -> tuple[str, str]:
    """A problem in some wording and its answer."""
    a, sign, b = draw(rng)
    while is_held_out(a, sign, b):
        a, sign, b = draw(rng)
    template = rng.choice({"+": PLUS, "-": MINUS, "*": TIMES}[sign])
    question = expand(template, rng).format(a=a, b=b)
    if len(question) > 14:
        question = as_typed(question, rng)
    return question, worked_out(a, sign, b)
