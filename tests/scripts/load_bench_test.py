#!/usr/bin/env python3
"""tests/bench/load_bench.py with stubs for both programs: what a server says when it fails ends the measurement."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds: only a hang takes that long

OURS = """
import json, sys
mean = {"mean": 1.0, "p95": 1.0}
intruder = {"quiet_ms": mean, "disturbed_ms": mean, "ttft_ms": mean, "p95_ratio": 1.0}
arrivals = {"tokens_per_s": 1.0, "ttft_ms": mean, "tpot_ms": mean, "gap_ms": mean, "kv_use": 0.5, "preemptions": 0}
load = {"intruder": intruder} if "intruder" in sys.argv[-1] else arrivals
print(json.dumps({"load": load | {"streams_note": "Of 2 streams at most 1 run at once."}}))
"""

# Answers the first request, with which the server is warmed up, and then as the mode says.
PEER = """
import http.server, json, sys
mode, n_requests = MODE, 0

class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def do_POST(self):
        global n_requests
        n_requests += 1
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_failing = n_requests > 1 and (mode != "intruder" or body["n_predict"] == 1)
        if is_failing and mode in ("status", "intruder"):
            self.send_response(500)
            self.end_headers()
            self.wfile.write(b"out of slots")
            return
        self.send_response(200)
        self.end_headers()
        if is_failing and mode == "empty":
            return
        if is_failing and mode == "event":
            self.wfile.write(b'data: {"error": {"message": "out of slots"}}\\n\\n')
            return
        for _ in range(body["n_predict"]):
            self.wfile.write(b'data: {"content": "a", "tokens": [7]}\\n\\n')

port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


class LoadBench(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def program(self, name, body):
        path = self.root / name
        path.write_text(f"#!{sys.executable}\n{body}")
        path.chmod(0o755)
        return str(path)

    def play(self, mode, load):
        command = [sys.executable, str(ROOT / "tests/bench/load_bench.py"), "m.gguf", load, "--rounds", "1",
                   "--ours", self.program("ours", OURS), "--peer", self.program("peer", PEER.replace("MODE", repr(mode)))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              start_new_session=True) as program:
            try:
                out, err = program.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(program.pid, signal.SIGKILL)  # its server too
                raise
        return subprocess.CompletedProcess(command, program.returncode, out, err)

    def check_cause(self, mode, load, cause):
        done = self.play(mode, load)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(cause, done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_answers_are_measured(self):
        for load in ("streams=2,prompt=4,answer=6,requests=5", "streams=2,prompt=4,answer=80,requests=2,intruder=9"):
            done = self.play("well", load)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("ours over peer", done.stdout)
            self.assertIn("at most 1 run at once", done.stdout)  # another load than the server's

    def test_refused_request_ends_with_the_servers_words(self):
        self.check_cause("status", "streams=1,prompt=4,answer=6,requests=3", "out of slots")
        self.check_cause("status", "streams=2,prompt=4,answer=80,requests=1,intruder=9", "out of slots")

    def test_error_within_an_answer_ends_with_the_servers_words(self):
        self.check_cause("event", "streams=1,prompt=4,answer=6,requests=3", "out of slots")

    def test_answer_without_a_token_is_named(self):
        self.check_cause("empty", "streams=2,prompt=4,answer=6,requests=3", "without a token")
        self.check_cause("empty", "streams=2,prompt=4,answer=80,requests=1,intruder=9", "without a token")

    def test_refused_intruder_ends_with_the_servers_words(self):
        self.check_cause("intruder", "streams=2,prompt=4,answer=80,requests=1,intruder=9", "out of slots")


if __name__ == "__main__":
    unittest.main()
