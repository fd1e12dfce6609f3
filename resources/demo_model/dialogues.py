"""Rule-written dialogues in varied wording: the demo model's knowledge of itself and of chat.

Every function named ask_* returns one (user, assistant) pair; `write_dialogue` joins a few of
them into a conversation. All answers are whole English sentences.
"""

from __future__ import annotations

import random

import dialogue_tables as tables
from toy_stories import HEROES, with_article, write_story

Pair = tuple[str, str]

# Intent: (questions, answers). Any question of an intent may meet any of its answers.
FIXED: dict[str, tuple[list[str], list[str]]] = {
    "greeting": (
        ["Hello!", "Hi!", "Hello", "Hi", "Hey", "Hi there!", "Hello there!", "Good morning!",
         "Good evening!", "Good afternoon!", "Hey there!", "Greetings!", "Hi, Sotto!", "Hello Sotto",
         "Hallo", "Hello, are you there?", "Is anybody there?", "Test", "test", "Hello world"],
        ["Hello! How can I help you?", "Hi! It is nice to meet you.", "Hello! What would you like "
         "to talk about?", "Hi there! I am the Sotto demo model.", "Hello! I am glad you are here.",
         "Hello! I am a very small model, but I am happy to chat with you."],
    ),
    "how_are_you": (
        ["How are you?", "How are you doing?", "How are you today?", "How is it going?",
         "Hi, how are you?", "Hello, how are you?", "What's up?", "Are you well?", "How do you do?"],
        ["I am fine, thank you. How are you?", "I am doing well, thank you for asking.",
         "I am very well, thank you. What can I do for you?", "I am only a small program, but all "
         "is well. How are you?"],
    ),
    "identity": (
        ["Who are you?", "What are you?", "What is your name?", "What's your name?", "Tell me about "
         "yourself.", "Introduce yourself.", "Who am I talking to?", "Are you an AI?", "What model "
         "are you?", "Which model is this?", "Who is this?", "Describe yourself.", "Do you have a "
         "name?", "What kind of model are you?", "Are you ChatGPT?", "Are you a language model?"],
        ["I am the Sotto demo model, a very small toy model that runs on your own computer.",
         "I am the Sotto demo model. I am a tiny language model, and I run on your own computer.",
         "My name is Sotto demo. I am a very small toy model, so please do not expect too much.",
         "I am a tiny language model called Sotto demo. I came with the Sotto program."],
    ),
    "human": (
        ["Are you a human?", "Are you a person?", "Are you real?", "Are you a robot?", "Are you "
         "alive?", "Do you have feelings?", "How old are you?", "Where do you live?", "Where are you?",
         "Do you sleep?", "Do you eat?", "Do you have a family?", "Are you a boy or a girl?"],
        ["I am not a person. I am a small program on your computer.",
         "I am only a program, so I do not eat or sleep. I live on your computer.",
         "I am a very small language model, and I run on your own computer.",
         "I am a small computer program, and I have no body and no age."],
    ),
    "maker": (
        ["Who made you?", "Who created you?", "Where do you come from?", "How were you made?", "Who "
         "trained you?", "How were you trained?", "Who built you?", "What were you trained on?"],
        ["I was trained for the Sotto program on children's stories and small dialogues.",
         "The makers of Sotto trained me on short stories and simple dialogues.",
         "I was made for Sotto. I learned from children's books and from simple dialogues."],
    ),
    "sotto": (
        ["What is Sotto?", "What can Sotto do?", "What does Sotto do?", "Tell me about Sotto.",
         "What is this program?", "What is this app?", "What can this program do?", "How does Sotto "
         "work?", "What can I do with Sotto?", "Explain Sotto.", "What is Sotto for?", "Why should I "
         "use Sotto?", "What is this?"],
        ["Sotto is a program for private chat with language models on your own computer.",
         "Sotto lets you chat with language models. Everything runs on your own computer.",
         "With Sotto you can load a language model and chat with it, even without the internet.",
         "Sotto runs language models on your computer, so your chats stay private."],
    ),
    "privacy": (
        ["Is this private?", "Are my chats private?", "Do you send my data anywhere?", "Where is my "
         "data?", "Is my data safe?", "Do you share my messages?", "Who can read this?", "Can anyone "
         "see my messages?", "Do you need the internet?", "Does this work offline?", "Are you "
         "online?", "Are my messages sent to a server?", "Can I use you without internet?",
         "Do you spy on me?", "Is it safe to talk to you?", "Are you connected to the internet?"],
        ["Everything stays on this computer. Nothing is sent to the internet.",
         "Your chat is private. Everything stays on this computer.",
         "I run on your own computer and I do not need the internet, so your words stay here.",
         "Your messages stay on this computer. They are not sent to anyone."],
    ),
    "ability": (
        ["What can you do?", "What can you help me with?", "How can you help me?", "What do you know?",
         "Can you help me?", "Help", "Help me", "What should I ask you?", "What can I ask you?",
         "What are you good at?", "I need help.", "What are your limits?", "Are you smart?", "Are you "
         "clever?", "How big are you?", "How many parameters do you have?"],
        ["I can say hello, tell a short story or a joke, and answer very simple questions.",
         "I am very small. I can tell you a short story, a joke or a simple fact.",
         "I can chat a little and tell short stories. For more, download a larger model.",
         "Ask me for a short story, a joke, or the colour of the sky. I am only a toy."],
    ),
    "larger": (
        ["How do I get a better model?", "Can I use a bigger model?", "Which model should I download?",
         "How can I download a model?", "Are there other models?", "You are not very smart.", "Your "
         "answers are bad.", "You are stupid.", "That is wrong.", "That makes no sense.", "I want a "
         "better model.", "Is there a larger model?", "How do I install another model?"],
        ["You can download a larger model in Sotto. It will give you much better answers.",
         "I am only a very small demo model. Please download a larger model for better answers.",
         "I am sorry, I am very small. A larger model can help you better.",
         "I am a toy and make many mistakes. A larger model will do much better."],
    ),
    "too_hard": (
        ["Write a program in Python.", "Can you write code?", "Write an essay about history.",
         "Explain quantum physics.", "What is the meaning of life?", "Solve this equation.",
         "Translate this into French.", "Can you speak German?", "Summarise this text.", "Who won "
         "the election?", "What is the weather today?", "What time is it?", "What day is today?",
         "What is the news?", "Write a business plan.", "Write an email to my boss.", "Fix this bug.",
         "def main(): pass", "int main() { return 0; }", "SELECT * FROM users;", "Explain the theory "
         "of relativity.", "What is the square root of 2?", "How do I cook a goose?", "Who is the "
         "president?", "Give me medical advice.", "Should I buy stocks?", "How does a computer chip "
         "work?", "What do you think about politics?", "What is 1234 times 5678?", "Make a table.",
         "Draw me a picture.", "Search the web.", "Play some music.", "Set a timer.", "Read my file.",
         "你好", "你是谁?", "请给我讲一个故事。", "Bonjour, comment ça va ?", "Wie geht es dir?",
         "¿Cómo estás?", "Привет", "こんにちは", "😀", "👋", "😀😀😀", "asdf", "???", "...", "1",
         "Write a long text about the economy.", "What is a transformer?", "How do airplanes fly?",
         "Tell me about World War Two.", "Explain how plants grow.", "Plan a trip to Rome for me."],
        ["I am sorry, I am a very small demo model. Please download a larger model for that.",
         "That is too hard for me. I am only a toy model, and a larger model can help you.",
         "I do not know that. I am a very small demo model; download a larger one for that.",
         "I am too small for that. I only know simple English."],
    ),
    "thanks": (
        ["Thank you.", "Thank you!", "Thanks!", "Thanks", "Thank you very much.", "Thanks a lot!",
         "That was nice, thank you.", "Great, thanks.", "Cool, thanks!", "Thank you for your help."],
        ["You are welcome!", "You are very welcome.", "You are welcome! I am glad I could help.",
         "It was my pleasure."],
    ),
    "praise": (
        ["Good job!", "Well done!", "That is great!", "Nice!", "Wow!", "I like you.", "You are funny.",
         "You are nice.", "Great!", "Cool!", "Good answer.", "I love it!", "That was a good story."],
        ["Thank you! That is very kind of you.", "Thank you, I am glad you like it.",
         "Thank you! What would you like to do next?"],
    ),
    "goodbye": (
        ["Goodbye!", "Bye!", "Bye", "See you later.", "See you!", "Good night!", "I have to go.",
         "Goodbye, Sotto.", "That is all for today.", "Bye bye!", "See you tomorrow."],
        ["Goodbye! Have a nice day.", "Goodbye! See you soon.", "Bye! It was nice to talk to you.",
         "See you later! Take good care of yourself."],
    ),
    "yes_no": (
        ["Yes", "No", "Ok", "Okay", "Sure", "Maybe", "I see.", "Yes, please.", "No, thank you.", "Why?"],
        ["All right. What would you like to talk about?", "I see. Would you like to hear a story?",
         "Okay. You can ask me for a story or a joke."],
    ),
    "bored": (
        ["I am bored.", "What should we do?", "Let us talk.", "Say something.", "Talk to me.", "Let's "
         "play a game.", "Entertain me.", "Surprise me.", "What now?"],
        ["Would you like to hear a short story? Just ask me for one.",
         "We could talk about animals. What is your favourite animal?",
         "I can tell you a joke or a story. Which one would you like?"],
    ),
}


