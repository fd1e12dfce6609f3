"""Whether a block of a kernel fits a multiprocessor, from what ptxas says and what the machine code's file holds.

The emulator knows the shapes of launches, but neither registers nor static shared memory; here it is the other way
round. What joins them: a block is never larger than its kernel's launch bound; a kernel that asks for dynamic shared
memory has less than 8 KiB of static, which launch.h and the emulator set aside.
"""

import functools
import pathlib
import re
import struct

ROOT = pathlib.Path(__file__).resolve().parents[2]

# CUDA C++ Programming Guide, "Technical Specifications per Compute Capability", for sm_75 to sm_120.
REGISTERS = 65536
STATIC_SHARED = 48 * 1024
THREADS = 1024
# launch.h: more dynamic memory than 40 KiB is asked for, the rest up to 48 KiB belongs to static memory.
STATIC_BESIDE_DYNAMIC = 8 * 1024

MAX_THREADS = 0x05  # EIATTR_MAX_THREADS of .nv.info


def launch_bounds(cubin: bytes) -> dict[str, int]:
    """Threads of __launch_bounds__ of each kernel, from its ELF section .nv.info.<symbol>."""
    table, = struct.unpack_from("<Q", cubin, 0x28)
    size, n_sections, names_index = struct.unpack_from("<HHH", cubin, 0x3a)
    sections = [struct.unpack_from("<IIQQQQ", cubin, table + size * index) for index in range(n_sections)]
    names = sections[names_index][4]
    bounds = {}
    for name, _, _, _, start, length in sections:
        begin = names + name
        text = cubin[begin:cubin.index(b"\0", begin)].decode()
        if not text.startswith(".nv.info."):
            continue
        at = start
        while at < start + length:
            form, attribute, value = struct.unpack_from("<BBH", cubin, at)
            at += 4
            if form != 4:  # the value stands in the header
                continue
            if attribute == MAX_THREADS:
                x, y, z = struct.unpack_from("<III", cubin, at)
                bounds[text.removeprefix(".nv.info.")] = x * y * z
            at += value
    return bounds


@functools.cache
def dynamic_kernels(root: pathlib.Path = ROOT) -> set[str]:
    """Names of the kernels whose file has dynamic shared memory."""
    found = set()
    for path in sorted((root / "engine/kernels/cuda").glob("*.cu")):
        text = path.read_text(encoding="utf-8")
        if "SOTTO_DYNAMIC_SHARED(" in text:
            found.update(re.findall(r"__global__[^;{]*?(\w+)Kernel\(", text))
    return found


def problems_of_block(registers: int, threads: int, shared: int, has_dynamic: bool) -> list[str]:
    """registers: of a thread; threads: of the launch bound, 0 without one; shared: static bytes."""
    problems = []
    if threads == 0 or threads > THREADS:
        problems.append(f"has a launch bound of {threads} threads" if threads else "has no launch bound")
    # A warp's registers come in units of 256, eight for each lane.
    needed = -(-registers // 8) * 8 * -(-threads // 32) * 32
    if needed > REGISTERS:
        problems.append(f"{needed} registers for {threads} threads, a multiprocessor has {REGISTERS}")
    limit = STATIC_BESIDE_DYNAMIC if has_dynamic else STATIC_SHARED
    if shared > limit:
        problems.append(f"{shared} bytes of static shared memory, {limit} are the limit" +
                        (" beside dynamic" if has_dynamic else ""))
    return problems
