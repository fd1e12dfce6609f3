#!/usr/bin/env python3
"""Installs a build into a folder, moves it elsewhere and runs it there: nothing may be missing, and no path of the source
folder may be in the programs.

    install_test.py BUILD_FOLDER

Builds with debug information keep the names of their source files for checks and debuggers; a Release build keeps none.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 else ROOT / "build/dev").resolve()
PROGRAMS = ("sotto", "sotto-cli")

DATA = ("share/sotto/demo_model/sotto-demo.gguf", "share/sotto/demo_model/ATTRIBUTION.md",
        "share/sotto/evaluation/evaluation_text.txt", "share/sotto/evaluation/questions.jsonl", "share/doc/sotto/copyright",
        "share/doc/sotto/LICENSE", "share/applications/sotto.desktop", "share/metainfo/sotto.metainfo.xml",
        "share/icons/hicolor/scalable/apps/sotto.svg", "share/icons/hicolor/256x256/apps/sotto.png",
        "share/icons/hicolor/symbolic/apps/sotto-symbolic.svg")

SOURCE_FILE = re.compile(rb"[\w./+-]*\.(?:h|hpp|cpp|cu|cuh|qml)$")


def cache_value(name):
    match = re.search(rf"^{name}:\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.MULTILINE)
    return match.group(1) if match else ""


def strings_of(path):
    return re.findall(rb"[\x20-\x7e]{4,}", path.read_bytes())


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **options)


class Installation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        root = pathlib.Path(cls.folder.name)
        staged = root / "staged"
        installed = run(["cmake", "--install", str(BUILD), "--prefix", "/usr", "--strip"],
                        env={**os.environ, "DESTDIR": str(staged)})
        assert installed.returncode == 0, installed.stdout + installed.stderr
        cls.outside = sorted(path.name for path in staged.iterdir())
        cls.prefix = root / "else where" / "sotto"
        cls.prefix.parent.mkdir()
        shutil.move(staged / "usr", cls.prefix)
        cls.home = root / "home"
        cls.home.mkdir(mode=0o700)
        # The user's own environment, besides what the system needs to run anything, is left out.
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "ASAN_OPTIONS", "LD_LIBRARY_PATH")}
        cls.environment = {**kept, "HOME": str(cls.home), "LC_ALL": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen",
                           "QT_QUICK_BACKEND": "software", "XDG_RUNTIME_DIR": str(cls.home), "XDG_DATA_DIRS": "/nowhere"}

    def start(self, program, *arguments, **options):
        return run([str(self.prefix / "bin" / program), *arguments], env=self.environment, cwd="/", **options)

    def test_holds_what_it_must_and_nothing_else(self):
        present = {path.relative_to(self.prefix).as_posix() for path in self.prefix.rglob("*") if path.is_file()}
        self.assertEqual(self.outside, ["usr"])
        self.assertEqual([name for name in DATA if name not in present], [])
        self.assertEqual({name for name in present if name.startswith("bin/")}, {f"bin/{name}" for name in PROGRAMS})
        self.assertEqual({name.split("/")[0] for name in present}, {"bin", "share"})

    def test_formulas_need_no_other_package(self):
        if not cache_value("SOTTO_KATEX_SCRIPT") or cache_value("SOTTO_KATEX_SCRIPT").endswith("NOTFOUND"):
            self.skipTest("built without KaTeX")
        program = (self.prefix / "bin/sotto").read_bytes()
        # As Qt names what is part of a program.
        for name in ("katex.js", "render-a11y-string.js", "katex_export.js", "KaTeX_Main-Regular.ttf", "KaTeX_Size4-Regular.ttf"):
            self.assertIn(name.encode("utf-16-be"), program)
        self.assertNotIn(b"/usr/share/javascript", program)

    def test_the_command_line_finds_its_model(self):
        self.assertEqual(self.start("sotto-cli", "--version").returncode, 0)
        answer = self.start("sotto-cli", "chat", "--device", "cpu", input="Hello\n/quit\n")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertTrue(answer.stdout.strip(), answer.stderr)

    def test_the_command_line_says_where_nothing_is(self):
        model = self.prefix / "share/sotto/demo_model"
        hidden = model.rename(model.with_name("hidden"))
        self.addCleanup(lambda: hidden.rename(model))
        answer = self.start("sotto-cli", "chat", "--device", "cpu", input="Hello\n/quit\n")
        self.assertNotEqual(answer.returncode, 0, "a model was found outside of the installation")

    def test_the_window_opens(self):
        smoke = self.start("sotto", "--smoke")
        self.assertEqual(smoke.returncode, 0, smoke.stderr)

    def test_the_window_answers(self):
        picture = self.home / "picture.png"
        drawn = self.start("sotto", "--screenshot", str(picture), "--size", "960x600")
        self.assertEqual(drawn.returncode, 0, drawn.stderr)
        self.assertGreater(picture.stat().st_size, 10_000)

    def test_no_path_of_the_source_folder_is_baked_in(self):
        source = cache_value("CMAKE_HOME_DIRECTORY").encode()
        self.assertTrue(source)
        is_release = cache_value("CMAKE_BUILD_TYPE") == "Release"
        for program in PROGRAMS:
            found = [text for text in strings_of(self.prefix / "bin" / program) if source + b"/" in text or text == source
                     if is_release or not SOURCE_FILE.search(text)]
            self.assertEqual(found, [], program)

    def test_every_linked_library_is_of_a_package_that_is_named(self):
        """A library's package comes from the same source package as one that SHIPPED.txt names."""
        if not shutil.which("dpkg-query") or not shutil.which("readelf"):
            self.skipTest("dpkg-query and readelf tell it")
        sys.path.insert(0, str(ROOT / "tests/gates"))
        import shipped
        entries, _ = shipped.entries_of((ROOT / shipped.SHIPPED).read_text(encoding="utf-8"))
        named = [word for _, words in entries.values() for word in words if "/" not in word and "(" not in word]
        sources = set(self.source_packages(named)) | {"glibc"}
        libraries = {library for program in PROGRAMS for library in re.findall(
            r"\(NEEDED\).*\[(.*)\]", run(["readelf", "-d", str(self.prefix / "bin" / program)]).stdout)}
        owners = run(["dpkg-query", "-S", *(f"*/{library}" for library in libraries)]).stdout.splitlines()
        for library in sorted(libraries):
            packages = {line.split(":")[0] for line in owners if line.endswith(f"/{library}")}
            self.assertTrue(packages, f"{library} is of no package")
            self.assertTrue(sources & set(self.source_packages(packages)), f"{library} of {packages} is not named")

    @staticmethod
    def source_packages(packages):
        # g++ is of gcc-defaults, the library beside it of gcc-12.
        names = run(["dpkg-query", "-W", "-f", "${source:Package}\n", *packages]).stdout.split()
        return [re.sub(r"^gcc-.*", "gcc", name) for name in names]

    def test_desktop_entry(self):
        if not shutil.which("desktop-file-validate"):
            self.skipTest("desktop-file-validate (desktop-file-utils) is not installed")
        result = run(["desktop-file-validate", str(self.prefix / "share/applications/sotto.desktop")])
        self.assertEqual((result.returncode, result.stdout), (0, ""), result.stdout)

    def test_metainfo(self):
        if not shutil.which("appstreamcli"):
            self.skipTest("appstreamcli (appstream) is not installed")
        result = run(["appstreamcli", "validate", "--no-net", str(self.prefix / "share/metainfo/sotto.metainfo.xml")])
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_the_release_is_in_the_metainfo(self):
        version = self.start("sotto-cli", "--version").stdout.split()[-1]
        text = (self.prefix / "share/metainfo/sotto.metainfo.xml").read_text(encoding="utf-8")
        self.assertIn(f'<release version="{version}"', text)


if __name__ == "__main__":
    unittest.main()
