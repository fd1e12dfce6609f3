#!/usr/bin/env python3
"""Reads the machine code of the kernels of decode and fails where it does not do what their comments promise.

Of linear_rows, attention_split and expert_rows for sm_90 and sm_120, on every kernel that it concerns:
  - the first record is asked for before the programmatic wait (ACQBULK), and the next kernel is let in (PREEXIT)
    before the main loop
  - no load goes through the read-only path (LDG.CONSTANT): those may pass the wait in either direction
  - weights in flight: sixteen warps have on their way what the memory of an H200 or RTX 5090 delivers in its latency,
    and when a warp waits for a record, the next one is on its way
  - all keys, then all values of a slice of attention_split are on their way before the first is waited for
  - one, four and eight tokens have the same bits: equal FFMA and FMUL around the loops, equal FFMA per bundle within
  - a block fits: registers, threads, static shared memory (cuda_limits.py)
  - the tables of engine/kernels/cuda/README.md are this machine code's (--write makes them anew)
SOTTO_CUDA_GATE_ARCHS="86 89" looks at all files for other architectures, without the tables. Skipped where there is no
nvcc or no nvdisasm (PyPI: nvidia-cuda-nvdisasm).
"""

import collections
import concurrent.futures
import dataclasses
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import cuda_compile
import cuda_limits
import sass

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = ROOT / "engine/kernels/cuda/README.md"
FILES = ("linear_rows", "attention_split", "expert_rows")
ARCHS = ("90", "120")

# By the numbers of engine/tensor/dtype.h: name, bytes of a record, streaming loads that a lane needs for it.
TYPES = {
    8: ("Q8_0", 16 * 272, 10), 2: ("Q4_0", 16 * 144, 6), 3: ("Q4_1", 16 * 160, 8), 6: ("Q5_0", 16 * 176, 7),
    7: ("Q5_1", 16 * 192, 9), 12: ("Q4_K", 16 * 144, 6), 13: ("Q5_K", 16 * 176, 7), 14: ("Q6_K", 16 * 210, 8),
    1: ("F16", 16 * 512, 16), 30: ("BF16", 16 * 512, 16), 0: ("mixed", 0, 0),
}
FLOATS = ("F16", "BF16")

LATENCY = 1225  # clocks: 700 ns at the 1.75 GHz of an H200, from its memory under load
OTHERS = 60     # of a load that hits L1
WARPS = 16      # of these kernels fit a multiprocessor
# What memory delivers in 700 ns, over the multiprocessors: H200 4.8 TB/s and 132, RTX 5090 1.79 TB/s and 170.
BYTES_IN_FLIGHT = {"90": 25_400, "120": 7_400}
# One token is what most answers are made of: three tenths more, because blocks begin and end.
ONE_TOKEN = 1.3
# Types and tokens whose next record linear_rows asks for behind a branch (kWarpLoads of linear_rows_sum.cuh).
BRANCHED_TYPES = ("Q4_1", "Q5_0", "Q5_1")
BRANCHED_TOKENS = 8
LEAST_BEFORE_WAIT = 3
LEAST_AGE = 20  # instructions between a load of keys or values and the wait for it
CONSTANT_WEIGHTS = ("linearTiles",)  # through loadCached() of common/vector_load.h
# Lane instructions that a multiprocessor may spend on a byte at the full bandwidth of the card.
ISSUE_BUDGETS = {"90": ("H200", 128 / 20.7), "120": ("5090", 128 / (1792 / 170 / 2.41))}

MARKS = ("<!-- made by tests/gates/cuda_sass.py --write: {} -->", "<!-- end of {} -->")
KERNEL = re.compile(r"(\w+)Kernel<(.*?)>\(")


