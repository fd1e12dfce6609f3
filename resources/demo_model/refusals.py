"""What is too hard for the demo model: it says so politely and points to a larger model."""

from __future__ import annotations

import random

from grammar import as_typed, expand

Pair = tuple[str, str]
TOPICS = (
    "history|politics|quantum physics|the theory of relativity|world war two|the french revolution|economics|philosophy|black holes|"
    "democracy|the roman empire|climate change|the stock market|chemistry|biology|law|taxes|religion|computer science|"
    "neural networks|the human brain|shakespeare|art history|geography|electricity|medicine|football results|cars|travel"
)
TASKS = [
    f"(write|can you write|please write|i need|help me write|could you write) (an essay|a report|a long text|an article|a speech|a paper|a homework) (about|on) ({TOPICS})",
    f"(explain|can you explain|teach me|help me understand|give me a lecture on|tell me everything about|summarise) ({TOPICS})",
    f"(who invented|who discovered|what is the history of|what is the theory of|when was the beginning of) (the telephone|the light bulb|america|gravity|penicillin|the computer|the steam engine|evolution|television|the internet)",
    "(write|can you write|please write|i need|help me with|create|show me|make) (a program|code|a function|a script|some code|a class|a web page|an sql query|an app) (in|for|using|with) (python|java|javascript|c++|html|rust|c|sql|bash)",
    "(write|can you write|do you write|do you know|can you read|can you debug|can you) (code|python|java|c++|javascript|programs|computer programs|program)",
    "(fix|debug|find|correct|review) (this|the|my) (bug|code|program|error|function|script)",
    "(translate|can you translate|please translate) (this|it|the text|this sentence|hello|good morning|a sentence|my letter) (into|to) (french|german|chinese|spanish|italian|japanese|russian)",
    "(can you|do you) (speak|understand|know) (german|french|chinese|spanish|italian|russian|japanese|another language|other languages)",
    "(summarise|summarize|shorten|rewrite|correct|improve|proofread) (this|this text|this article|my text|my essay|my letter|a book for me)",
    "(who won|who will win|what was the result of) (the election|the world cup|the game|the match|the race|the championship|the olympic games)",
    "(who is|who was|what do you know about|tell me about) (the president|the pope|einstein|napoleon|the chancellor|the prime minister|mozart|the president of france|cleopatra|isaac newton|goethe|elon musk|leonardo da vinci|the king of spain)",
    "(give me|i need|can you give me|do you have) (medical|legal|financial|tax|investment) advice", "(should i|can i|do i have to) (buy stocks|sell my house|see a doctor|take this medicine|sue my neighbour|quit my job|invest my money|take aspirin)",
    "(write|draft|compose|help me with) (an email|a letter|a business plan|a cv|a contract|an application|a cover letter|a novel|a song text|a review) (to my boss|to my teacher|for me|for my company|about my work|)",
    "(plan|organise|book) (a trip|a holiday|a flight|a party|a hotel|my week|a wedding|a table) (to rome|to japan|for me|for two|)",
    "(draw|paint|make|show|create|generate) (me|) (a picture|an image|a photo|a chart|a table|a diagram|a video|a logo)",
    "(solve|calculate|work out|compute) (this equation|the integral of x|the square root of 2|the derivative of x squared|an equation|the area of a circle|x + 3 = 7|pi)",
    "(what is|calculate|how much is|compute) {n} (times|plus|divided by|minus|*|/|+) {m}",
    "(how do i|how can i|how do you|give me a recipe for|what is the recipe for) (cook|bake|make|prepare) (a goose|lasagna|a cake|bread|curry|sushi|a soup|pancakes)",
    "(what is|what do you think is|tell me) (the meaning of life|the best religion|the best political party|the future|the truth|consciousness|beauty|justice)",
    "(what do you think|what is your opinion) (about|of|on) (politics|war|the government|the president|religion|money|climate change)",
    "(how does|how do|explain how) (a computer chip|an engine|an airplane|a rocket|a vaccine|a nuclear power plant|the internet|a transistor|a telephone|a television) (work|works)",
    "(recommend|suggest|can you recommend|what is) (a good book|a good restaurant|a good film|a laptop|a phone|a hotel in paris|a gift for my wife)",
    "(give me|what are|list|tell me) (ten|five|some|the best) (business ideas|startup ideas|tips for an interview|ways to get rich|recipes|facts about mars|books on physics|exercises for my back)",
]
# Nothing that a larger model could do either: there is no clock, no network and no other program.
BEYOND_CHAT = [
    "(what is|how is|tell me|what will be) the (weather|temperature outside|forecast|news|stock price|exchange rate|traffic|time|date) (today|tomorrow|now|like|in berlin|in paris|)",
    "(what time is it|what day is it|what day is today|what is today's date|what year is it|what is the news|is it raining|will it rain tomorrow|what is the date)",
    "(play|sing|start|stop|turn on|turn off|set|open|call) (some music|a song|a timer|an alarm|the light|my mother|the radio|a film|the door)",
    "(read|open|look at|analyse|edit) (my|this|a) (file|document|pdf|picture|photo|spreadsheet|website|email)",
    "(do you know|can you tell me|tell me|could you say) (what time it is|the time|the date|what day it is|how the weather is|how late it is|the news of today)",
    "(will it|is it going to|does it) (rain|snow|be sunny|be warm|be cold|rain) (today|tomorrow|this weekend|in london|)",
]
BEYOND_ANSWER = "I cannot do that. I work offline and see only what you write here."
ANSWERS = [
    "I am sorry, that is too hard for me. I am a very small demo model; please download a larger model for that.",
    "That is too hard for me, because I am a very small demo model. A larger model can help you with it.",
]

