#!/usr/bin/env python3
"""Starts what scripts/package made in a bare Debian 12: nothing but debootstrap's minimal system, no display, no fonts.

    installer/test/start_packages.py [--bare FOLDER] [PACKAGE …]      default: what lies in build/packages

Run on demand, as root, with the network: debootstrap fetches the system once into --bare (build/bare, 300 MB), and each
package is tried in a copy of it, as a user without rights. The Debian package gets its dependencies from Debian without what
it only recommends; the portable archive gets nothing. Screenshots are left beside the packages.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MIRROR = "http://deb.debian.org/debian"
USER = "1000"


class Bare:
    """A copy of the bare system; commands in it run in a mount namespace of their own, so that nothing stays mounted."""

    def __init__(self, bare: pathlib.Path, folder: pathlib.Path):
        self.folder = folder
        if folder.exists():
            shutil.rmtree(folder)
        subprocess.run(["cp", "-a", "--reflink=auto", str(bare), str(folder)], check=True)
        home = folder / "home/user"
        (home / "run").mkdir(parents=True)
        (home / "run").chmod(0o700)
        subprocess.run(["chown", "-R", f"{USER}:{USER}", str(home)], check=True)

    def command(self, as_user: bool, *words: str, input: str | None = None) -> subprocess.CompletedProcess:
        chroot = ["chroot", *([f"--userspec={USER}:{USER}"] if as_user else []), str(self.folder), "/usr/bin/env", "-i",
                  "HOME=/home/user" if as_user else "HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                  "DEBIAN_FRONTEND=noninteractive", "XDG_RUNTIME_DIR=/home/user/run", *words]
        script = 'mount -t proc proc "$0/proc" && exec "$@"'
        return subprocess.run(["unshare", "--mount", "bash", "-c", script, str(self.folder), *chroot], input=input,
                              capture_output=True, text=True, check=False, timeout=900)

    def remove(self) -> None:
        shutil.rmtree(self.folder)


def need(step: str, run: subprocess.CompletedProcess, has: str = "") -> None:
    text = (run.stdout + run.stderr).strip()
    if run.returncode != 0 or has not in run.stdout:
        raise SystemExit(f"{step}: status {run.returncode}\n{text[-4000:]}")
    print(f"  {step}: ok" + (f" ({text.splitlines()[-1][:100]})" if text and len(text) < 400 else ""), flush=True)


def install(system: Bare, package: pathlib.Path) -> str:
    """Puts the package into the system; returns the folder of its programs."""
    shutil.copy2(package, system.folder / "tmp")
    if package.suffix == ".deb":
        need("apt-get update", system.command(False, "apt-get", "update", "-qq"))
        need("apt-get install", system.command(False, "apt-get", "install", "-y", "-qq", "--no-install-recommends",
                                               f"/tmp/{package.name}"))
        return "/usr/bin"
    subprocess.run(["tar", "-I", "zstd", "-xf", str(package), "-C", str(system.folder / "opt")], check=True)
    (system.folder / "opt" / package.name.removesuffix(".tar.zst")).rename(system.folder / "opt/moved here")
    return "/opt/moved here/bin"


def try_package(bare: pathlib.Path, package: pathlib.Path) -> None:
    print(package.name, flush=True)
    system = Bare(bare, bare.with_name("bare-copy"))
    programs = install(system, package)
    need("sotto-cli --version", system.command(True, f"{programs}/sotto-cli", "--version"))
    need("sotto-cli chat", system.command(True, f"{programs}/sotto-cli", "chat", "--device", "cpu",
                                          input="Hello\n/quit\n"), " ")
    need("sotto --smoke", system.command(True, f"{programs}/sotto", "--smoke"))
    need("sotto --screenshot", system.command(True, f"{programs}/sotto", "--screenshot", "/home/user/a.png"))
    shutil.copy2(system.folder / "home/user/a.png", package.with_name(f"{package.name}.png"))
    system.remove()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bare", type=pathlib.Path, default=ROOT / "build/bare")
    parser.add_argument("packages", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    folder = ROOT / "build/packages"
    packages = arguments.packages or [*sorted(folder.glob("*.deb")), *sorted(folder.glob("*.tar.zst"))]
    if not packages:
        print("There is no package in build/packages: scripts/package makes them.")
        return 1
    bare = arguments.bare.resolve()
    if not (bare / "usr/bin/apt-get").exists():
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", str(bare), MIRROR], check=True)
    for package in packages:
        try_package(bare, package.resolve())
    print(f"{len(packages)} packages start in a bare system")
    return 0


if __name__ == "__main__":
    sys.exit(main())
