"""What the tests of the shell scripts share: a folder of their own, and a PATH that holds nothing but what they put there."""

import pathlib
import shutil
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class ScriptTest(unittest.TestCase):
    TOOLS = ()  # what the script takes from the system

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.bin = self.root / "bin"
        self.bin.mkdir()
        self.log = self.root / "log"  # for stubs to say that they were called
        self.log.touch()
        for tool in self.TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))

    def program(self, path, body):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/bash\n{body}\n")
        path.chmod(0o755)

    def stub(self, name, body):
        """In place of a program of the system."""
        self.program(self.bin / name, body)