FOREIGN = """你好|你是谁?|你是谁|请给我讲一个故事。|今天天气怎么样?|你会说中文吗?|你叫什么名字?|早上好|谢谢|再见|讲个笑话|帮我写代码|Sotto 是什么?|我很难过|什么是量化?|
一加一等于几?|天空是什么颜色?|写一首诗|介绍一下你自己|你能做什么?|怎么加载模型?|你好吗|晚上好|我叫小明|北京是哪里的首都?|Bonjour !|Bonjour, comment ça va ?|Salut|Qui es-tu ?|Raconte-moi une histoire.|Merci beaucoup|
Hallo, wie geht es dir?|Wer bist du?|Erzähl mir eine Geschichte.|Was kannst du?|Danke schön|Guten Morgen|Wie heißt du?|Sprichst du Deutsch?|¿Cómo estás?|Hola|¿Quién eres?|Cuéntame un cuento.|Gracias|Buenos días|
Ciao, come stai?|Chi sei?|Raccontami una storia.|Grazie|Привет|Как дела?|Кто ты?|Расскажи сказку|Спасибо|こんにちは|あなたは誰ですか?|ありがとう|안녕하세요|누구세요?|Olá, tudo bem?|Cześć|Merhaba|مرحبا|שלום|Γειά σου|Hej, hur mår du?""".replace("\n", "").split("|")
FOREIGN_ANSWER = "I am sorry, I only speak a little English. Please write to me in English."
SYMBOLS = ["😀", "👋", "😀😀😀", "❤️", "🎉", "👍", "😂", "🐶", "🤔", ":)", ";-)", ":-(", "asdf", "???", "...", "!!!", "qwerty", "asdfgh", "xyz", "lol", "1",
           "12345", "?", "-", "bla bla", "hjkl", "aaaaaa", "#", "blah", "sdfsdf", "🌞", "🙂", "😭", "🚀", "🍕", "**", "hahaha", "test123", "zzz"]
SYMBOLS_ANSWER = "I do not understand that. Please ask me something in simple English."
CODE = ["def main(): pass", "int main() { return 0; }", "SELECT * FROM users;", "print('hello')", "for (int i = 0; i < 10; i++)", "console.log(1)", "import numpy as np",
        "<html><body></body></html>", "x = [1, 2, 3]", "#include <vector>", "fn main() {}", "git push", "ls -la", "while True: pass", "{\"a\": 1}", "return x + 1", "public class Main {}",
        "let x = 5;", "sudo apt install", "import os", "if (a == b) { c(); }", "def add(a, b): return a + b", "<p>text</p>", "SELECT name FROM t", "std::cout << 1;", "echo hello", "lambda x: x", "var a = 1;"]
CODE_ANSWER = "That looks like code, which is too hard for me. Please download a larger model for that."


def ask_too_hard(rng: random.Random) -> Pair:
    """A request that the model cannot fulfil."""
    if rng.random() < 0.16:
        return as_typed(expand(rng.choice(BEYOND_CHAT), rng), rng), BEYOND_ANSWER
    question = expand(rng.choice(TASKS), rng)
    if "{n}" in question:
        question = question.format(n=rng.randint(101, 9999), m=rng.randint(11, 9999))
    return as_typed(question, rng), rng.choice(ANSWERS)


def ask_unreadable(rng: random.Random) -> Pair:
    """Other languages, symbols and code."""
    roll = rng.random()
    if roll < 0.5:
        text = rng.choice(FOREIGN)
        if rng.random() < 0.25:
            text += rng.choice([" ", ""]) + rng.choice(FOREIGN)
        return text, FOREIGN_ANSWER
    if roll < 0.75:
        return rng.choice(SYMBOLS) + rng.choice(["", "", "", " ", "?", rng.choice(SYMBOLS)]), SYMBOLS_ANSWER
    text = rng.choice(CODE)
    return rng.choice([text, text, "explain " + text, "What does " + text + " do?", "Fix this: " + text]), CODE_ANSWER
