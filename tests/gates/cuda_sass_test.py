#!/usr/bin/env python3
"""The gate on machine code is shown code that is right and code that is wrong, and must say so."""

import pathlib
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import cuda_limits  # noqa: E402
import cuda_sass  # noqa: E402
import sass  # noqa: E402

WEIGHT = "LDG.E.NA.128 R4, desc[UR4][R2.64]"
NO = sass.NO_SCOREBOARD


def printed(*lines):
    """nvdisasm's text: (instruction, scoreboard that it counts, mask that it waits for), or a label."""
    text = "\t.target\tsm_90\n.text.kernel:\nkernel:\n"
    for at, line in enumerate(lines):
        if isinstance(line, str):
            text += f"{line}:\n"
            continue
        control = 2 | line[1] << 5 | 7 << 8 | line[2] << 11
        text += f"        /*{16 * at:04x}*/                   {line[0]} ;       /* 0x{at:016x} */\n"
        text += f"                                               /* 0x{control << 41:016x} */\n"
    return text


def code(*lines):
    return sass.parse(printed(*lines))["kernel"]


def loads(board, n=6):
    return [(WEIGHT, board, 0)] * n


def work(board=None, n=60):
    """Products, of which the first waits."""
    first = [("IMMA.16832.U8.S8 R8, R4.ROW, R6.COL, R8", NO, 1 << board if board is not None else 0)]
    return first + [("LOP3.LUT R5, R4, 0xf0f0f0f, RZ, 0xc0, !PT", NO, 0)] * n


BACK = ("@!P0 BRA `(.L_x_1)", NO, 0)
PROLOGUE = [("PREEXIT", NO, 0), *loads(0), ("ACQBULK", NO, 0)]
TWO_UNITS = [".L_x_1", *loads(1), *work(0), *loads(0), *work(1), BACK]


def kernel(*lines, name="linearRows", arguments=("(sotto::DType)12", "1"), arch="90", **facts):
    facts = {"registers": 128, "max_threads": 512} | facts
    return cuda_sass.Kernel(name, arch, arguments, code(*lines), **facts)


class Reading(unittest.TestCase):
    def test_instructions(self):
        first, second = code(".L_x_7", ("@!P1 LDG.E.64 R2, desc[UR4][R2.64]", 3, 0), ("EXIT", NO, 0b101000))
        self.assertEqual((first.name, first.op, first.writes, first.waits, first.label, first.stall),
                         ("LDG.E.64", "LDG", 3, 0, ".L_x_7", 2))
        self.assertEqual((second.name, second.waits, second.label), ("EXIT", 0b101000, ""))

    def test_main_loops_are_the_innermost_with_products(self):
        lines = code(".L_x_1", *work(), ".L_x_2", *work(n=3), ("@P0 BRA `(.L_x_2)", NO, 0), BACK,
                     ".L_x_3", ("NOP", NO, 0), ("@P0 BRA `(.L_x_3)", NO, 0))
        self.assertEqual([len(body) for body in sass.loops(lines)], [5])

    def test_waits(self):
        body = code(*TWO_UNITS)
        is_load = kernel(*TWO_UNITS).is_streamed
        self.assertEqual([(wait.ended, wait.left) for wait in sass.waits(body, is_load)], [(6, 6), (6, 6)])
        shared = code(".L_x_1", *loads(0), *work(0), BACK)
        self.assertEqual([(wait.ended, wait.age, wait.left) for wait in sass.waits(shared, is_load)], [(6, 1, 0)])

    def test_a_barrier_that_leaves_some(self):
        body = code(*loads(0, 4), ("DEPBAR.LE SB0, 0x1", NO, 0))
        wait, = sass.waits(body, lambda line: line.op == "LDG", turns=1)
        self.assertEqual((wait.ended, wait.left), (3, 1))

    def test_flow(self):
        always = code(*TWO_UNITS)
        never = code(".L_x_1", *loads(0), *work(0), *loads(1), *work(1), BACK)
        def flow(body):
            return sass.flow(body, lambda line: line.op == "LDG", 1000, 60)
        self.assertAlmostEqual(flow(never)[0], 2 * (1000 + 2 * 67), delta=20)
        self.assertAlmostEqual(flow(always)[0], 1000 + 2 * 67, delta=150)
        self.assertGreater(flow(always)[1], 1.6 * flow(never)[1])

    def test_launch_bounds(self):
        names = b"\0.nv.info.kernel\0.shstrtab\0"
        attributes = struct.pack("<BBH", 3, 0x1b, 255) + struct.pack("<BBHIII", 4, 5, 12, 256, 2, 1)
        header = bytearray(64)
        start = 64
        table = start + len(attributes) + len(names)
        struct.pack_into("<Q", header, 0x28, table)
        struct.pack_into("<HHH", header, 0x3a, 64, 2, 1)
        def section(name, at, size):
            return struct.pack("<IIQQQQ", name, 1, 0, 0, at, size).ljust(64, b"\0")
        cubin = bytes(header) + attributes + names + section(1, start, len(attributes)) + \
            section(17, start + len(attributes), len(names))
        self.assertEqual(cuda_limits.launch_bounds(cubin), {"kernel": 512})