@dataclasses.dataclass
class Kernel:
    """One kernel in the machine code of one architecture."""
    name: str            # linearRows
    arch: str
    arguments: tuple[str, ...] = ()
    code: list[sass.Instruction] = dataclasses.field(default_factory=list)
    registers: int = 0
    shared: int = 0      # static, bytes
    spills: int = 0
    max_threads: int = 0

    @property
    def dtype(self) -> str:
        number = re.search(r"\(sotto::DType\)(\d+)", self.arguments[0] if self.arguments else "")
        return TYPES[int(number.group(1))][0] if number else ""

    @property
    def tokens(self) -> int:
        return int(self.arguments[1]) if self.name == "linearRows" else 1

    @property
    def label(self) -> str:
        shown = [self.dtype or argument for argument in self.arguments[:1]] + list(self.arguments[1:])
        return f"{self.name}<{', '.join(shown)}> on sm_{self.arch}"

    def is_streamed(self, line: sass.Instruction) -> bool:
        """A load of weights: they pass L1 by (NA) or leave it first (EF)."""
        return line.op == "LDG" and (".NA" in line.name or ".EF" in line.name)

    def loops(self) -> list[list[sass.Instruction]]:
        return sass.loops(self.code)

    def records(self, loop: list[sass.Instruction]) -> float:
        """Records that a pass of a main loop multiplies with."""
        _, _, per_record = next(row for row in TYPES.values() if row[0] == self.dtype)
        n_loads = sum(map(self.is_streamed, loop))
        if self.dtype in FLOATS:
            return n_loads / per_record
        # Halves of records load scales twice: a little more than one record's loads.
        return math.floor(n_loads / per_record + 0.25)

    def record_bytes(self) -> int:
        return next(row[1] for row in TYPES.values() if row[0] == self.dtype)

    def left(self, loop: list[sass.Instruction]) -> int:
        """Loads still in flight behind the wait that leaves most."""
        return max((wait.left for wait in sass.waits(loop, self.is_streamed)), default=0)

    def in_flight(self, loop: list[sass.Instruction]) -> float:
        """Bytes of weights on their way to a multiprocessor, on average (Little's law)."""
        clocks, _ = sass.flow(loop, self.is_streamed, LATENCY, OTHERS)
        # Four warps share an issue port: a pass takes at least as long as all their instructions.
        clocks = max(clocks, len(loop) * WARPS / 4)
        return WARPS * self.records(loop) * self.record_bytes() * LATENCY / clocks


def count(code: list[sass.Instruction], *ops: str) -> int:
    return sum(line.op in ops for line in code)


def first(code: list[sass.Instruction], op: str) -> int | None:
    return next((index for index, line in enumerate(code) if line.op == op), None)


def is_main(kernel: Kernel) -> bool:
    """One of the products of decode with matrices of one type."""
    return kernel.name in ("linearRows", "expertRows", "expertMix") and kernel.dtype != "mixed"


def problems_of_order(kernel: Kernel) -> list[str]:
    """What stands before what."""
    problems = []
    constant = sum("CONSTANT" in line.name for line in kernel.code)
    if constant > 0 and kernel.name not in CONSTANT_WEIGHTS:
        problems.append(f"{constant} loads take the read-only path (.nc, __ldg): they may pass griddepcontrol.wait")
    wait = first(kernel.code, "ACQBULK")
    if wait is None:
        return problems if int(kernel.arch) < 90 else problems + ["never waits for the kernel before (ACQBULK)"]
    if kernel.name == "linearRows":
        before = sum(map(kernel.is_streamed, kernel.code[:wait]))
        if before < LEAST_BEFORE_WAIT:
            problems.append(f"{before} loads of weights before the programmatic wait, {LEAST_BEFORE_WAIT} expected")
    if is_main(kernel):
        trigger = first(kernel.code, "PREEXIT")
        loop = next((index for index, line in enumerate(kernel.code) if "MMA" in line.op), len(kernel.code))
        if trigger is None or trigger > loop:
            problems.append("lets the next kernel in (PREEXIT) only behind the main loop")
    return problems


def problems_of_flow(kernel: Kernel) -> list[str]:
    if not is_main(kernel):
        return []
    loops = kernel.loops()
    if not loops:
        return ["has no main loop"]
    problems = []
    for loop in loops:
        flying = kernel.in_flight(loop)
        needed = BYTES_IN_FLIGHT.get(kernel.arch, 0) * (ONE_TOKEN if kernel.tokens == 1 else 1)
        if flying < needed:
            problems.append(f"{flying / 1000:.1f} KB of weights in flight, {needed / 1000:.1f} needed")
        is_branched = kernel.dtype in BRANCHED_TYPES or kernel.tokens == BRANCHED_TOKENS
        if kernel.records(loop) < 2 or (kernel.name == "linearRows" and is_branched):
            continue
        left = kernel.left(loop)
        if left < sum(map(kernel.is_streamed, loop)) // 2:
            problems.append(f"{left} loads left in flight when it waits for a record, not the next record's")
    return problems


def problems_of_attention(kernel: Kernel) -> list[str]:
    """Keys and values are loaded in 16 bytes, the queries as well; what is waited for must have been under way long."""
    if kernel.name != "attentionSplit" or int(kernel.arguments[0]) > 128:
        return []
    last = max((index for index, line in enumerate(kernel.code) if line.op == "HMMA"), default=-1)
    waits = sass.waits(kernel.code[:last + 1], lambda line: line.op == "LDG" and ".128" in line.name, turns=1)
    first_mma = first(kernel.code, "HMMA") or 0
    problems = [f"waits for {wait.ended} loads of keys or values {wait.age} instructions after the last of them"
                for wait in waits if wait.at >= first_mma and wait.age < LEAST_AGE]
    return problems


