#!/usr/bin/env python3
"""scripts/install with stubs for apt, dpkg, id and sudo: which packages it asks for, and as whom. Nothing is installed."""

import os
import subprocess
import unittest

from script_test import ROOT, ScriptTest


class Install(ScriptTest):
    # Nothing else of the real PATH is seen, above all no sudo.
    TOOLS = ("bash", "env", "dirname", "sed", "grep", "cat")

    def system(self, installed=(), known=(), uid=0, has_sudo=False):
        """A system with these packages, where apt knows those."""
        words = " ".join(installed)
        self.stub("dpkg-query", f'for name in {words}; do [ "${{!#}}" = "$name" ] && echo "install ok installed"; done; exit 0')
        self.stub("apt-cache", f'for name in {" ".join(known)}; do [ "$2" = "$name" ] && exit 0; done; exit 100')
        self.stub("apt-get", f'echo "apt-get $*" >> {self.log}')
        self.stub("id", f"echo {uid}")
        if has_sudo:
            self.stub("sudo", f'echo "sudo $1" >> {self.log}; exec "$@"')

    def run_install(self, text):
        packages = self.root / "packages.txt"
        packages.write_text(text)
        run = subprocess.run([str(ROOT / "scripts/install"), str(packages)], env={"PATH": str(self.bin)},
                             capture_output=True, text=True, check=False)
        return run, self.log.read_text().splitlines()

    def installed_names(self, log):
        return [line.split("--no-install-recommends ")[1].split() for line in log if " install " in line]

    def test_nothing_missing_says_and_does_nothing(self):
        self.system(installed=["one", "two"])
        run, log = self.run_install("# a list\none\ntwo\n")
        self.assertEqual((run.returncode, run.stdout, run.stderr, log), (0, "", "", []))

    def test_an_installed_alternative_is_enough(self):
        self.system(installed=["second"], known=["first", "second"])
        run, log = self.run_install("first | second\n")
        self.assertEqual((run.returncode, log), (0, []))

    def test_the_first_alternative_that_apt_knows_is_taken(self):
        self.system(known=["second", "third", "plain"])
        run, log = self.run_install("first | second|third\nplain  # why\n")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.installed_names(log), [["second", "plain"]])

    def test_of_unknown_alternatives_the_first_is_asked_for(self):
        self.system()
        _, log = self.run_install("first | second\n")
        self.assertEqual(self.installed_names(log), [["first"]])

    def test_the_lists_of_apt_are_updated_before_the_choice(self):
        self.system()
        # Knows a package only after an update, as a fresh container does.
        self.stub("apt-cache", f'[ "$2" = second ] && grep -q "apt-get update" {self.log}')
        _, log = self.run_install("first | second\n")
        self.assertEqual(self.installed_names(log), [["second"]])

    def test_root_asks_no_sudo(self):
        self.system(known=["one"], has_sudo=True)
        _, log = self.run_install("one\n")
        self.assertFalse([line for line in log if line.startswith("sudo")])

    def test_another_user_asks_sudo(self):
        self.system(known=["one"], uid=1000, has_sudo=True)
        run, log = self.run_install("one\n")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(log[0], "sudo apt-get")
        self.assertEqual(self.installed_names(log), [["one"]])
        self.assertEqual(sum(line.startswith("sudo") for line in log), 2)

    def test_without_sudo_the_command_is_said_and_nothing_is_done(self):
        self.system(known=["two"], uid=1000)
        run, log = self.run_install("one | two\n")
        self.assertEqual((run.returncode, log), (1, []))
        self.assertIn("apt-get install --no-install-recommends two", run.stderr)

    def test_a_system_without_apt_is_left_alone(self):
        run, log = self.run_install("one\n")
        self.assertEqual((run.returncode, log), (0, []))
        self.assertIn("has no apt", run.stderr)

    def test_a_failing_apt_fails(self):
        self.system(known=["one"])
        self.stub("apt-get", "exit 100")
        run, _ = self.run_install("one\n")
        self.assertNotEqual(run.returncode, 0)


if __name__ == "__main__":
    os.chdir("/")
    unittest.main()
