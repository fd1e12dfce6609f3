#!/usr/bin/env python3
"""measure_in_browser.py CHROMIUM [MORE ARGUMENTS]: writes tests/golden/formula/chromium.jsonl (its README.md says what it is).

CHROMIUM is a Chromium that knows --headless and --dump-dom. KaTeX and its fonts come from Debian's packages. Run by hand.
"""

import functools
import html
import http.server
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[3]
KATEX = pathlib.Path("/usr/share/javascript/katex")
# Ours by decision, see the README.
NOT_MEASURED = {"tag", "lines of a formula", "poor man's bold"}

PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="katex/katex.css">
<script src="katex/katex.js"></script>
<style>body { margin: 0 } .katex { font-size: 1000px } div { white-space: nowrap; padding: 2000px; width: max-content }
</style><body><script>
const constructs = CONSTRUCTS, em = 1000, clear = 'rgba(0, 0, 0, 0)';
const rounded = value => Math.round(value / em * 1e4) / 1e4;

// Distance from the top of a text's rectangle to its baseline.
function ascent(style) {
    const context = document.createElement('canvas').getContext('2d');
    context.font = [style.fontStyle, style.fontWeight, style.fontSize, style.fontFamily].join(' ');
    return context.measureText('x').fontBoundingBoxAscent;
}

function measure(name, div) {
    const base = div.querySelector('.base');
    const probe = document.createElement('span');
    probe.style.cssText = 'display: inline-block; width: 0; height: 0';
    base.insertBefore(probe, base.firstChild);
    const { left: x0, bottom: y0 } = probe.getBoundingClientRect();
    const out = { name, glyphs: [], rules: [], shapes: [] };
    const rect = (left, top, width, height) =>
        [rounded(left - x0), rounded(y0 - top - height), rounded(width), rounded(height)];

    const walker = document.createTreeWalker(div, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
        const style = getComputedStyle(node.parentElement);
        if (style.color === clear) continue;
        let at = 0;
        for (const character of node.data) {
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at += character.length);
            if (/[\\s\\u200b]/.test(character)) continue;
            const box = range.getBoundingClientRect();
            out.glyphs.push([character, rounded(box.left - x0), rounded(y0 - box.top - ascent(style)),
                             rounded(parseFloat(style.fontSize))]);
        }
    }
    const addRule = (...sides) => { if (sides[2] > 0 && sides[3] > 0) out.rules.push(rect(...sides)); };
    const lines = '.frac-line, .hline, .hdashline, .overline-line, .underline-line, .sout, .rule, .vertical-separator';
    for (const line of div.querySelectorAll(lines)) {
        const style = getComputedStyle(line), box = line.getBoundingClientRect();
        const color = line.matches('.rule, .vertical-separator') ? style.borderRightColor : style.borderBottomColor;
        if (color !== clear) addRule(box.left, box.top, box.width, box.height);
    }
    for (const frame of div.querySelectorAll('.stretchy:not(.sout)')) {
        const style = getComputedStyle(frame), box = frame.getBoundingClientRect();
        const [top, bottom, left, right] = ['Top', 'Bottom', 'Left', 'Right'].map(
            side => parseFloat(style['border' + side + 'Width']) || 0);
        if (style.backgroundColor !== clear) addRule(box.left, box.top, box.width, box.height);
        addRule(box.left, box.top, box.width, top);
        addRule(box.left, box.bottom - bottom, box.width, bottom);
        addRule(box.left, box.top + top, left, box.height - top - bottom);
        addRule(box.right - right, box.top + top, right, box.height - top - bottom);
    }
    for (const shape of div.querySelectorAll('svg path, svg line')) {
        const svg = shape.closest('svg'), parent = svg.parentElement;
        if (getComputedStyle(svg).color === clear) continue;
        let { left, right, top, bottom } = shape.getBoundingClientRect();
        const clips = [svg.getBoundingClientRect()];
        if (getComputedStyle(parent).overflow === 'hidden') clips.push(parent.getBoundingClientRect());
        for (const clip of clips) {
            left = Math.max(left, clip.left), right = Math.min(right, clip.right);
            top = Math.max(top, clip.top), bottom = Math.min(bottom, clip.bottom);
        }
        out.shapes.push(rect(left, top, right - left, bottom - top));
    }
    probe.remove();
    return out;
}

async function measureAll() {
    await Promise.all([...document.fonts].map(face => face.load()));
    const lines = [];
    for (const [name, isDisplay, tex] of constructs) {
        const div = document.createElement('div');
        document.body.appendChild(div);
        div.innerHTML = katex.renderToString(tex, { displayMode: isDisplay, output: 'html', strict: 'ignore' });
        lines.push(JSON.stringify(measure(name, div)));
        div.remove();
    }
    const pre = document.createElement('pre');
    pre.textContent = lines.join('\\n');
    document.body.appendChild(pre);
}
measureAll();
</script>"""


def constructs() -> list[list]:
    lines = (ROOT / "tests/app/formula/constructs.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    return [[name, mode == "display", tex] for name, mode, tex in (row for row in rows if len(row) == 3)
            if name not in NOT_MEASURED]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "katex").symlink_to(KATEX)
        page = PAGE.replace("CONSTRUCTS", json.dumps(constructs()).replace("<", "\\u003c"), 1)
        (pathlib.Path(folder) / "index.html").write_text(page, encoding="utf-8")
        # Over HTTP, since browsers do not load fonts from files.
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/index.html"
        dom = subprocess.run([*sys.argv[1:], "--headless", "--disable-gpu", "--virtual-time-budget=60000", "--dump-dom",
                              address], check=True, capture_output=True, text=True).stdout
        server.shutdown()
    found = re.search(r"<pre>(.*?)</pre>", dom, re.DOTALL)
    if not found:
        print("the page measured nothing", file=sys.stderr)
        return 1
    (ROOT / "tests/golden/formula/chromium.jsonl").write_text(html.unescape(found.group(1)) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