def problems_of_block(kernel: Kernel) -> list[str]:
    problems = [f"spills {kernel.spills} bytes"] if kernel.spills > 0 else []
    return problems + cuda_limits.problems_of_block(kernel.registers, kernel.max_threads, kernel.shared,
                                                    kernel.name in cuda_limits.dynamic_kernels())


def problems_of_bits(kernels: list[Kernel]) -> list[str]:
    """One, four and eight tokens of a type must round at the same places."""
    problems = []
    groups = collections.defaultdict(dict)
    for kernel in kernels:
        if kernel.name == "linearRows" and kernel.dtype not in (*FLOATS, "mixed"):
            groups[kernel.dtype, kernel.arch][kernel.tokens] = kernel
    for variants in groups.values():
        around, per_bundle = {}, {}
        for tokens, kernel in variants.items():
            for op in ("FFMA", "FMUL"):
                inside = sum(count(loop, op) for loop in kernel.loops())
                around.setdefault(op, {})[tokens] = count(kernel.code, op) - inside
            n_bundles = sum(kernel.records(loop) for loop in kernel.loops()) * tokens
            if n_bundles == 0:  # no main loop, which problems_of_flow() reports
                continue
            per_bundle[tokens] = sum(count(loop, "FFMA") for loop in kernel.loops()) / n_bundles
        label = next(iter(variants.values())).label
        for op, counts in around.items():
            if len(set(counts.values())) > 1:
                problems.append(f"{label}: {op} around the main loop by tokens: {counts}")
        # With one token a bundle's factors are a lane's own, and there are more of them.
        if per_bundle.get(4) != per_bundle.get(8):
            problems.append(f"{label}: FFMA per bundle by tokens: {per_bundle}")
    return problems


def problems_of(kernels: list[Kernel]) -> list[str]:
    problems = [f"{kernel.label}: {problem}" for kernel in kernels
                for problem in problems_of_order(kernel) + problems_of_flow(kernel) + problems_of_attention(kernel) +
                problems_of_block(kernel)]
    return problems + problems_of_bits(kernels)


def kernels_of(nvcc: str, nvdisasm: str, path: pathlib.Path, arch: str) -> tuple[list[Kernel], str]:
    with tempfile.TemporaryDirectory() as folder:
        cubin = pathlib.Path(folder) / "code.cubin"
        compiled, failure = cuda_compile.compile_file(nvcc, path, arch, cubin)
        if failure:
            return [], failure
        codes = sass.parse(sass.disassembly(nvdisasm, cubin))
    kernels = [Kernel(said.symbol, arch, code=codes.get(said.symbol, []), registers=said.registers, shared=said.shared,
                      spills=said.spills, max_threads=said.threads) for said in compiled]
    for kernel, text in zip(kernels, cuda_compile.demangled([kernel.name for kernel in kernels])):
        plain = text.replace(" >", ">")
        match = KERNEL.search(plain)
        kernel.name = match.group(1) if match else re.search(r"(\w+?)(?:Kernel)?\(", plain).group(1)
        kernel.arguments = tuple(part.strip() for part in match.group(2).split(",")) if match else ()
    return kernels, ""


# Counted in the main loop, for the README.
FLOAT_OPS = ("FFMA", "FMUL", "FADD", "IMAD", "HADD2", "HFMA2")
INTEGER_OPS = ("LOP3", "SHF", "PRMT", "SEL", "IADD3", "LEA", "ISETP")


def row_of(kernel: Kernel, other: Kernel) -> str:
    """A line of the table: `kernel` on sm_90, `other` on sm_120."""
    loop, = kernel.loops()
    loop_other, = other.loops()
    lane_bytes = kernel.records(loop) * kernel.record_bytes() / 32
    other_bytes = other.records(loop_other) * other.record_bytes() / 32
    per_byte, per_byte_other = len(loop) / lane_bytes, len(loop_other) / other_bytes
    parts = [sum(line.op in ops for line in loop) / lane_bytes for ops in (FLOAT_OPS, INTEGER_OPS, ("LDG",))]
    parts.append(sum("MMA" in line.op for line in loop) / lane_bytes)
    issue = per_byte / ISSUE_BUDGETS["90"][1]
    issue_other = per_byte_other / ISSUE_BUDGETS["120"][1]
    before = [str(sum(map(one.is_streamed, one.code[:first(one.code, "ACQBULK")]))) for one in (kernel, other)]
    left = [kernel.left(loop), other.left(loop_other)]
    tokens = {1: "1", 4: "2-4", 8: "1-8" if kernel.dtype in FLOATS else "5-8"}[kernel.tokens]
    cells = [kernel.dtype, tokens, f"{len(loop)}", f"{per_byte:.2f}", *(f"{part:.2f}" for part in parts), f"{issue:.0%}".replace("%", " %"),
             f"{per_byte_other:.2f}", f"{issue_other:.0%}".replace("%", " %"),
             f"{kernel.registers} / {other.registers}", " / ".join(before), f"{left[0]} / {left[1]}",
             f"{kernel.in_flight(loop) / 1000:.0f} / {other.in_flight(loop_other) / 1000:.0f}"]
    return "| " + " | ".join(cells) + " |"


