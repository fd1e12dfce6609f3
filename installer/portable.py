#!/usr/bin/env python3
"""Makes the portable archive: an installation of a build with the libraries, plugins and QML modules of Qt beside it.

    installer/portable.py BUILD_FOLDER OUT_FOLDER

    sotto-VERSION-linux-x86_64/bin      the programs, which look for libraries in ../lib; qt.conf tells Qt where the rest is
                               lib      what they are linked with, as this system has it
                               plugins qml
                               share    as in any installation; share/doc/sotto/packages has the licence of each library

It runs on systems whose C and C++ libraries are at least as new as those of the system that built it.
"""

import argparse
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

# Of the system that it runs on, always: the C and C++ libraries (the newer ones serve older programs), and what the
# graphics drivers there are linked with and may want newer.
OF_THE_SYSTEM = re.compile(
    r"^(ld-linux.*|linux-vdso|lib(c|m|dl|rt|pthread|resolv|util|nsl|stdc\+\+|gcc_s|drm|gbm|wayland-\w+|xcb-dri\d))\.so")

PLUGINS = ("platforms/libqoffscreen.so", "platforms/libqxcb.so", "platforms/libqwayland-egl.so",
           "platforms/libqwayland-generic.so", "wayland-decoration-client", "wayland-graphics-integration-client",
           "wayland-shell-integration", "xcbglintegrations", "platforminputcontexts", "platformthemes", "iconengines",
           "imageformats/libqsvg.so", "imageformats/libqjpeg.so")

# What the window imports, and what Qt's own modules import in turn. Of the styles only the one that the window sets.
QML = ("QtQml/qmldir", "QtQml/*.so", "QtQml/Models", "QtQml/WorkerScript", "QtQuick/qmldir", "QtQuick/*.so", "QtQuick/Window",
       "QtQuick/Templates", "QtQuick/Layouts", "QtQuick/Shapes", "QtQuick/Dialogs", "QtQuick/Controls/qmldir",
       "QtQuick/Controls/*.so", "QtQuick/Controls/impl", "QtQuick/Controls/Basic", "Qt/labs/folderlistmodel")

QT_CONF = "[Paths]\nPrefix = ..\nPlugins = plugins\nQmlImports = qml\n"


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def qt_folders() -> tuple[pathlib.Path, pathlib.Path]:
    qmake = shutil.which("qmake6") or "/usr/lib/qt6/bin/qmake6"
    return (pathlib.Path(output(qmake, "-query", "QT_INSTALL_PLUGINS").strip()),
            pathlib.Path(output(qmake, "-query", "QT_INSTALL_QML").strip()))


def copy(source: pathlib.Path, target: pathlib.Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.qmltypes", "designer"))
    else:
        shutil.copy2(source, target)


def elf_files(folder: pathlib.Path) -> list[pathlib.Path]:
    return [path for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.is_symlink() and path.open("rb").read(4) == b"\x7fELF"]


def libraries_of(files: list[pathlib.Path]) -> dict[str, pathlib.Path]:
    """Name -> file of every library that these need, also by others, besides those of the system."""
    found = {}
    for path in files:
        for name, file in re.findall(r"^\s+(\S+) => (\S+)", output("ldd", str(path)), re.MULTILINE):
            if OF_THE_SYSTEM.match(name):
                continue
            if file == "not":
                raise SystemExit(f"{path} needs {name}, which is not there")
            found[name] = pathlib.Path(file)
    return found


def add_qt(root: pathlib.Path) -> list[pathlib.Path]:
    """Plugins and QML modules; returns the files that they were copied from."""
    plugins, qml = qt_folders()
    copied = []
    for name in PLUGINS:
        if (plugins / name).exists():  # not every Qt has each of them
            copy(plugins / name, root / "plugins" / name)
            copied.append(plugins / name)
    for pattern in QML:
        matches = sorted(qml.glob(pattern))
        if not matches:
            raise SystemExit(f"Qt's QML modules have no {pattern}")
        for path in matches:
            copy(path, root / "qml" / path.relative_to(qml))
            copied.append(path)
    (root / "bin/qt.conf").write_text(QT_CONF)
    return copied


def add_licences(root: pathlib.Path, files: list[pathlib.Path]) -> None:
    """The copyright file of each package that something was copied from."""
    # Debian 12 has one /usr and packages that still name files by /lib.
    names = {name for file in files for path in (file, file.resolve())
             for name in (str(path), str(path).removeprefix("/usr"))}
    listing = subprocess.run(["dpkg-query", "-S", *sorted(names)], capture_output=True, text=True, check=False).stdout
    packages = {name.split(":")[0].strip() for line in listing.splitlines() for name in line.rsplit(": ", 1)[0].split(",")}
    owned = {line.rsplit(": ", 1)[1] for line in listing.splitlines()}
    for file in files:
        if not owned & {str(file), str(file.resolve()), str(file).removeprefix("/usr"),
                        str(file.resolve()).removeprefix("/usr")}:
            raise SystemExit(f"{file} is of no package, so its licence is not known")
    for package in sorted(packages):
        text = pathlib.Path("/usr/share/doc") / package / "copyright"
        if not text.exists():
            raise SystemExit(f"{package} has no copyright file")
        copy(text, root / "share/doc/sotto/packages" / package)


def set_search_paths(root: pathlib.Path) -> None:
    for path in elf_files(root):
        way = os.path.relpath(root / "lib", path.parent)
        subprocess.run(["patchelf", "--set-rpath", "$ORIGIN" if way == "." else f"$ORIGIN/{way}", str(path)], check=True)


def version_of(build: pathlib.Path) -> str:
    return re.search(r"^CMAKE_PROJECT_VERSION:\w+=(.*)$", (build / "CMakeCache.txt").read_text(), re.MULTILINE).group(1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    arguments = parser.parse_args()
    name = f"sotto-{version_of(arguments.build)}-linux-{platform.machine()}"
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) / name
        subprocess.run(["cmake", "--install", str(arguments.build), "--prefix", str(root), "--strip"], check=True,
                       stdout=subprocess.DEVNULL)
        copied = add_qt(root)
        libraries = libraries_of(elf_files(root))
        for library, file in libraries.items():
            copy(file.resolve(), root / "lib" / library)
        add_licences(root, copied + list(libraries.values()))
        set_search_paths(root)
        archive = arguments.out.resolve() / f"{name}.tar.zst"
        archive.unlink(missing_ok=True)
        subprocess.run(["tar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "-I", "zstd -10 -T0", "-cf",
                        str(archive), name], cwd=folder, check=True)
    print(f"{archive}: {archive.stat().st_size / 1e6:.0f} MB, {len(libraries)} libraries")
    return 0


if __name__ == "__main__":
    sys.exit(main())
