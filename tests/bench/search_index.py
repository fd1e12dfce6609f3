#!/usr/bin/env python3
"""What the full-text index of the chats costs and gives: FTS5's trigrams with detail=full, column and none.

    python3 tests/bench/search_index.py [MIB] > table

Writes a database with MIB (60) of messages for each kind of index, with the tables and triggers of storage/schema as far as
search needs them, and prints a table: size, what a message costs to store, and what searches cost. Times are of the processor
(other programs do not count); the text is made of words with the frequencies of real text (Zipf's law), the same on every machine.
"""
import os
import random
import resource
import sqlite3
import sys
import tempfile

MESSAGE_CHARACTERS = 1500  # a question and its answer have about this many on average
SEARCH_LIMIT = 50          # the hits that the window asks for


def own_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Words:
    """Words drawn by Zipf's law, all of them from the same seed."""

    def __init__(self, words, joiner, seed):
        self.words = words
        self.joiner = joiner
        self.random = random.Random(seed)
        total = 0.0
        self.cumulative = []
        for rank in range(len(words)):
            total += 1 / (rank + 2.7)
            self.cumulative.append(total)

    def text(self, n_characters):
        n_words = n_characters // (sum(map(len, self.words[:400])) // 400 + len(self.joiner)) + 1
        drawn = self.random.choices(self.words, cum_weights=self.cumulative, k=n_words)
        return self.joiner.join(drawn)[:n_characters]


def latin_words(n):
    """Syllables as English has them, the frequent words short."""
    rng = random.Random(1)
    onsets = "b c d f g h l m n p r s t v w st tr pr ch th sh br cl".split()
    vowels = "a e i o u ea ou io".split()
    codas = ["", "", "n", "r", "s", "t", "ng", "ll", "nd", "st", "ck"]
    words, seen = [], set()
    while len(words) < n:
        n_syllables = 1 if len(words) < 300 else 2 if len(words) < n // 3 else 3
        word = "".join(rng.choice(onsets) + rng.choice(vowels) + rng.choice(codas) for _ in range(n_syllables))
        if word not in seen:
            seen.add(word)
            words.append(word)
    return words


def chinese_words(n):
    """One to four characters out of 3,500, the frequent words short."""
    rng = random.Random(2)
    characters = [chr(0x4E00 + index * 5) for index in range(3500)]
    weights = [1 / (rank + 10) for rank in range(len(characters))]
    words, seen = [], set()
    while len(words) < n:
        length = 1 if len(words) < 150 else 2 if len(words) < n * 4 // 5 else rng.choice([3, 4])
        word = "".join(rng.choices(characters, weights, k=length))
        if word not in seen:
            seen.add(word)
            words.append(word)
    return words


