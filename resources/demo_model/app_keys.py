"""The app's keyboard shortcuts as questions and answers, in both directions."""

from __future__ import annotations

import random

from grammar import as_typed, expand

# Key, what it does (after "Ctrl+N ..."), ways to name the deed (after "how do I ...").
KEYS: list[tuple[str, str, list[str]]] = [
    ("Ctrl+N", "starts a new chat", ["(start|open|begin|create|make) (a|another) new (chat|conversation)", "start (a|another|a fresh) (chat|conversation)", "start over"]),
    ("Ctrl+Shift+P", "starts a temporary chat that is not saved", ["(start|open|begin) a temporary chat", "(start|open) a chat that is not saved"]),
    ("Ctrl+Shift+N", "makes a new folder", ["(make|create|add|open) a (new|) folder", "(sort|put|keep) (chats|my chats) (in|into) (a folder|folders)", "organise my chats"]),
    ("Ctrl+K", "opens the search for chats and commands", ["open the (command|commands) (menu|search|list|palette)", "(find|search for) (a command|commands)"]),
    ("Ctrl+Shift+F", "searches all chats", ["search (all|through all|in all|through|) (my|the|) (chats|conversations|old chats|messages)", "find an old (chat|message|conversation)"]),
    ("Ctrl+F", "searches in this chat", ["(find|search|look for) (a word|text|something|words) in (this|the|the open|the current) (chat|conversation)", "search (this|the current) chat"]),
    ("Ctrl+L", "opens the choice of models", ["(load|open|choose|change|switch|pick|select) (a|the|another|a different) model"]),
    ("Ctrl+I", "goes to the text field", ["(go|get|jump|move) to the (text field|input|composer|message box|input field)"]),
    ("Ctrl+R", "writes the answer again", ["(regenerate|repeat|redo|rewrite|retry) (an|the|the last|your) (answer|reply)", "(get|have) (another|a new|a different) answer", "let you try again"]),
    ("Alt+Enter", "continues the answer", ["(continue|go on with|extend) (an|the|your|a stopped) answer", "let (you|the model) (go on|keep writing|continue)"]),
    ("Ctrl+Shift+C", "copies the last answer", ["copy (an|the|the last|your|your last) (answer|reply)"]),
    ("Alt+Left", "shows the version before of a message", ["(see|show|go back to|get back) (the|an) (previous|older|earlier|last) version (of an answer|of a message|)"]),
    ("Alt+Right", "shows the next version of a message", ["(see|show|go to) the (next|newer) version (of an answer|of a message|)"]),
    ("Ctrl+B", "shows or hides the chat list", ["(show|hide|open|close|see) the (chat list|list of chats|sidebar|left panel|list on the left)"]),
    ("Ctrl+J", "shows or hides the live panel", ["(show|hide|open|close|see) the (live panel|performance panel|right panel|speed panel|panel on the right)"]),
    ("Ctrl+1", "goes to the chat page", ["(go|get|come|go back) to the chat page"]),
    ("Ctrl+comma", "opens the settings", ["(open|change|see|find|get to) (the|my|) (settings|preferences|options)"]),
    ("Ctrl+Plus", "makes the text larger", ["make the (text|font|letters) (larger|bigger)", "(increase|change) the (text|font) size", "zoom in"]),
    ("Ctrl+Minus", "makes the text smaller", ["make the (text|font|letters) smaller", "(reduce|decrease) the (text|font) size", "zoom out"]),
    ("Ctrl+0", "sets the text size back", ["(reset|restore|set back) the (text size|font size|zoom)"]),
    ("F1", "shows all shortcuts", ["(see|show|find|list|learn|get) (all|the|all the|) (shortcuts|keyboard shortcuts|keys|key bindings|hotkeys)", "(get|find|open|see) (the|) help"]),
    ("F2", "renames a chat", ["(rename|change the name of|give a new name to) (a|this|the|my) (chat|conversation)", "change the title of a chat"]),
    ("Esc", "stops the answer", ["(stop|interrupt|cancel|break off|end|halt) (an|the|your|a long) (answer|reply)", "(stop|interrupt) (you|the model|the writing)", "make you stop"]),
    ("Enter", "sends the message", ["send (a|my|the) (message|question)"]),
    ("Shift+Enter", "starts a new line", ["(start|make|write|insert|add|begin) a new line", "(write|make) a line break", "write (more than one|several) lines"]),
]
HOW = [
    "(how do i|how can i|how to|how do you|how could i|how would i) {deed}", "(which|what) (key|shortcut|keys|key combination|hotkey) (do i press|should i press|must i press|do i use|is used|can i use) to {deed}",
    "(what is|what's|tell me|is there|do you know) (the|a) (shortcut|key|keyboard shortcut|hotkey) to {deed}", "(can i|i want to|i would like to|i need to|i'd like to) {deed}",
    "what (do i|should i|must i) press to {deed}", "(can you|could you|please) tell me how to {deed}", "show me how to {deed}", "with (which|what) (key|keys|shortcut) can i {deed}",
]
WHAT = [
    "(what does|what is|what's|explain|what happens with|tell me about|what can i do with) {key} (do|for|in sotto|)", "what (happens|will happen) (when|if) i press {key}",
    "(what is|what does) (the shortcut|the key|the keys|the hotkey) {key} (for|do|mean)", "{key}",
]


def ask_key(rng: random.Random) -> tuple[str, str]:
    """How to do something, or what a key does."""
    key, effect, deeds = rng.choice(KEYS)
    if rng.random() < 0.3:
        typed = key
        typed = rng.choice([typed, typed, typed.lower(), typed.replace("+", " ").lower(), typed.replace("+", " + ")])
        question = expand(rng.choice(WHAT).replace("{key}", "KEY"), rng)
        return as_typed(question.lower(), rng).replace("key", typed, 1) if question != "KEY" else typed, f"{key} {effect}."
    question = as_typed(expand(rng.choice(HOW).replace("{deed}", rng.choice(deeds)), rng), rng)
    return question, f"Press {key}. It {effect}."


def ask_all_keys(rng: random.Random) -> tuple[str, str]:
    """All shortcuts at once."""
    question = expand("(what are|which are|list|tell me|name|give me|show me) (the|some|all|the most important|useful) (shortcuts|keyboard shortcuts|keys|hotkeys) (of sotto|in sotto|)", rng)
    return as_typed(question, rng), (
        "Press F1 to see all shortcuts. Some of them: Ctrl+N for a new chat, Ctrl+L for a model, Ctrl+K to search, and Esc to stop.")
