"""The chat form shared by training, evaluation and export."""

from __future__ import annotations

ROLES = ("user", "assistant", "system")
END = "<|end|>"
CONTROL_TOKENS = ["<|user|>", "<|assistant|>", "<|system|>", END]

# Stored in the GGUF. `encode_chat` below must give exactly the tokens of this template's text.
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + '\\n' + message['content'] + '<|end|>' + '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' + '\\n' }}{% endif %}"
)


def encode_chat(tokenizer, messages: list[dict], generate: bool = False) -> tuple[list[int], list[int]]:
    """Token ids of a conversation and a 0/1 mask of the tokens the assistant has to write.

    Control tokens are put in by id: sentencepiece itself never makes them out of typed text,
    so a user cannot forge a turn by typing its marker.
    """
    ids, mask = [tokenizer.bos_id()], [0]
    newline = tokenizer.encode("\n")
    end = tokenizer.piece_to_id(END)
    for message in messages:
        body = tokenizer.encode(message["content"])
        mine = int(message["role"] == "assistant")
        head = [tokenizer.piece_to_id(f"<|{message['role']}|>"), *newline]
        ids += [*head, *body, end, *newline]
        mask += [0] * len(head) + [mine] * (len(body) + 1) + [0] * len(newline)
    if generate:
        head = [tokenizer.piece_to_id("<|assistant|>"), *newline]
        ids += head
        mask += [0] * len(head)
    return ids, mask
