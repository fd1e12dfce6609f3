#!/usr/bin/env python3
"""scripts/card-check run, with stubs in place of the programs that were packed: parts, limits, results."""

import shutil
import subprocess
import tarfile
import unittest

from script_test import ROOT, ScriptTest

PROGRAMS = ("sotto-cli", "golden_logits_card_test", "card_answers_test")


class CardCheck(ScriptTest):
    TOOLS = ("bash", "env", "dirname", "cat", "date", "mkdir", "sed", "grep", "rm", "tar", "gzip", "tee", "timeout", "sleep")

    def setUp(self):
        super().setUp()
        (self.root / "scripts").mkdir()
        shutil.copy(ROOT / "scripts/card-check", self.root / "scripts")
        for name in PROGRAMS:
            self.packed(name, f'echo "{name} $*" | tee -a {self.log}')
        self.stub("nvidia-smi", "echo 'name, driver'; echo 'Stub, 580.1'")

    def packed(self, name, body):
        self.program(self.root / "packed" / "bin" / name, body)

    def call(self, **environment):
        (self.root / "packed" / "commit").write_text("abc123\n")
        with tarfile.open(self.root / "packed.tar.gz", "w:gz") as archive:
            archive.add(self.root / "packed", "card-check")
        run = subprocess.run([self.root / "scripts/card-check", "run", "packed.tar.gz", "results.md"], cwd=self.root,
                             env={"PATH": str(self.bin)} | environment, capture_output=True, text=True, check=False)
        self.results = (self.root / "results.md").read_text()
        return run.returncode, [line.rsplit(",", 1)[0] for line in run.stdout.splitlines()]

    def test_correctness_comes_first_and_all_is_told(self):
        status, lines = self.call()
        self.assertEqual(status, 0, lines)
        self.assertEqual(lines[:4], ["doctor: passed", "golden logits: passed", "answers: passed",
                                     "speed llama-8b:Q4_K_M: passed"])
        self.assertIn("memcheck: left out", lines)
        self.assertIn("stalls: left out", lines)
        self.assertIn("commit abc123", self.results)
        self.assertIn("Stub, 580.1", self.results)
        self.assertIn("doctor --device cuda", self.results)

    def test_a_part_that_fails_stops_no_other(self):
        self.packed("card_answers_test", "echo wrong bits; exit 3")
        status, lines = self.call()
        self.assertEqual(status, 1)
        self.assertIn("answers: failed with 3", lines)
        self.assertIn("speed qwen3-30b-a3b:Q4_K_M, long: passed", lines)
        self.assertIn("wrong bits", self.results)

    def test_a_part_that_hangs_is_cut_and_what_it_said_is_kept(self):
        self.packed("golden_logits_card_test", "echo began; sleep 120")
        status, lines = self.call(CARD_CHECK_SECONDS="8")
        self.assertEqual(status, 1)
        self.assertRegex(lines[1], "golden logits: cut after [0-9] s")
        self.assertEqual(lines[2], "answers: left out")
        self.assertIn("began", self.results)

    def test_what_was_skipped_is_told(self):
        self.packed("golden_logits_card_test", "echo 'SKIP   : a type whose model is not here'")
        self.packed("card_answers_test", "kill -9 $$")
        _, lines = self.call()
        self.assertIn("golden logits: passed (1 skipped)", lines)
        self.assertIn("answers: failed with 137", lines)

    def test_both_ways_of_prompts_are_measured_where_there_is_a_library(self):
        _, lines = self.call()
        self.assertIn("prompts through cuBLAS: left out", lines)
        self.packed("sotto-cli", f'echo "cuBLAS: found"; echo "sotto-cli $*" >> {self.log}')
        status, lines = self.call()
        self.assertEqual(status, 0, lines)
        for kernels in ("own", "cublas"):
            self.assertIn(f"prompt Q4_K_M:2048, {kernels}: passed", lines)
            self.assertRegex(self.log.read_text(), f"--synthetic llama-8b:F16 .*--kernels {kernels} --pp 2048")

    def test_tools_of_the_toolkit_are_used_where_they_are(self):
        self.stub("compute-sanitizer", f'echo "sanitizer $*" >> {self.log}')
        self.stub("ncu", "echo no counters here; exit 1")
        status, lines = self.call()
        self.assertEqual(status, 1)
        self.assertIn("racecheck: passed", lines)
        self.assertIn("stalls: failed with 1", lines)
        self.assertIn("--tool initcheck", self.log.read_text())


if __name__ == "__main__":
    unittest.main()
