"""Turns the corpus and the rule-written dialogues into token files.

    python prepare_data.py --corpus CORPUS_FOLDER --out DATA_FOLDER

Writes ATTRIBUTION.md, and for every source NAME.train.npz and NAME.held.npz with the token ids, a mask of
the tokens written by the assistant, and the start of each document. Every source has a random generator
of its own, so one can be changed (--only NAME) without moving the others.
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
from chat_format import encode_chat

HELD_OUT_PER_THOUSAND = 20
RESULT_WEIGHT = 3
NAMES = ["stories", "picture_books", "books", "story_chats", "self_dialogues", "rule_dialogues", "long_dialogues", "sums"]


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


def read_source(name: str, corpus: Path, rng: random.Random, rule_dialogues: int) -> list:
    """All documents of one source: texts or conversations."""
    if name == "stories":
        return sources.tiny_stories(corpus)
    if name == "picture_books":
        return [text for _, text in sources.picture_books(corpus)]
    if name == "books":
        return sources.children_books(corpus)
    if name == "story_chats":
        return sources.story_chats(sources.tiny_stories(corpus), sources.picture_books(corpus), rng)
    if name == "self_dialogues":
        return sources.self_dialogues(corpus, rng)
    import dialogues  # not needed by the other sources

    if name == "rule_dialogues":
        return dialogues.write_dialogues(rng, rule_dialogues)
    if name == "sums":
        return dialogues.write_dialogues(rng, rule_dialogues // 3, dialogues.short, dialogues.write_sums)
    return dialogues.write_dialogues(rng, rule_dialogues // 20, dialogues.long)


def emphasise_results(tokenizer, ids: list[int], mask: list[int]) -> None:
    """Let the digits behind an equals sign count RESULT_WEIGHT times: the only hard tokens of a worked-out sum."""
    behind = False
    for i, (token, learned) in enumerate(zip(ids, mask)):
        piece = tokenizer.id_to_piece(token)
        if piece == "=":
            behind = True
        elif behind and piece.isdigit():
            mask[i] = learned * RESULT_WEIGHT
        elif piece != "\u2581":
            behind = False


def encode(tokenizer, document) -> tuple[list[int], list[int]]:
    """Ids and weights of the assistant's tokens; plain text is enclosed in <s> and </s> and counts throughout."""
    if isinstance(document, str):
        ids = [tokenizer.bos_id(), *tokenizer.encode(document), tokenizer.eos_id()]
        return ids, [1] * len(ids)
    ids, mask = encode_chat(tokenizer, document)
    emphasise_results(tokenizer, ids, mask)
    return ids, mask


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
    """Read, split, encode."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="the unpacked corpus")
    parser.add_argument("--tokenizer", default=str(Path(__file__).with_name("tokenizer.model")))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--rule-dialogues", type=int, default=90000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=args.tokenizer)
    (args.out / "ATTRIBUTION.md").write_text(sources.picture_book_credits(args.corpus), encoding="utf-8")
    for name in args.only:
        items = read_source(name, args.corpus, random.Random(f"{args.seed} {name}"), args.rule_dialogues)
        training = [d for d in items if not is_held_out(first_words(d))]
        held = [d for d in items if is_held_out(first_words(d))]
        tokens = save(args.out / f"{name}.train.npz", tokenizer, training)
        held_tokens = save(args.out / f"{name}.held.npz", tokenizer, held)
        print(f"{name}: {len(training)} documents, {tokens} tokens; held out {len(held)}, {held_tokens}", flush=True)


if __name__ == "__main__":
    main()
