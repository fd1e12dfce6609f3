#!/usr/bin/env python3
"""scripts/run and scripts/card-architectures with stubs for the driver's tool and for CMake: for which cards a build is made."""

import shutil
import subprocess
import unittest

from script_test import ROOT, ScriptTest


class Run(ScriptTest):
    TOOLS = ("bash", "env", "dirname", "sed", "sort")

    def setUp(self):
        super().setUp()
        # A copy of the scripts, whose installer has nothing to do and whose program says that it was started.
        shutil.copytree(ROOT / "scripts", self.root / "scripts")
        self.program(self.root / "scripts/install", "exit 0")
        self.program(self.root / "build/bin/sotto-cli", "echo started")
        self.stub("cmake", f'echo "$*" >> {self.log}')

    def call(self, script):
        run = subprocess.run([str(self.root / "scripts" / script)], env={"PATH": str(self.bin)},
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertNotIn("not found", run.stderr)  # every tool that the scripts take is in the list above
        return run.stdout.strip()

    def cards(self, answer, status=0):
        self.stub("nvidia-smi", f"printf '{answer}'; exit {status}")

    def test_each_architecture_once(self):
        self.cards("8.9\\n8.6\\n8.9\\n12.0\\n")
        self.assertEqual(self.call("card-architectures"), "86-real;89-real;120-real")

    def test_cards_before_turing_are_none(self):
        self.cards("6.1\\n")
        self.assertEqual(self.call("card-architectures"), "")
        self.cards("6.1\\n8.6\\n")
        self.assertEqual(self.call("card-architectures"), "86-real")

    def test_no_card(self):
        self.assertEqual(self.call("card-architectures"), "")
        self.cards("No devices were found\\n")
        self.assertEqual(self.call("card-architectures"), "")
        self.cards("NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.\\n", 9)
        self.assertEqual(self.call("card-architectures"), "")

    def configured(self):
        return self.log.read_text().splitlines()[0]

    def test_run_builds_for_the_card_that_is_here(self):
        self.cards("8.6\\n")
        self.assertEqual(self.call("run"), "started")
        self.assertTrue(self.configured().endswith("-DSOTTO_CUDA=ON -DCMAKE_CUDA_ARCHITECTURES=86-real"), self.configured())

    def test_run_builds_no_kernels_without_a_card(self):
        self.assertEqual(self.call("run"), "started")
        self.assertTrue(self.configured().endswith("-DSOTTO_CUDA=OFF"), self.configured())

    def test_a_build_for_all_is_not_what_run_left_behind(self):
        preset = (ROOT / "CMakePresets.json").read_text()
        release = preset[preset.index('"name": "release",'):preset.index('"name": "release-cpu"')]
        self.assertIn('"SOTTO_CUDA": "ON"', release)
        self.assertIn('"CMAKE_CUDA_ARCHITECTURES": ""', release)  # SottoCuda.cmake chooses


if __name__ == "__main__":
    unittest.main()
