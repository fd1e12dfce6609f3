"""A small GGUF version 3 writer and reader: what the demo model needs and no more."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

ALIGNMENT = 32
TYPE_F32, TYPE_Q8_0 = 0, 8
BLOCK = 32
BLOCK_BYTES = 34  # one float16 scale and 32 int8 values
U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", U32: "I", I32: "i", F32: "f", BOOL: "?", 10: "Q", 11: "q", 12: "d"}


def quantize_q8_0(matrix: np.ndarray) -> bytes:
    """Blocks of 32 values: scale absmax / 127 as float16, then the rounded quotients."""
    blocks = np.ascontiguousarray(matrix, np.float32).reshape(-1, BLOCK)
    scale = np.abs(blocks).max(axis=1, keepdims=True) / 127.0
    inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
    packed = np.empty(len(blocks), np.dtype([("scale", "<f2"), ("values", "i1", BLOCK)]))
    packed["scale"] = scale[:, 0]
    packed["values"] = np.rint(blocks * inverse).astype(np.int8)
    return packed.tobytes()


def dequantize_q8_0(data: bytes, shape: tuple[int, ...]) -> np.ndarray:
    """The inverse of quantize_q8_0."""
    packed = np.frombuffer(data, np.dtype([("scale", "<f2"), ("values", "i1", BLOCK)]))
    return (packed["scale"].astype(np.float32)[:, None] * packed["values"]).reshape(shape)


def encode_string(text: str) -> bytes:
    """Length and UTF-8 bytes."""
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def encode_value(kind: int, value) -> bytes:
    """One metadata value without its type."""
    return encode_string(value) if kind == STRING else struct.pack("<" + SCALARS[kind], value)


class GgufWriter:
    """Collects metadata and tensors, then writes the file."""

    def __init__(self):
        self.metadata: list[bytes] = []
        self.tensors: list[tuple[str, tuple[int, ...], int, bytes]] = []

    def add(self, key: str, kind: int, value) -> None:
        """A scalar or a string."""
        self.metadata.append(encode_string(key) + struct.pack("<I", kind) + encode_value(kind, value))

    def add_array(self, key: str, kind: int, values: list) -> None:
        """An array of scalars or strings."""
        head = encode_string(key) + struct.pack("<IIQ", ARRAY, kind, len(values))
        self.metadata.append(head + b"".join(encode_value(kind, v) for v in values))

    def add_tensor(self, name: str, array: np.ndarray) -> None:
        """Matrices become Q8_0, vectors stay float32."""
        if array.ndim == 2:
            if array.shape[1] % BLOCK:
                raise ValueError(f"{name}: {array.shape[1]} columns are not a multiple of {BLOCK}")
            self.tensors.append((name, array.shape, TYPE_Q8_0, quantize_q8_0(array)))
        else:
            self.tensors.append((name, array.shape, TYPE_F32, array.astype("<f4").tobytes()))

    def write(self, path: Path) -> None:
        """Header, metadata, tensor table, then the aligned data."""
        head = [b"GGUF", struct.pack("<IQQ", 3, len(self.tensors), len(self.metadata)), *self.metadata]
        offset = 0
        for name, shape, kind, data in self.tensors:
            # GGUF lists the fastest-running dimension first.
            dims = struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape))
            head.append(encode_string(name) + dims + struct.pack("<IQ", kind, offset))
            offset += len(data) + -len(data) % ALIGNMENT
        header = b"".join(head)
        with path.open("wb") as out:
            out.write(header + bytes(-len(header) % ALIGNMENT))
            for *_, data in self.tensors:
                out.write(data + bytes(-len(data) % ALIGNMENT))


def read_gguf(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    """Metadata and dequantized tensors of a file that GgufWriter wrote."""
    data = path.read_bytes()
    position = 0

    def take(form: str):
        nonlocal position
        values = struct.unpack_from("<" + form, data, position)
        position += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def take_string() -> str:
        nonlocal position
        length = take("Q")
        position += length
        return data[position - length : position].decode()

    def take_value(kind: int):
        if kind == STRING:
            return take_string()
        if kind == ARRAY:
            inner, count = take("IQ")
            return [take_value(inner) for _ in range(count)]
        return take(SCALARS[kind])

    if data[:4] != b"GGUF":
        raise ValueError(f"{path} is not a GGUF file")
    position = 4
    _, tensor_count, key_count = take("IQQ")
    metadata = {}
    for _ in range(key_count):
        key = take_string()
        metadata[key] = take_value(take("I"))
    table = []
    for _ in range(tensor_count):
        name = take_string()
        shape = tuple(reversed([take("Q") for _ in range(take("I"))]))
        table.append((name, shape, *take("IQ")))
    start = position + -position % ALIGNMENT
    tensors = {}
    for name, shape, kind, offset in table:
        count = int(np.prod(shape))
        size = count // BLOCK * BLOCK_BYTES if kind == TYPE_Q8_0 else count * 4
        raw = data[start + offset : start + offset + size]
        tensors[name] = dequantize_q8_0(raw, shape) if kind == TYPE_Q8_0 else np.frombuffer(raw, "<f4").reshape(shape)
    return metadata, tensors
