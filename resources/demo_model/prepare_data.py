"""Turns the corpus and the rule-written dialogues into token files and a tokenizer.

    python prepare_data.py --corpus CORPUS_FOLDER --out DATA_FOLDER

Writes tokenizer.model, ATTRIBUTION.md, and for every source NAME.train.npz and NAME.held.npz with the token
ids, a mask of the tokens written by the assistant, and the start of each document.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from pathlib import Path

import numpy as np
import sentencepiece

import corpus_sources as sources
from chat_format import CONTROL_TOKENS, encode_chat
from dialogues import write_dialogue

HELD_OUT_PER_THOUSAND = 20


def is_held_out(text: str) -> bool:
    """A stable 2 % of all documents, chosen by content so that no copy lands on both sides."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 1000 < HELD_OUT_PER_THOUSAND


def first_words(document) -> str:
    """What decides the split: of a story, also when it answers in a chat, its beginning.

    A story must not be in the training chats when its plain text is held out.
    """
    if isinstance(document, str):
        return document[:120]
    longest = max((m["content"] for m in document if m["role"] == "assistant"), key=len)
    return longest[:120] if len(longest) > 200 else json.dumps(document)


def train_tokenizer(documents: dict[str, list], out: Path) -> sentencepiece.SentencePieceProcessor:
    """A 4096-piece BPE with byte fallback; text is taken as it is, without a dummy space."""
    lines_path = out / "tokenizer_input.txt"
    rng = random.Random(0)
    with lines_path.open("w", encoding="utf-8") as lines:
        for items in documents.values():
            for document in rng.sample(items, min(len(items), 9000)):
                texts = [document] if isinstance(document, str) else [m["content"] for m in document]
                lines.write("\n".join(texts) + "\n")
    sentencepiece.SentencePieceTrainer.train(
        input=str(lines_path), model_prefix=str(out / "tokenizer"), model_type="bpe", vocab_size=4096,
        byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
        add_dummy_prefix=False, split_digits=True, control_symbols=CONTROL_TOKENS, unk_id=0, bos_id=1,
        eos_id=2, pad_id=-1, character_coverage=0.9999, max_sentence_length=8000,
        required_chars="".join(map(chr, range(33, 127))), num_threads=2, minloglevel=2,
    )
    return sentencepiece.SentencePieceProcessor(model_file=str(out / "tokenizer.model"))


def encode(tokenizer, document) -> tuple[list[int], list[int]]:
    """Ids and assistant mask; plain text is enclosed in <s> and </s> and counts throughout."""
    if isinstance(document, str):
        ids = [tokenizer.bos_id(), *tokenizer.encode(document), tokenizer.eos_id()]
        return ids, [1] * len(ids)
    return encode_chat(tokenizer, document)


def save(path: Path, tokenizer, documents: list) -> int:
    """Encode and write one source; returns its number of tokens."""
    ids, mask, starts = [], [], [0]
    for document in documents:
        new_ids, new_mask = encode(tokenizer, document)
        ids += new_ids
        mask += new_mask
        starts.append(len(ids))
    np.savez(path, ids=np.array(ids, np.uint16), mask=np.array(mask, np.uint8), starts=np.array(starts, np.int64))
    return len(ids)


def main() -> None:
    """Read, split, train the tokenizer on the training side, encode."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="the unpacked corpus")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rule-dialogues", type=int, default=60000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    rng = random.Random(args.seed)

    stories = sources.tiny_stories(args.corpus)
    pictures = sources.picture_books(args.corpus)
    documents = {
        "stories": stories,
        "picture_books": [text for _, text in pictures],
        "books": sources.children_books(args.corpus),
        "story_chats": sources.story_chats(stories, pictures, rng),
        "self_dialogues": sources.self_dialogues(args.corpus, rng),
        "rule_dialogues": [write_dialogue(rng) for _ in range(args.rule_dialogues)],
    }
    (args.out / "ATTRIBUTION.md").write_text(sources.picture_book_credits(args.corpus), encoding="utf-8")
    training, held = {}, {}
    for name, items in documents.items():
        training[name] = [d for d in items if not is_held_out(first_words(d))]
        held[name] = [d for d in items if is_held_out(first_words(d))]
    tokenizer = train_tokenizer(training, args.out)
    for name, items in training.items():
        tokens = save(args.out / f"{name}.train.npz", tokenizer, items)
        held_tokens = save(args.out / f"{name}.held.npz", tokenizer, held[name])
        print(f"{name}: {len(items)} documents, {tokens} tokens; held out {len(held[name])}, {held_tokens}")


if __name__ == "__main__":
    main()