class Rules(unittest.TestCase):
    def assertProblem(self, kernels, *parts):
        problems = cuda_sass.problems_of(kernels)
        self.assertEqual(len(problems), 1, problems)
        for part in parts:
            self.assertIn(part, problems[0])

    def test_what_is_right(self):
        self.assertEqual(cuda_sass.problems_of([kernel(*PROLOGUE, *TWO_UNITS)]), [])

    def test_loads_behind_the_programmatic_wait(self):
        self.assertProblem([kernel(("PREEXIT", NO, 0), ("ACQBULK", NO, 0), *loads(0), *TWO_UNITS)],
                           "linearRows<Q4_K, 1> on sm_90", "0 loads of weights before the programmatic wait")

    def test_no_programmatic_wait(self):
        lines = (*loads(0), *TWO_UNITS)
        self.assertProblem([kernel(*lines)], "never waits")
        self.assertEqual(cuda_sass.problems_of([kernel(*lines, arch="89")]), [])

    def test_the_read_only_path(self):
        constant = ("LDG.E.64.CONSTANT R2, desc[UR4][R2.64]", 2, 0)
        self.assertProblem([kernel(*PROLOGUE, *TWO_UNITS, constant)], "read-only path")
        tiles = kernel(*PROLOGUE, constant, name="linearTiles", arguments=("Shape", "false"))
        self.assertEqual(cuda_sass.problems_of([tiles]), [])

    def test_a_late_trigger(self):
        self.assertProblem([kernel(*PROLOGUE[1:], *TWO_UNITS, ("PREEXIT", NO, 0))], "(PREEXIT)")

    def test_a_record_that_is_waited_for_at_once(self):
        # Both units counted on one scoreboard: nothing is left when one of them is waited for.
        lines = [".L_x_1", *loads(0), *work(0, 200), *loads(0), *work(0, 200), BACK]
        problems = cuda_sass.problems_of([kernel(*PROLOGUE, *lines)])
        self.assertTrue(any("0 loads left in flight" in problem for problem in problems), problems)

    def test_too_little_in_flight(self):
        problems = cuda_sass.problems_of([kernel(*PROLOGUE, ".L_x_1", *loads(0), *work(0, 900), BACK)])
        self.assertTrue(any("KB of weights in flight" in problem for problem in problems), problems)

    def test_keys_that_are_waited_for_at_once(self):
        key = ("LDG.E.128 R4, desc[UR4][R2.64]", 1, 0)
        def split(n):
            return kernel(("ACQBULK", NO, 0), key, *work(n=n)[1:], ("HMMA.16816.F32 R8, R4, R6, R8", NO, 0b10),
                          name="attentionSplit", arguments=("128",))
        self.assertProblem([split(5)], "1 loads of keys or values 6 instructions after")
        self.assertEqual(cuda_sass.problems_of([split(60)]), [])

    def test_a_block_that_does_not_fit(self):
        right = (*PROLOGUE, *TWO_UNITS)
        self.assertProblem([kernel(*right, registers=129)], "69632 registers for 512 threads")
        self.assertProblem([kernel(*right, max_threads=0)], "no launch bound")
        self.assertProblem([kernel(*right, shared=50000)], "static shared memory")
        self.assertProblem([kernel(*right, spills=8)], "spills 8 bytes")
        self.assertEqual(cuda_limits.dynamic_kernels(), {"attentionPrefill", "attentionSplit", "attentionSplitAny", "linearTiles"})
        self.assertEqual(cuda_limits.problems_of_block(254, 256, 8192, True), [])
        self.assertIn("beside dynamic", *cuda_limits.problems_of_block(254, 256, 8193, True))
        self.assertIn("bound of 1056", *cuda_limits.problems_of_block(32, 1056, 0, False))

    def test_bits_by_tokens(self):
        fma = ("FFMA R1, R2, R3, R4", NO, 0)
        def variant(tokens, around, inside):
            lines = [*PROLOGUE, ".L_x_1", *loads(1), *work(0), *[fma] * inside, *loads(0), *work(1), BACK]
            return kernel(*lines, *[fma] * around, arguments=("(sotto::DType)12", str(tokens)))
        self.assertEqual(cuda_sass.problems_of([variant(1, 5, 40), variant(4, 5, 32), variant(8, 5, 64)]), [])
        self.assertProblem([variant(1, 6, 40), variant(4, 5, 32), variant(8, 5, 64)], "FFMA around the main loop")
        self.assertProblem([variant(4, 5, 32), variant(8, 5, 63)], "FFMA per bundle")

    def test_tables(self):
        kernels = [kernel(*PROLOGUE, *TWO_UNITS, arch=arch) for arch in cuda_sass.ARCHS]
        tables = cuda_sass.tables_of(kernels)
        places = "\n".join("{}\nold\n{}".format(*(mark.format(name) for mark in cuda_sass.MARKS)) for name in tables)
        text = cuda_sass.with_tables(f"before\n{places}\nbehind\n", tables)
        self.assertIn("| Q4_K | 1 | 135 |", text)
        self.assertNotIn("old", text)
        self.assertTrue(text.startswith("before\n") and text.endswith("behind\n"))
        self.assertEqual(cuda_sass.with_tables(text, tables), text)

    def test_a_table_that_has_no_place(self):
        tables = cuda_sass.tables_of([kernel(*PROLOGUE, *TWO_UNITS, arch=arch) for arch in cuda_sass.ARCHS])
        with self.assertRaisesRegex(ValueError, "0 places for the table"):
            cuda_sass.with_tables("no marks\n", tables)

    def test_a_kernel_without_a_main_loop(self):
        self.assertProblem([kernel(*PROLOGUE)], "has no main loop")


if __name__ == "__main__":
    unittest.main()