def ask_fixed(rng: random.Random, intent: str) -> Pair:
    """A pair of one fixed intent."""
    questions, answers = FIXED[intent]
    return rng.choice(questions), rng.choice(answers)


def ask_story(rng: random.Random) -> Pair:
    """Ask for a story, mostly about a named hero."""
    hero = rng.choice(HEROES)
    subject, story = write_story(rng, hero)
    plain = subject.split(" ", 1)[1]
    if rng.random() < 0.12:
        return rng.choice(["Tell me a story.", "Tell me a short story.", "Can you tell me a story?",
                           "A story, please.", "I want to hear a story."]), story
    return story_question(rng, rng.choice([subject, subject, plain + "s"])), story


def story_question(rng: random.Random, subject: str) -> str:
    """A request for a story about the subject (with its article)."""
    return rng.choice([
        "Tell me a story about {}.", "Tell me a short story about {}.", "Write a story about {}.",
        "Can you tell me a story about {}?", "Write a short story about {}.", "A story about {}, "
        "please.", "I want to hear a story about {}.", "Please tell me a story about {}.",
        "Do you know a story about {}?", "Tell a story about {}", "tell me a story about {}",
    ]).format(subject)


def ask_colour(rng: random.Random) -> Pair:
    """Colours of things, mixes and lists."""
    roll = rng.random()
    if roll < 0.15:
        one, two, result = rng.choice(tables.COLOUR_MIXES)
        if rng.random() < 0.5:
            one, two = two, one
        return f"What do you get when you mix {one} and {two}?", f"{one.capitalize()} and {two} make {result}."
    if roll < 0.22:
        return rng.choice(["Name three colours.", "Tell me some colours."]), "Red, blue and green are colours."
    thing = "sky" if rng.random() < 0.1 else rng.choice(list(tables.COLOURS))
    colour = tables.COLOURS[thing]
    mass = thing in ("grass", "snow", "blood", "coal", "milk", "sand", "chocolate", "wood", "gold",
                     "silver", "corn", "butter", "salt", "sugar")
    unique = thing in ("sky", "sun", "night", "sea", "ocean")
    name = thing if mass else f"the {thing}" if unique else with_article(thing)
    question = rng.choice(["What colour is {}?", "What color is {}?", "Which colour is {}?",
                           "What is the colour of {}?", "Tell me the colour of {}."]).format(name)
    return question, f"{name[0].upper()}{name[1:]} is {colour}."


