"""Writes a checkpoint of train.py as a GGUF file and checks what it wrote.

    python export_gguf.py --checkpoint RUN/latest.pt --out sotto-demo.gguf
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import sentencepiece
import torch

from chat_format import CHAT_TEMPLATE, END, encode_chat
from gguf_file import ALIGNMENT, BOOL, F32, I32, STRING, U32, GgufWriter, read_gguf
from model import DRAFT, DemoModel, ModelConfig, load_checkpoint

LARGEST_FILE = {"Sotto demo": 16_000_000, "Sotto demo draft": 2_000_000}
DESCRIPTION = {
    "Sotto demo": "A very small language model trained from scratch so that Sotto has something to chat with before a "
    "real model is downloaded. Its answers are often wrong. Simple English only.",
    "Sotto demo draft": "The draft partner of the Sotto demo model, for speculative decoding. Of little use by itself.",
}


def add_metadata(writer: GgufWriter, config: ModelConfig, name: str) -> None:
    """General keys and the shape of the network."""
    writer.add("general.architecture", STRING, "llama")
    writer.add("general.name", STRING, name)
    writer.add("general.description", STRING, DESCRIPTION[name])
    writer.add("general.license", STRING, "cc-by-4.0")
    writer.add("general.file_type", U32, 7)  # mostly Q8_0
    writer.add("general.quantization_version", U32, 2)
    writer.add("general.alignment", U32, ALIGNMENT)
    writer.add("llama.context_length", U32, config.context_length)
    writer.add("llama.embedding_length", U32, config.dim)
    writer.add("llama.block_count", U32, config.n_layers)
    writer.add("llama.feed_forward_length", U32, config.ffn_dim)
    writer.add("llama.attention.head_count", U32, config.n_heads)
    writer.add("llama.attention.head_count_kv", U32, config.n_kv_heads)
    writer.add("llama.attention.layer_norm_rms_epsilon", F32, config.norm_eps)
    writer.add("llama.rope.dimension_count", U32, config.head_dim)
    writer.add("llama.rope.freq_base", F32, config.rope_base)
    writer.add("llama.vocab_size", U32, config.vocab_size)


def add_tokenizer(writer: GgufWriter, tokenizer: sentencepiece.SentencePieceProcessor) -> None:
    """Pieces, scores and kinds in GGUF's 'llama' (sentencepiece) form."""
    pieces, scores, kinds = [], [], []
    for i in range(tokenizer.vocab_size()):
        pieces.append(tokenizer.id_to_piece(i))
        scores.append(tokenizer.get_score(i))
        kind = 2 if tokenizer.is_unknown(i) else 3 if tokenizer.is_control(i) else 6 if tokenizer.is_byte(i) else 1
        kinds.append(kind)
    writer.add("tokenizer.ggml.model", STRING, "llama")
    writer.add("tokenizer.ggml.pre", STRING, "default")
    writer.add_array("tokenizer.ggml.tokens", STRING, pieces)
    writer.add_array("tokenizer.ggml.scores", F32, scores)
    writer.add_array("tokenizer.ggml.token_type", I32, kinds)
    # Generation has to stop at the end of a turn, so the end-of-turn token is also the eos.
    end = tokenizer.piece_to_id(END)
    writer.add("tokenizer.ggml.bos_token_id", U32, tokenizer.bos_id())
    writer.add("tokenizer.ggml.eos_token_id", U32, end)
    writer.add("tokenizer.ggml.eot_token_id", U32, end)
    writer.add("tokenizer.ggml.unknown_token_id", U32, tokenizer.unk_id())
    writer.add("tokenizer.ggml.add_bos_token", BOOL, True)
    writer.add("tokenizer.ggml.add_eos_token", BOOL, False)
    writer.add("tokenizer.ggml.add_space_prefix", BOOL, False)
    writer.add("tokenizer.chat_template", STRING, CHAT_TEMPLATE)


def load_gguf(path: Path) -> DemoModel:
    """The network with the file's own (dequantized) weights."""
    metadata, tensors = read_gguf(path)
    config = ModelConfig(
        vocab_size=metadata["llama.vocab_size"], dim=metadata["llama.embedding_length"],
        n_layers=metadata["llama.block_count"], n_heads=metadata["llama.attention.head_count"],
        n_kv_heads=metadata["llama.attention.head_count_kv"], ffn_dim=metadata["llama.feed_forward_length"],
        context_length=metadata["llama.context_length"],
        norm_eps=metadata["llama.attention.layer_norm_rms_epsilon"], rope_base=metadata["llama.rope.freq_base"],
    )
    model = DemoModel(config)
    model.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in tensors.items()})
    return model.eval()


def check(model: DemoModel, path: Path, tokenizer) -> tuple[float, float]:
    """Largest and root-mean-square logit difference between the checkpoint and the file."""
    messages = [
        {"role": "user", "content": "Hello! 你好 😀 Tell me a story about a dog."},
        {"role": "assistant", "content": "Once upon a time, there was a little dog named Max."},
    ]
    ids, _ = encode_chat(tokenizer, messages, generate=True)
    with torch.no_grad():
        ours = model(torch.tensor([ids]))
        theirs = load_gguf(path)(torch.tensor([ids]))
    difference = (ours - theirs).abs()
    return difference.max().item(), difference.square().mean().sqrt().item() / ours.std().item()


def main() -> None:
    """Export, read back, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--tokenizer", default=str(Path(__file__).with_name("tokenizer.model")))
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    model, _ = load_checkpoint(args.checkpoint)
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=args.tokenizer)
    writer = GgufWriter()
    name = "Sotto demo draft" if model.config == DRAFT else "Sotto demo"
    add_metadata(writer, model.config, name)
    add_tokenizer(writer, tokenizer)
    for tensor, value in model.state_dict().items():
        writer.add_tensor(tensor, value.numpy())
    writer.write(args.out)
    size = args.out.stat().st_size
    largest, relative = check(model, args.out, tokenizer)
    print(f"{args.out}: {size} bytes; logits differ by at most {largest:.4f}, {relative:.4%} of their spread")
    if size > LARGEST_FILE[name]:
        raise SystemExit("the file is larger than allowed")
    if relative > 0.03:
        raise SystemExit("the file does not give the checkpoint's logits")


if __name__ == "__main__":
    main()
