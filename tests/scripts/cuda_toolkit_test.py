#!/usr/bin/env python3
"""scripts/cmake/SottoCudaToolkit.cmake: which toolkit is taken where several are, and for which cards it builds."""

import os
import pathlib
import shutil
import subprocess
import unittest

from script_test import ROOT, ScriptTest

MODULE = ROOT / "scripts/cmake/SottoCudaToolkit.cmake"


class CudaToolkit(ScriptTest):
    def cmake(self, body, **environment):
        script = self.root / "ask.cmake"
        script.write_text(f'include("{MODULE}")\n{body}\n')
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CUDA")}
        run = subprocess.run([shutil.which("cmake"), "-P", script], env=kept | environment, capture_output=True, text=True, check=True)
        return run.stderr.strip()

    def architectures(self, version):
        return self.cmake(f'sotto_cuda_architectures({version} found)\nmessage("${{found}}")').split(";")

    def test_no_toolkit_is_asked_for_cards_that_it_does_not_know(self):
        turing_to_hopper = ["75-real", "80-real", "86-real", "89-real", "90"]
        self.assertEqual(self.architectures("12.4"), turing_to_hopper)
        self.assertEqual(self.architectures("12.8"), turing_to_hopper + ["100-real", "120"])
        self.assertEqual(self.architectures("12.9"), turing_to_hopper + ["100-real", "103-real", "120"])
        self.assertEqual(self.architectures("13.0"), self.architectures("12.9"))

    def chosen(self, **environment):
        return self.cmake('sotto_cuda_toolkit_folders(folders)\nfind_program(found nvcc HINTS ${folders} PATH_SUFFIXES bin)\nmessage("${found}")',
                          **environment)

    def toolkit(self, name):
        self.program(self.root / name / "bin" / "nvcc", "")
        return str(self.root / name)

    def test_the_oldest_that_knows_blackwell_comes_first(self):
        old, new = self.toolkit("old"), self.toolkit("new")
        self.assertEqual(self.chosen(CUDA_PATH=new, CUDA_PATH_V12_8=old), f"{old}/bin/nvcc")

    def test_another_serves_where_that_is_missing(self):
        if any(pathlib.Path(f"/usr/local/cuda-12.{minor}").exists() for minor in (8, 9)):
            self.skipTest("this machine has a toolkit 12.8 or 12.9 of its own")
        new = self.toolkit("new")
        self.assertEqual(self.chosen(CUDA_PATH=new), f"{new}/bin/nvcc")


if __name__ == "__main__":
    unittest.main()