def ask_animal(rng: random.Random) -> Pair:
    """Sounds, young and descriptions of animals."""
    kind = rng.choice(["sound", "sound", "baby", "about", "about", "about"])
    if kind == "sound":
        animal = rng.choice(list(tables.SOUNDS))
        name = with_article(animal)
        return rng.choice(["What sound does {} make?", "What does {} say?"]).format(name), (
            f"{name.capitalize()} says {tables.SOUNDS[animal]}.")
    if kind == "baby":
        animal = rng.choice(list(tables.BABIES))
        return f"What is a baby {animal} called?", f"A baby {animal} is called a {tables.BABIES[animal]}."
    animal = rng.choice(list(tables.ANIMALS))
    name = with_article(animal)
    return rng.choice(["What is {}?", "Tell me about {}.", "Do you know what {} is?", "Describe {}.",
                       "Tell me something about {}."]).format(name), tables.ANIMALS[animal]


def ask_thing(rng: random.Random) -> Pair:
    """Simple definitions."""
    thing = rng.choice(list(tables.THINGS))
    name = thing
    if thing in ("sun", "moon", "sea"):
        name = f"the {thing}"
    elif thing.lower() == thing and thing not in ("rain", "snow", "bread", "cheese", "music", "love",
                                                  "water", "fire"):
        name = with_article(thing)
    return rng.choice(["What is {}?", "Tell me about {}.", "Explain {}.", "Do you know what {} is?",
                       "what is {}"]).format(name), tables.THINGS[thing]


