#!/usr/bin/env python3
"""Compiles every CUDA source with nvcc and fails on errors, on register spills in the hot kernels, and on blocks that
do not fit a multiprocessor (cuda_limits.py).

Prints what ptxas says of each kernel. SOTTO_CUDA_GATE_ARCHS="75 90" chooses architectures (default: 75, where
registers are scarcest for what the wrappers compose there). Arguments: parts of file names, to look at some files
only. Skipped where there is no nvcc.
"""

import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import cuda_limits

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77  # ctest shows the test as skipped

# As in engine/kernels/CMakeLists.txt, which main() looks for.
CONTRACTION = "-fmad=false"

# Kernels that read the weights or the cache: a spill there costs bandwidth at every step.
HOT = re.compile(r"^(linearRows|linearTiles|expert|routeRows|attention)")

ENTRY = re.compile(r"Compiling entry function '(\S+)' for '(\S+)'")
SPILLS = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
USED = re.compile(r"Used (\d+) registers")
SHARED = re.compile(r"(\d+) bytes smem")
NAME = re.compile(r"([A-Za-z_]\w*)\s*(<.*)?\(")


@dataclasses.dataclass
class Kernel:
    symbol: str
    arch: str
    name: str = ""
    stack: int = 0
    spills: int = 0
    registers: int = 0
    shared: int = 0
    threads: int = 0  # of the launch bound, 0 without one


def find_nvcc() -> str | None:
    candidates = [os.environ.get("CUDACXX"), shutil.which("nvcc"), "/usr/local/cuda/bin/nvcc"]
    return next((path for path in candidates if path and os.access(path, os.X_OK)), None)


def parse(output: str) -> list[Kernel]:
    kernels: list[Kernel] = []
    for line in output.splitlines():
        if match := ENTRY.search(line):
            kernels.append(Kernel(match.group(1), match.group(2)))
        elif not kernels:
            continue
        elif match := SPILLS.search(line):
            kernels[-1].stack = int(match.group(1))
            kernels[-1].spills = int(match.group(2)) + int(match.group(3))
        elif match := USED.search(line):
            kernels[-1].registers = int(match.group(1))
            if shared := SHARED.search(line):
                kernels[-1].shared = int(shared.group(1))
    return kernels


def demangled(symbols: list[str]) -> list[str]:
    filtered = subprocess.run(["c++filt"], input="\n".join(symbols), capture_output=True, text=True, check=True).stdout
    return filtered.replace("(anonymous namespace)::", "").splitlines()


def give_names(kernels: list[Kernel]) -> None:
    """The function's own name, without namespaces and template arguments."""
    for kernel, plain in zip(kernels, demangled([kernel.symbol for kernel in kernels])):
        match = NAME.search(plain)
        kernel.name = match.group(1) if match else plain


def compile_file(nvcc: str, path: pathlib.Path, arch: str, cubin: pathlib.Path) -> tuple[list[Kernel], str]:
    """The kernels, in their order, or what the compiler says is wrong."""
    command = [nvcc, "-std=c++20", "-O3", CONTRACTION, f"-I{ROOT}", "-Xptxas", "-v", "-cubin",
               "-gencode", f"arch=compute_{arch},code=sm_{arch}", str(path), "-o", str(cubin)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        return [], f"{path.relative_to(ROOT)} does not compile for sm_{arch}:\n{result.stderr}"
    kernels = parse(result.stderr)
    bounds = cuda_limits.launch_bounds(cubin.read_bytes())
    for kernel in kernels:
        kernel.threads = bounds.get(kernel.symbol, 0)
    return kernels, ""


def compile_to_nowhere(nvcc: str, path: pathlib.Path, arch: str) -> tuple[list[Kernel], str]:
    with tempfile.TemporaryDirectory() as folder:
        return compile_file(nvcc, path, arch, pathlib.Path(folder) / "code.cubin")


def print_table(kernels: list[Kernel]) -> None:
    """One row for all instances of a kernel; the figures are the largest among them."""
    print(f"{'kernel':36} {'arch':6} {'inst.':>5} {'regs':>9} {'shared B':>9} {'stack B':>8} {'spills B':>9}")
    groups: dict[tuple[str, str], list[Kernel]] = {}
    for kernel in kernels:
        groups.setdefault((kernel.name, kernel.arch), []).append(kernel)
    for (name, arch), group in sorted(groups.items()):
        registers = [kernel.registers for kernel in group]
        least, most = min(registers), max(registers)
        print(f"{name:36} {arch:6} {len(group):5} {f'{least}-{most}' if least < most else most:>9} "
              f"{max(k.shared for k in group):9} {max(k.stack for k in group):8} {max(k.spills for k in group):9}")


def main() -> int:
    nvcc = find_nvcc()
    if nvcc is None:
        print("skipped: there is no nvcc (CUDACXX, PATH, /usr/local/cuda/bin)")
        return SKIPPED
    archs = os.environ.get("SOTTO_CUDA_GATE_ARCHS", "75").replace(",", " ").split()
    wanted = sys.argv[1:]
    files = [path for path in sorted((ROOT / "engine").rglob("*.cu"))
             if not wanted or any(part in path.name for part in wanted)]
    kernels: list[Kernel] = []
    failures: list[str] = []
    if not files:
        failures.append(f"no .cu file of engine/ is named like {', '.join(wanted) or 'that'}")
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        jobs = [(path, arch) for path in files for arch in archs]
        for found, failure in pool.map(lambda job: compile_to_nowhere(nvcc, *job), jobs):
            kernels += found
            failures += [failure] if failure else []
    if f"PRIVATE {CONTRACTION})" not in (ROOT / "engine/kernels/CMakeLists.txt").read_text(encoding="utf-8"):
        failures.append(f"engine/kernels/CMakeLists.txt compiles without {CONTRACTION}")
    give_names(kernels)
    print_table(kernels)
    dynamic = cuda_limits.dynamic_kernels()
    for kernel in kernels:
        # The names here end in Kernel.
        has_dynamic = kernel.name.removesuffix("Kernel") in dynamic
        failures += [f"{kernel.name} on {kernel.arch}: {problem}" for problem in
                     cuda_limits.problems_of_block(kernel.registers, kernel.threads, kernel.shared, has_dynamic)]
        if kernel.spills > 0 and HOT.search(kernel.name):
            failures.append(f"{kernel.name} spills {kernel.spills} bytes on {kernel.arch}: {kernel.symbol}")
    for line in failures:
        print("cuda:", line)
    print(f"cuda: {len(files)} files for sm_{' sm_'.join(archs)}, {len(kernels)} kernels, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
