#!/usr/bin/env python3
"""A download at loopback against `curl -s URL | tee FILE | sha256sum`, in turn, on the same disk.

  download_bench.py BUILD_FOLDER [--mib N] [--rounds N] [--folder FOLDER] [--window]

The server is this program: a hub that gives out one file of random bytes, and leads on to the same file at another
path. The download is tests/net/download_child.cpp (resolve, write, hash, sync, rename). Wall time and processor time.

--window: no curl; the download runs in the real window (download_window_bench), and what is told is the processor time of
its GUI thread.
"""

import argparse
import hashlib
import http.server
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

REPOSITORY = "acme/bench"
ROOT = pathlib.Path(__file__).resolve().parents[2]


def handler_of(source: pathlib.Path, digest: str, size: int):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_HEAD(self):
            self.send_response(302)
            self.send_header("X-Repo-Commit", "0" * 40)
            self.send_header("X-Linked-Etag", f'"{digest}"')
            self.send_header("X-Linked-Size", str(size))
            self.send_header("Location", f"http://localhost:{self.server.server_address[1]}/bytes")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self):
            self.send_response(200)
            self.send_header("ETag", f'"{digest}"')
            self.send_header("Content-Length", str(size))
            self.end_headers()
            self.wfile.flush()
            with source.open("rb") as file:
                offset = 0
                while offset < size:
                    offset += os.sendfile(self.connection.fileno(), file.fileno(), offset, min(size - offset, 1 << 22))

    return Handler


def timed(command, **options):
    """Wall and processor seconds of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    done = subprocess.run(command, check=True, capture_output=True, text=True, **options)
    wall = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def measure_window(options, endpoint: str, folder: pathlib.Path):
    program = options.build.resolve() / "bin/download_window_bench"
    drawing = {"QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software", "SOTTO_RESOURCES": str(ROOT / "resources")}
    for number in range(options.rounds):
        home = folder / str(number)
        home.mkdir()
        _, _, output = timed([program, endpoint, REPOSITORY, "file-Q4_K_M.gguf", home], env=os.environ | drawing)
        assert output.split()[-1] == "verified"
        words = output.split()  # "gui N ms of N ms, N readings"
        cpu, wall = float(words[1]), float(words[4])
        print(f"{output.splitlines()[0]}: {100 * cpu / wall:.1f} % of a core", flush=True)
        shutil.rmtree(home)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--window", action="store_true")
    options = parser.parse_args()
    memory = pathlib.Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as shared, tempfile.TemporaryDirectory(dir=options.folder) as target:
        source = pathlib.Path(shared) / "source"
        hasher = hashlib.sha256()
        with source.open("wb") as file:
            for _ in range(options.mib):
                piece = os.urandom(1 << 20)
                hasher.update(piece)
                file.write(piece)
        digest, size = hasher.hexdigest(), options.mib << 20
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_of(source, digest, size))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        folder = pathlib.Path(target)
        if options.window:
            measure_window(options, f"http://127.0.0.1:{port}", folder)
            server.shutdown()
            return 0
        ratios = []
        for number in range(options.rounds):
            figures = {}
            # Who begins changes: what the first one leaves to be written back is the second one's.
            for who in ("curl", "sotto") if number % 2 == 0 else ("sotto", "curl"):
                for left in folder.iterdir():
                    left.unlink()
                os.sync()
                if who == "curl":
                    wall, cpu, output = timed(["sh", "-c", f"curl -s http://localhost:{port}/bytes | tee {folder}/file | sha256sum"])
                    assert output.split()[0] == digest
                else:
                    wall, cpu, output = timed([options.build.resolve() / "tests/download_child", f"http://127.0.0.1:{port}", REPOSITORY, "file.gguf",
                                               target, folder / "store.json"])
                    assert output.split()[-1] == "verified"
                figures[who] = wall, cpu
            ratios.append(figures["curl"][0] / figures["sotto"][0])
            print(f"curl {figures['curl'][0]:.2f} s (processor {figures['curl'][1]:.2f}), sotto {figures['sotto'][0]:.2f} s "
                  f"(processor {figures['sotto'][1]:.2f}): {100 * ratios[-1]:.0f} % of its speed", flush=True)
        server.shutdown()
    print(f"median {100 * sorted(ratios)[len(ratios) // 2]:.0f} % of curl's speed, {options.mib} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
