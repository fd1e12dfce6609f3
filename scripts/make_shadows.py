#!/usr/bin/env python3
"""Makes the nine-patch shadows of popups and dialogs (app/ui/Components/shadow_*.png).

The shadow of a rectangle under a Gaussian blur is the product of two profiles, each an error function, so
no image library is needed. A CSS blur of b is a Gaussian with standard deviation b / 2.
"""
import math
import pathlib
import struct
import zlib

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "app/ui/Components"


def profile(cut, reach, sigma):
    """Shadow of a straight edge, `reach` px from the image's border: 0 there and 1 at the cut, so that
    neither the border nor the stretched middle shows a seam."""
    def edge(x):
        return 0.5 * (1 + math.erf((x - reach) / (sigma * math.sqrt(2))))
    return [(edge(x + 0.5) - edge(0)) / (edge(cut) - edge(0)) for x in range(cut)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_shadow(path, blur, opacity, cut):
    """Writes a grey + alpha PNG whose corners are `cut` px; one stretchable pixel lies between them."""
    size = 2 * cut + 1
    half = profile(cut, blur, blur / 2)
    line = half + [1.0] + half[::-1]
    rows = b"".join(b"\0" + b"".join(bytes((0, round(255 * opacity * a * b))) for a in line) for b in line)
    header = struct.pack(">IIBBBBB", size, size, 8, 4, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) +
                     chunk(b"IEND", b""))


write_shadow(FOLDER / "shadow_popup.png", blur=32, opacity=0.40, cut=52)
write_shadow(FOLDER / "shadow_dialog.png", blur=64, opacity=0.50, cut=104)
