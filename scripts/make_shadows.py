#!/usr/bin/env python3
"""Makes the nine-patch shadows of popups and dialogs (app/ui/Components/shadow_*.png).

The shadow of a rectangle under a Gaussian blur is the product of two error-function profiles, so no image
library is needed. A CSS blur of b is a Gaussian with standard deviation b / 2.
"""
import math
import pathlib
import struct
import zlib

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "app/ui/Components"


def profile(size, reach, sigma):
    """Share of the light taken at each pixel of one axis; the rectangle lies `reach` px inside the image."""
    first, last = reach, size - reach
    scale = sigma * math.sqrt(2)
    return [0.5 * (math.erf((x + 0.5 - first) / scale) - math.erf((x + 0.5 - last) / scale)) for x in range(size)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_shadow(path, blur, opacity, cut):
    """Writes a grey + alpha PNG whose corners are `cut` px; one stretchable pixel lies between them."""
    size = 2 * cut + 1
    # The rectangle itself is taken as endless in the middle: the nine-patch stretches that pixel.
    row = profile(2 * cut + 4 * blur, blur, blur / 2)
    line = row[:cut] + [row[len(row) // 2]] + row[-cut:]
    rows = b"".join(b"\0" + b"".join(bytes((0, round(255 * opacity * a * b))) for a in line) for b in line)
    header = struct.pack(">IIBBBBB", size, size, 8, 4, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) +
                     chunk(b"IEND", b""))


write_shadow(FOLDER / "shadow_popup.png", blur=32, opacity=0.40, cut=52)
write_shadow(FOLDER / "shadow_dialog.png", blur=64, opacity=0.50, cut=104)