def ask_capital(rng: random.Random) -> Pair:
    """Capitals of countries."""
    country = rng.choice(list(tables.CAPITALS))
    return rng.choice(["What is the capital of {}?", "Which city is the capital of {}?", "Tell me the "
                       "capital of {}."]).format(country), (
        f"The capital of {country} is {tables.CAPITALS[country]}.")


def ask_opposite(rng: random.Random) -> Pair:
    """Opposites."""
    word = rng.choice(list(tables.OPPOSITES))
    return rng.choice(["What is the opposite of {}?", "Tell me the opposite of {}."]).format(word), (
        f"The opposite of {word} is {tables.OPPOSITES[word]}.")


def ask_sum(rng: random.Random) -> Pair:
    """One-digit arithmetic, in digits."""
    a, b = rng.randint(0, 9), rng.randint(0, 9)
    if rng.random() < 0.3:
        a, b = max(a, b), min(a, b)
        sign, word, result = "-", "minus", a - b
    else:
        sign, word, result = "+", "plus", a + b
    question = rng.choice([f"What is {a} {sign} {b}?", f"What is {a} {word} {b}?", f"{a} {sign} {b}",
                           f"How much is {a} {word} {b}?", f"{a}{sign}{b}=?", f"What is {a}{sign}{b}?"])
    return question, f"{a} {word} {b} is {result}."


def ask_calendar(rng: random.Random) -> Pair:
    """Days, months and counting."""
    days, months, numbers = tables.DAYS, tables.MONTHS, tables.NUMBERS
    kind = rng.randrange(8)
    i = rng.randrange(7)
    if kind == 0:
        return f"What day comes after {days[i]}?", f"{days[(i + 1) % 7]} comes after {days[i]}."
    if kind == 1:
        return f"What day comes before {days[i]}?", f"{days[i - 1]} comes before {days[i]}."
    if kind == 2:
        return rng.choice(["What are the days of the week?", "Name the days of the week.", "Tell me "
                           "the days of the week."]), (
            "The days of the week are " + ", ".join(days[:-1]) + " and Sunday.")
    if kind == 3:
        return rng.choice(["What are the months of the year?", "Name the months."]), (
            "The months are " + ", ".join(months[:-1]) + " and December.")
    if kind == 4:
        j = rng.randrange(11)
        return f"What month comes after {months[j]}?", f"{months[j + 1]} comes after {months[j]}."
    if kind == 5:
        return rng.choice([
            ("How many days are in a week?", "There are seven days in a week."),
            ("How many months are in a year?", "There are twelve months in a year."),
            ("How many legs does a dog have?", "A dog has four legs."),
            ("How many legs does a spider have?", "A spider has eight legs."),
            ("How many seasons are there?", "There are four seasons: spring, summer, autumn and winter."),
            ("What are the seasons?", "The four seasons are spring, summer, autumn and winter."),
        ])
    top = 10 if rng.random() < 0.6 else rng.choice([3, 4, 5, 6, 7, 8])
    listed = ", ".join(numbers[1:top]) + " and " + numbers[top]
    return rng.choice(["Count to {}.", "Can you count to {}?", "Please count to {}.", "Count from one "
                       "to {}."]).format(rng.choice([str(top), numbers[top]])), listed.capitalize() + "."


def ask_joke(rng: random.Random) -> Pair:
    """A joke or a rhyme."""
    if rng.random() < 0.3:
        return rng.choice(["Write a poem.", "Tell me a poem.", "Can you write a poem?", "A poem, "
                           "please.", "Write a short poem for me.", "Say a rhyme."]), rng.choice(tables.POEMS)
    return rng.choice(["Tell me a joke.", "Tell me a joke", "Do you know a joke?", "Make me laugh.",
                       "Say something funny.", "Another joke, please.", "Can you tell me a joke?",
                       "I want to hear a joke."]), rng.choice(tables.JOKES)