def messages(n_bytes):
    latin = Words(latin_words(30000), " ", 3)
    chinese = Words(chinese_words(20000), "", 4)
    written = 0
    number = 0
    while written < n_bytes:
        number += 1
        text = chinese.text(MESSAGE_CHARACTERS // 3) if number % 3 == 0 else latin.text(MESSAGE_CHARACTERS)
        if number % 500 == 0:
            text += " xylofon" if number % 1000 else " 鸑鷟麒麟凤"
        written += len(text.encode())
        yield text


def make(path, detail, n_bytes):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(f"""
        PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
        CREATE TABLE messages (id INTEGER PRIMARY KEY, content TEXT NOT NULL) STRICT;
    """)
    if detail:
        connection.executescript(f"""
            CREATE VIRTUAL TABLE message_search USING fts5 (content, content='messages', content_rowid='id',
                                                            tokenize='trigram', detail={detail});
            CREATE TRIGGER insert_search AFTER INSERT ON messages BEGIN
                INSERT INTO message_search (rowid, content) VALUES (new.id, new.content);
            END;
        """)
    written = 0
    before = own_seconds()
    count = 0
    for count, text in enumerate(messages(n_bytes), 1):
        written += len(text.encode())
        # One commit each, as a message is stored.
        connection.execute("INSERT INTO messages (id, content) VALUES (?, ?)", (count, text))
    seconds = own_seconds() - before
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return connection, count, written, seconds


def trigrams(needle):
    return " AND ".join('"' + needle[at:at + 3].replace('"', '""') + '"' for at in range(len(needle) - 2))


def find(connection, detail, needle):
    """(hits, seconds): the newest hits as the window shows them, by the cheapest right way of this index."""
    like = "%" + needle + "%"
    if detail is None or len(needle) < 3:
        sql = "SELECT id FROM messages WHERE content LIKE ? ORDER BY id DESC LIMIT ?"
        values = (like, SEARCH_LIMIT)
    elif detail == "full":
        sql = ("SELECT rowid, snippet(message_search, 0, '[', ']', '…', 60) FROM message_search WHERE message_search MATCH ?"
               " ORDER BY {} LIMIT ?").format(ORDER)
        values = ('"' + needle + '"', SEARCH_LIMIT)
    else:
        # Trigrams of the needle may stand apart: LIKE looks at the candidates.
        sql = ("SELECT m.id, m.content FROM message_search CROSS JOIN messages m ON m.id = message_search.rowid"
               " WHERE message_search MATCH ? AND m.content LIKE ? ORDER BY message_search.rowid DESC LIMIT ?")
        values = (trigrams(needle), like, SEARCH_LIMIT)
    before = own_seconds()
    hits = connection.execute(sql, values).fetchall()
    return len(hits), own_seconds() - before


ORDER = "rowid DESC"

NEEDLES = [
    ("Latin, 1, common", "e"), ("Latin, 2, common", "st"), ("Latin, 3, common", "str"), ("Latin, 4, common", "and "),
    ("Latin, 5, common", "ing t"), ("Latin, 5, rare", "xylof"), ("Latin, 7, rare", "xylofon"), ("Latin, 3, absent", "qqq"),
    ("Chinese, 1, common", None), ("Chinese, 2, common", None), ("Chinese, 3, common", None),
    ("Chinese, 2, rare", "鸑鷟"), ("Chinese, 3, rare", "鷟麒麟"), ("Chinese, 5, rare", "鸑鷟麒麟凤"),
]


def needles():
    words = chinese_words(20000)
    text = Words(words, "", 4).text(1000)
    chosen = {"Chinese, 1, common": words[0], "Chinese, 2, common": words[151], "Chinese, 3, common": text[10:13]}
    return [(name, needle or chosen[name]) for name, needle in NEEDLES]


def main():
    global ORDER
    n_bytes = int(float(sys.argv[1] if len(sys.argv) > 1 else 60) * (1 << 20))
    columns, sizes = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for detail in (None, "full", "column", "none"):
            path = os.path.join(folder, f"{detail}.db")
            connection, count, written, seconds = make(path, detail, n_bytes)
            name = f"detail={detail}" if detail else "no index"
            column = {"name": name, "MiB on the disk": f"{os.path.getsize(path) / (1 << 20):.0f}",
                      "of the text's size": f"{os.path.getsize(path) / written:.2f}",
                      "a message stored, µs": f"{seconds / count * 1e6:.0f}"}
            for what, needle in needles():
                best = min(find(connection, detail, needle)[::-1] for _ in range(3))
                column[what + ", ms"] = f"{best[0] * 1e3:.1f} ({best[1]})"
            if detail == "full":
                ORDER = "rank"
                for what, needle in needles():
                    if len(needle) < 3:
                        continue
                    best = min(find(connection, detail, needle)[::-1] for _ in range(2))
                    column[what + ", best first, ms"] = f"{best[0] * 1e3:.1f}"
                ORDER = "rowid DESC"
            columns.append(column)
            connection.close()
            print(name, "done", file=sys.stderr)
    rows = [key for key in columns[1] if key != "name"]
    print(f"SQLite {sqlite3.sqlite_version}, {written / (1 << 20):.0f} MiB of text in {count} messages. In brackets: hits, at most {SEARCH_LIMIT}.\n")
    print("| | " + " | ".join(column["name"] for column in columns) + " |")
    print("|---" + "|---:" * len(columns) + "|")
    for row in rows:
        print(f"| {row} | " + " | ".join(column.get(row, "") for column in columns) + " |")


if __name__ == "__main__":
    main()