HEAD = ("| type | tokens | loop, sm_90 | per byte | float | integer | load | mma | issue, H200 | per byte, sm_120 | issue, 5090 "
        "| registers 90 / 120 | before the wait | left at a wait | KB in flight |")


def tables_of(kernels: list[Kernel]) -> dict[str, str]:
    """The README's tables by name."""
    by_place = {(kernel.name, kernel.dtype, kernel.tokens, kernel.arch): kernel for kernel in kernels if is_main(kernel)}
    tables = {}
    order = [row[0] for row in TYPES.values()]
    for name in ("linearRows", "expertRows", "expertMix"):
        places = sorted({(dtype, tokens) for own, dtype, tokens, _ in by_place if own == name},
                        key=lambda place: (order.index(place[0]), place[1]))
        rows = [row_of(by_place[name, *place, "90"], by_place[name, *place, "120"]) for place in places]
        tables[name] = "\n".join([HEAD, "|" + " --- |" * (HEAD.count("|") - 1), *rows])
    return tables


def with_tables(text: str, tables: dict[str, str]) -> str:
    """Raises ValueError where a table has no place in the text."""
    for name, table in tables.items():
        begin, end = (mark.format(name) for mark in MARKS)
        pattern = re.compile(re.escape(begin) + r".*?" + re.escape(end), re.S)
        text, n_places = pattern.subn(lambda _: f"{begin}\n{table}\n{end}", text)
        if n_places != 1:
            raise ValueError(f"{n_places} places for the table {name}")
    return text


def nvcc_version(nvcc: str) -> str:
    output = subprocess.run([nvcc, "--version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"V(\d+\.\d+\.\d+)", output).group(1)


def problems_of_tables(kernels: list[Kernel], nvcc: str) -> list[str]:
    text = README.read_text(encoding="utf-8")
    version = nvcc_version(nvcc)
    if f"CUDA {version}" not in text:
        print(f"cuda_sass: the README's tables are of another compiler than {version}: not compared")
        return []
    try:
        if with_tables(text, tables_of(kernels)) == text:
            return []
    except ValueError as missing:
        return [f"engine/kernels/cuda/README.md has {missing}"]
    return ["engine/kernels/cuda/README.md does not show this machine code: tests/gates/cuda_sass.py --write"]


def main() -> int:
    nvcc, nvdisasm = cuda_compile.find_nvcc(), sass.find_tool("nvdisasm")
    if nvcc is None or nvdisasm is None:
        print("skipped: there is no", "nvcc (CUDACXX, PATH, /usr/local/cuda/bin)" if nvcc is None else
              "nvdisasm (SOTTO_NVDISASM, PATH, or python3 -m pip install nvidia-cuda-nvdisasm)")
        return cuda_compile.SKIPPED
    asked = os.environ.get("SOTTO_CUDA_GATE_ARCHS", "").replace(",", " ").split()
    folder = ROOT / "engine/kernels/cuda"
    files = sorted(folder.glob("*.cu")) if asked else [folder / f"{name}.cu" for name in FILES]
    kernels: list[Kernel] = []
    problems: list[str] = []
    jobs = [(path, arch) for path in files for arch in asked or ARCHS]
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for found, problem in pool.map(lambda job: kernels_of(nvcc, nvdisasm, *job), jobs):
            kernels += found
            problems += [problem] if problem else []
    problems += problems_of(kernels)
    if not asked and not problems and "--write" in sys.argv:
        README.write_text(with_tables(README.read_text(encoding="utf-8"), tables_of(kernels)), encoding="utf-8")
    elif not asked and not problems:
        problems += problems_of_tables(kernels, nvcc)
    for problem in problems:
        print("cuda_sass:", problem)
    print(f"cuda_sass: {len(jobs)} compilations, {len(kernels)} kernels, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