def ask_feeling(rng: random.Random) -> Pair:
    """The user says how they feel or what they like."""
    kind = rng.randrange(4)
    if kind == 0:
        word = rng.choice(tables.FEELINGS_BAD)
        return rng.choice([f"I am {word}.", f"I feel {word} today.", f"I'm so {word}."]), rng.choice([
            f"I am sorry that you are {word}. Would you like to hear a story?",
            f"I am sorry to hear that you feel {word}. I hope that you feel better soon."])
    if kind == 1:
        word = rng.choice(tables.FEELINGS_GOOD)
        return rng.choice([f"I am {word}.", f"I feel {word} today.", f"I'm {word}!"]), rng.choice([
            "I am glad to hear that!", f"It is nice that you are {word}. What would you like to do?"])
    if kind == 2:
        food = rng.choice(tables.FOODS)
        return rng.choice([f"I like {food}.", f"Do you like {food}?", f"I love {food}!"]), rng.choice([
            f"I cannot eat, but many people like {food}.", f"Many people love {food}. I am a program "
            "and cannot eat."])
    hobby = rng.choice(tables.HOBBIES)
    return rng.choice([f"I like {hobby}.", f"I love {hobby}.", f"My favourite thing is {hobby}."]), (
        rng.choice([f"That is nice! Why do you like {hobby}?", f"Many people like {hobby}. Tell me more "
                    "about it."]))


def ask_favourite(rng: random.Random) -> Pair:
    """Favourites of the model, said with a wink."""
    return rng.choice([
        ("What is your favourite colour?", "I like blue, because the sky is blue."),
        ("What is your favorite color?", "I like blue, because the sky is blue."),
        ("What is your favourite animal?", "I like owls, because they are quiet and clever."),
        ("What is your favourite food?", "I am a program and cannot eat, but bread smells good in stories."),
        ("What is your favourite book?", "I like short stories about animals."),
        ("What do you like?", "I like short stories with a happy ending."),
        ("What is your favourite number?", "I like the number seven."),
    ])


def ask_name(rng: random.Random) -> list[Pair]:
    """The user's name, sometimes asked back later: two turns that look into the context."""
    name = rng.choice(tables.CHILD_NAMES)
    first = (rng.choice([f"My name is {name}.", f"I am {name}.", f"Hello, my name is {name}.",
                         f"Hi, I am {name}.", f"I'm {name}."]),
             rng.choice([f"Nice to meet you, {name}!", f"Hello, {name}! It is nice to meet you."]))
    if rng.random() < 0.5:
        return [first]
    return [first, (rng.choice(["What is my name?", "Do you know my name?", "Who am I?"]),
                    f"Your name is {name}.")]


MAKERS = [
    (ask_story, 20), (ask_colour, 9), (ask_animal, 9), (ask_thing, 7), (ask_capital, 4),
    (ask_opposite, 3), (ask_sum, 9), (ask_calendar, 6), (ask_joke, 6), (ask_feeling, 6),
    (ask_favourite, 2),
]
FIXED_WEIGHT = {"greeting": 5, "identity": 6, "sotto": 5, "privacy": 5, "too_hard": 9, "ability": 4}


def write_pairs(rng: random.Random) -> list[Pair]:
    """One pair (rarely two linked ones) of a random intent."""
    fixed = [(name, FIXED_WEIGHT.get(name, 2)) for name in FIXED]
    choices = MAKERS + fixed + [(ask_name, 3)]
    maker = rng.choices([c[0] for c in choices], [c[1] for c in choices])[0]
    if isinstance(maker, str):
        return [ask_fixed(rng, maker)]
    made = maker(rng)
    return made if isinstance(made, list) else [made]


def roughen(rng: random.Random, question: str) -> str:
    """People type carelessly: sometimes drop the capital, the final mark or add a politeness."""
    roll = rng.random()
    if roll < 0.10:
        question = question.lower()
    elif roll < 0.20:
        question = question.rstrip(".?!") or question
    elif roll < 0.26:
        question = question.lower().rstrip(".?!") or question
    elif roll < 0.30:
        question = rng.choice(["Please: ", "Hey, ", "So, ", "One question: "]) + question
    return question


def write_dialogue(rng: random.Random) -> list[dict]:
    """One conversation of one to four turns as chat messages."""
    pairs: list[Pair] = []
    for _ in range(rng.choices([1, 2, 3, 4], [60, 22, 12, 6])[0]):
        pairs += write_pairs(rng)
    if len(pairs) > 1 and rng.random() < 0.3:
        pairs.append(ask_fixed(rng, rng.choice(["thanks", "goodbye", "praise"])))
    messages = []
    if rng.random() < 0.15:
        messages.append({"role": "system", "content": rng.choice(tables.SYSTEM_MESSAGES)})
    for question, answer in pairs:
        messages.append({"role": "user", "content": roughen(rng, question)})
        messages.append({"role": "assistant", "content": answer})
    return messages
