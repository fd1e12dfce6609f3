"""Machine code of NVIDIA cards as nvdisasm prints it, and what can be read from its scoreboards.

Loads come back in any order; each is counted on one of six scoreboards when it is issued, and an instruction whose
wait mask names a scoreboard stands still until all of that scoreboard's loads are back. So "in flight" is exact: what
has been issued and not yet been waited for. The control bits (stall, scoreboards, wait mask) lie in bits 105 to 121 of
an instruction; which is which is described by Jia et al., "Dissecting the NVIDIA Volta GPU Architecture via
Microbenchmarking" (2018), and holds from sm_70 to sm_120.
"""

import dataclasses
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess

NO_SCOREBOARD = 7

SECTION = re.compile(r"\.text\.(\S+):$")
LABEL = re.compile(r"(\.L_x_\w+):")
FIRST_WORD = re.compile(r"/\*[0-9a-f]{4,6}\*/\s+(.*?)\s*;\s*/\* 0x[0-9a-f]{16} \*/")
SECOND_WORD = re.compile(r"^\s*/\* (0x[0-9a-f]{16}) \*/")
BRANCH = re.compile(r"BRA\S* (?:\S+, )?`\((\.L_x_\w+)\)")
PREDICATE = re.compile(r"^@!?U?P\w+ ")
PARTIAL_WAIT = re.compile(r"DEPBAR\.LE SB(\d), (0x[0-9a-f]+)")


@dataclasses.dataclass
class Instruction:
    text: str
    writes: int = NO_SCOREBOARD  # scoreboard that is counted up until the result is there
    waits: int = 0               # mask of scoreboards
    stall: int = 1               # clocks until the warp may issue its next instruction
    label: str = ""              # of the branch that leads here

    @property
    def name(self) -> str:
        """The operation with its modifiers: LDG.E.NA.128."""
        return PREDICATE.sub("", self.text).split(" ")[0]

    @property
    def op(self) -> str:
        return self.name.split(".")[0]


def find_tool(name: str) -> str | None:
    """nvdisasm or cuobjdump: of the toolkit, or of the package nvidia-cuda-<name> of PyPI."""
    candidates = [os.environ.get(f"SOTTO_{name.upper()}"), shutil.which(name), f"/usr/local/cuda/bin/{name}"]
    spec = importlib.util.find_spec("nvidia")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        candidates += map(str, pathlib.Path(folder).glob(f"*/bin/{name}"))
    return next((path for path in candidates if path and os.access(path, os.X_OK)), None)


def disassembly(nvdisasm: str, cubin: pathlib.Path) -> str:
    return subprocess.run([nvdisasm, "-c", "-hex", str(cubin)], capture_output=True, text=True, check=True).stdout


def parse(text: str) -> dict[str, list[Instruction]]:
    """The instructions of each kernel, by its symbol."""
    kernels: dict[str, list[Instruction]] = {}
    current: list[Instruction] = []
    label = ""
    for line in text.splitlines():
        if match := SECTION.match(line):
            current = kernels.setdefault(match.group(1), [])
            label = ""
        elif match := LABEL.match(line):
            label = match.group(1)
        elif match := FIRST_WORD.search(line):
            current.append(Instruction(match.group(1), label=label))
            label = ""
        elif current and (match := SECOND_WORD.match(line)):
            control = int(match.group(1), 16) >> 41
            current[-1].stall = control & 15
            current[-1].writes = control >> 5 & 7
            current[-1].waits = control >> 11 & 63
    return kernels


def loops(code: list[Instruction]) -> list[list[Instruction]]:
    """The bodies of the innermost loops that use the tensor cores, in the order of the code."""
    at = {line.label: index for index, line in enumerate(code) if line.label}
    spans = []
    for end, line in enumerate(code):
        match = BRANCH.search(line.text)
        if match and at.get(match.group(1), end) < end:
            spans.append((at[match.group(1)], end + 1))
    inner = [(begin, end) for begin, end in spans
             if not any(begin <= b and e <= end and (b, e) != (begin, end) for b, e in spans)]
    bodies = [code[begin:end] for begin, end in inner]
    return [body for body in bodies if any("MMA" in line.op for line in body)]


@dataclasses.dataclass
class Wait:
    at: int     # index of the instruction that waits
    ended: int  # loads that it waits for
    age: int    # instructions since the youngest of them was issued
    left: int   # loads still in flight


def waits(body: list[Instruction], is_load, turns: int = 3) -> list[Wait]:
    """Waits for loads in the last of `turns` passes over a body: what comes round in a loop. turns = 1: of straight code."""
    flying: list[tuple[int, int]] = []  # (when, scoreboard)
    found: list[Wait] = []
    for turn in range(turns):
        for index, line in enumerate(body):
            now = turn * len(body) + index
            ended = [load for load in flying if line.waits >> load[1] & 1]
            if match := PARTIAL_WAIT.search(line.text):
                same = [load for load in flying if load[1] == int(match.group(1))]
                ended += [load for load in same[:max(0, len(same) - int(match.group(2), 16))] if load not in ended]
            if ended:
                flying = [load for load in flying if load not in ended]
                if turn == turns - 1:
                    found.append(Wait(index, len(ended), now - max(when for when, _ in ended), len(flying)))
            if line.writes != NO_SCOREBOARD and is_load(line):
                flying.append((now, line.writes))
    return found


def flow(body: list[Instruction], is_load, latency: int, others: int) -> tuple[float, float]:
    """(clocks of a pass, loads in flight on average) of one warp that runs a loop's body again and again, where a load
    takes `latency` clocks and any other result on a scoreboard `others`, and nothing else delays the warp."""
    turns = 12
    now, ends = 0, []
    back: dict[int, list[int]] = {board: [] for board in range(6)}  # when the results of each scoreboard come
    for _ in range(turns):
        for line in body:
            for board in range(6):
                if line.waits >> board & 1 and back[board]:
                    now = max(now, *back[board])
            if match := PARTIAL_WAIT.search(line.text):
                board, n_left = int(match.group(1)), int(match.group(2), 16)
                done = back[board][:len(back[board]) - n_left]
                now = max([now, *done])
            for board in range(6):
                back[board] = [when for when in back[board] if when > now]
            if line.writes != NO_SCOREBOARD:
                back[line.writes].append(now + (latency if is_load(line) else others))
            now += max(line.stall, 1)
        ends.append(now)
    clocks = (ends[-1] - ends[turns // 2 - 1]) / (turns - turns // 2)
    return clocks, sum(map(is_load, body)) * latency / clocks
