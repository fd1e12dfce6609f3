"""Trains the tokenizer: a sentencepiece BPE of 6144 pieces with byte fallback.

    python tokenizer_train.py --corpus CORPUS_FOLDER --out tokenizer.model

It sees the corpus's texts and the words of the app below, not the dialogues: so these can be
rewritten without making the trained weights worthless.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

import sentencepiece

import corpus_sources as sources
from chat_format import CONTROL_TOKENS

VOCABULARY = 6144
APP_TEXT = """I am the Sotto demo model, a very small language model that runs on your own computer.
Sotto is a program for private, offline chat with language models on your own computer. Nothing is sent to the internet.
You can load a GGUF model file with Ctrl+L, open a new chat with Ctrl+N, and see all shortcuts with F1.
Please download a larger model for that. Larger models answer better. I am sorry, that is too hard for me.
The performance panel shows tokens per second, memory bandwidth, latency and the KV cache of the graphics card or processor.
To quantize a model means to store its numbers with fewer bits, such as Q8_0 or Q4_K_M, so that the file is smaller and faster.
Compare shows the answers of two models side by side. Settings, privacy, temporary chat, folder, pin, search, export.
The capital of France is Paris. The opposite of hot is cold. Five plus seven equals twelve. The sum, the difference, the product.
Press Ctrl+Shift+P for a temporary chat that is not saved, Ctrl+K to search, Ctrl+J for the live panel, Ctrl+B for the chat list.
Your messages, conversations and questions stay in a database file on this computer. Sotto works without an internet connection.
A draft model guesses the next tokens and the larger model checks them. I only speak English. Hello! How can I help you today?
Python, code, programming, translate, German, Chinese, medical advice, weather, news, the president, an essay, an e-mail.
"""


def write_lines(corpus: Path, path: Path) -> None:
    """The training text: whole stories and pictures books, a part of the rest, the app's words."""
    rng = random.Random(0)
    stories = sources.tiny_stories(corpus)
    texts = stories + [text for _, text in sources.picture_books(corpus)]
    books = sources.children_books(corpus)
    texts += rng.sample(books, min(len(books), 900))
    chats = sources.self_dialogues(corpus, rng)
    texts += [m["content"] for chat in rng.sample(chats, min(len(chats), 4000)) for m in chat]
    texts += [APP_TEXT] * 150
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")


def main() -> None:
    """Write the text, train, keep the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="the unpacked corpus")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "lines.txt"
        write_lines(args.corpus, lines)
        sentencepiece.SentencePieceTrainer.train(
            input=str(lines), model_prefix=str(Path(folder) / "tokenizer"), model_type="bpe",
            vocab_size=VOCABULARY, byte_fallback=True, normalization_rule_name="identity",
            remove_extra_whitespaces=False, add_dummy_prefix=False, split_digits=True,
            control_symbols=CONTROL_TOKENS, unk_id=0, bos_id=1, eos_id=2, pad_id=-1,
            character_coverage=0.9999, max_sentence_length=8000,
            required_chars="".join(map(chr, range(33, 127))), num_threads=2, minloglevel=2,
        )
        args.out.write_bytes((Path(folder) / "tokenizer.model").read_bytes())


if __name__ == "__main__":
    main()
