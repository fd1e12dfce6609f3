#!/usr/bin/env python3
"""Writes the checkpoints of this folder, and what their weights are, by numpy alone.

Each form of packed weights is made from random codes, scales and zero points by its own definition, written down here
once more: the reader of the engine must give the same float32 numbers, bit for bit. Run: python3 make_packed.py
(numpy 1.24 or later); the same seed gives the same files.
"""

import json
import pathlib
import struct

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
RNG = np.random.default_rng(20261130)
TYPES = {"float32": "F32", "float16": "F16", "int32": "I32", "uint8": "U8"}


def save(name, tensors, weight):
    """<name>.safetensors with `tensors`, {name: (type or None, array)}, and <name>.f32 with the weights."""
    header, data = {}, b""
    for tensor, (kind, array) in tensors.items():
        raw = np.ascontiguousarray(array).tobytes()
        header[tensor] = {"dtype": kind or TYPES[str(array.dtype)], "shape": list(array.shape),
                          "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (HERE / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    (HERE / f"{name}.f32").write_bytes(np.ascontiguousarray(weight, dtype=np.float32).tobytes())


def bit_stream(codes, bits):
    """Codes [n, columns] to words [n * bits / 32, columns]: the lowest bits first, down each column."""
    n, columns = codes.shape
    words = np.zeros((n * bits // 32, columns), dtype=np.uint32)
    for index in range(n):
        for bit in range(bits):
            at = index * bits + bit
            words[at // 32] |= ((codes[index].astype(np.uint32) >> bit) & 1) << np.uint32(at % 32)
    return words.view(np.int32)


def gptq(name, bits, group, n_in, n_out, is_sorted=False, is_second_form=False):
    """weight[out][in] = scale[g][out] * (code[in][out] - zero[g][out]); the first form stores zero - 1."""
    n_groups = -(-n_in // group)
    codes = RNG.integers(0, 2**bits, (n_in, n_out))
    stored = RNG.integers(0, 2**bits, (n_groups, n_out))
    zeros = stored if is_second_form else stored + 1
    scales = RNG.uniform(0.001, 0.1, (n_groups, n_out)).astype(np.float16)
    groups = np.arange(n_in, dtype=np.int32) // group
    if is_sorted:
        groups = RNG.permutation(groups).astype(np.int32)
    weight = scales[groups].astype(np.float32) * (codes - zeros[groups]).astype(np.float32)
    tensors = {"m.qweight": (None, bit_stream(codes, bits)),
               "m.qzeros": (None, bit_stream(stored.T, bits).T),
               "m.scales": (None, scales)}
    if is_sorted:
        tensors["m.g_idx"] = (None, groups)
    save(name, tensors, weight.T)


def awq(name, group, n_in, n_out):
    """weight[out][in] = scale[g][out] * (code[in][out] - zero[g][out]); nibble n of a word is output ORDER[n]."""
    order = [0, 2, 4, 6, 1, 3, 5, 7]

    def pack(codes):
        words = np.zeros((codes.shape[0], codes.shape[1] // 8), dtype=np.uint32)
        for nibble, output in enumerate(order):
            words |= codes[:, output::8].astype(np.uint32) << np.uint32(4 * nibble)
        return words.view(np.int32)

    n_groups = n_in // group
    codes = RNG.integers(0, 16, (n_in, n_out))
    zeros = RNG.integers(0, 16, (n_groups, n_out))
    scales = RNG.uniform(0.001, 0.1, (n_groups, n_out)).astype(np.float16)
    weight = np.repeat(scales.astype(np.float32), group, 0) * (codes - np.repeat(zeros, group, 0)).astype(np.float32)
    save(name, {"m.qweight": (None, pack(codes)), "m.qzeros": (None, pack(zeros)), "m.scales": (None, scales)}, weight.T)


NF4 = np.array([-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
                -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
                0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023,
                1.0], dtype=np.float32)


# bitsandbytes' own order: the highest bit is the sign, the others no float of three bits.
FP4 = (np.array([0, 0.0625, 8, 12, 4, 6, 2, 3, -0.0, -0.0625, -8, -12, -4, -6, -2, -3]) / 12).astype(np.float32)


def four_bits(name, kind, n_out, n_in, block, nested):
    """weight = map[code] * absmax[block]; nested: absmax = nested_map[code] * nested_absmax[block] + offset."""
    levels_of_code = {"nf4": NF4, "fp4": FP4}[kind]
    codes = RNG.integers(0, 16, n_out * n_in).astype(np.uint8)
    n_blocks = codes.size // block
    state = {"quant_type": kind, "blocksize": block, "dtype": "bfloat16", "shape": [n_out, n_in]}
    tensors = {"m.weight": (None, (codes[0::2] << 4 | codes[1::2]).reshape(-1, 1)), "m.weight.quant_map": (None, levels_of_code)}
    if nested:
        levels = np.sort(RNG.uniform(-1, 1, 256)).astype(np.float32)
        absmax_codes = RNG.integers(0, 256, n_blocks).astype(np.uint8)
        outer = RNG.uniform(0.01, 0.1, -(-n_blocks // nested)).astype(np.float32)
        offset = np.float32(0.0421)
        absmax = levels[absmax_codes] * outer[np.arange(n_blocks) // nested] + offset
        state |= {"nested_blocksize": nested, "nested_dtype": "float32", "nested_offset": float(offset)}
        tensors |= {"m.weight.absmax": (None, absmax_codes), "m.weight.nested_absmax": (None, outer),
                    "m.weight.nested_quant_map": (None, levels)}
    else:
        absmax = RNG.uniform(0.01, 0.1, n_blocks).astype(np.float32)
        tensors["m.weight.absmax"] = (None, absmax)
    text = np.frombuffer(json.dumps(state).encode(), dtype=np.uint8)
    tensors["m.weight.quant_state.bitsandbytes__" + kind] = (None, text)
    weight = levels_of_code[codes] * absmax.astype(np.float32)[np.arange(codes.size) // block]
    save(name, tensors, weight.reshape(n_out, n_in))


def e4m3(codes):
    sign = np.where(codes & 0x80, -1.0, 1.0)
    exponent, mantissa = (codes >> 3 & 15).astype(int), (codes & 7).astype(float)
    value = np.where(exponent == 0, mantissa * 2.0**-9, (8 + mantissa) * 2.0 ** (exponent - 10.0))
    return (sign * value).astype(np.float32)


def e5m2(codes):
    return (codes.astype(np.uint16) << 8).view(np.float16).astype(np.float32)


def fp8(name, kind, n_out, n_in, block, scale_name):
    """weight = float(code) * scale of its block; block (rows, columns), or "tensor" or "row"."""
    codes = RNG.integers(0, 256, (n_out, n_in)).astype(np.uint8)
    codes[(codes & 0x7F) >= (0x7F if kind == "F8_E4M3" else 0x7C)] = 0x12  # no NaN and no infinity
    values = e4m3(codes) if kind == "F8_E4M3" else e5m2(codes)
    if block == "tensor":
        scale = np.float32(RNG.uniform(0.001, 0.01)).reshape(())
        whole = np.broadcast_to(scale, codes.shape)
    elif block == "row":
        scale = RNG.uniform(0.001, 0.01, (n_out, 1)).astype(np.float32)
        whole = np.broadcast_to(scale, codes.shape)
    else:
        scale = RNG.uniform(0.001, 0.01, (-(-n_out // block[0]), -(-n_in // block[1]))).astype(np.float32)
        whole = np.repeat(np.repeat(scale, block[0], 0), block[1], 1)[:n_out, :n_in]
    save(name, {"m.weight": (kind, codes), scale_name: (None, np.asarray(scale))}, values * whole)


def main():
    gptq("gptq4", 4, 32, 64, 16)
    gptq("gptq4-sorted", 4, 32, 64, 16, is_sorted=True)
    gptq("gptq4-second", 4, 32, 64, 16, is_second_form=True)
    gptq("gptq3", 3, 32, 64, 32)
    gptq("gptq2", 2, 64, 64, 16)
    gptq("gptq8", 8, 16, 64, 16)
    awq("awq4", 32, 64, 16)
    four_bits("nf4", "nf4", 24, 48, 64, 0)
    four_bits("nf4-nested", "nf4", 24, 48, 64, 4)
    fp8("fp8-block", "F8_E4M3", 40, 72, (32, 32), "m.weight_scale_inv")
    fp8("fp8-row", "F8_E4M3", 24, 48, "row", "m.weight_scale")
    fp8("fp8-tensor", "F8_E4M3", 24, 48, "tensor", "m.weight_scale")
    fp8("fp8-e5m2", "F8_E5M2", 24, 48, "tensor", "m.weight_scale")
    four_bits("fp4", "fp4", 24, 48, 64, 0)


if __name__ == "__main__":
    main()
