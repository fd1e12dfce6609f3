#!/usr/bin/env python3
"""Makes the fonts in resources/fonts from the Debian packages fonts-inter and fonts-jetbrains-mono.

Qt 6.4 cannot switch OpenType features, so what the design needs is frozen into the files: tabular digits
in Inter ("Sotto Sans", "Sotto Sans Display"), and no ligatures in JetBrains Mono ("Sotto Mono"). The
families are renamed because both are reserved or known font names (SIL OFL 1.1, section 3), and each file is
reduced to Latin, Greek, Cyrillic, punctuation, arrows and the mathematics that chats use.

    python3 -m venv v && v/bin/pip install fonttools && v/bin/python scripts/freeze_fonts.py
"""
import argparse
import pathlib

from fontTools import subset
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

INTER = pathlib.Path("/usr/share/fonts/opentype/inter")
MONO = pathlib.Path("/usr/share/fonts/truetype/jetbrains-mono")

# (source, family, style name, OS/2 weight)
FACES = [
    (INTER / "Inter-Regular.otf", "Sotto Sans", "Regular", 400),
    (INTER / "Inter-Italic.otf", "Sotto Sans", "Italic", 400),
    (INTER / "Inter-Medium.otf", "Sotto Sans", "Medium", 500),
    (INTER / "Inter-SemiBold.otf", "Sotto Sans", "SemiBold", 600),
    (INTER / "InterDisplay-Light.otf", "Sotto Sans Display", "Light", 300),
    (INTER / "InterDisplay-Medium.otf", "Sotto Sans Display", "Medium", 500),
    (INTER / "InterDisplay-SemiBold.otf", "Sotto Sans Display", "SemiBold", 600),
    (MONO / "JetBrainsMono-Regular.ttf", "Sotto Mono", "Regular", 400),
    (MONO / "JetBrainsMono-Medium.ttf", "Sotto Mono", "Medium", 500),
]

# Blocks kept: Basic Latin to Latin Extended-B, IPA is left out, modifiers, Greek, Cyrillic, Latin Extended
# Additional, punctuation, super/subscripts, currency, letterlike, number forms, arrows, operators, box
# drawing and geometric shapes (tables that models draw in code blocks).
RANGES = [(0x20, 0x24F), (0x2B0, 0x2FF), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1EFF),
          (0x2000, 0x206F), (0x2070, 0x209F), (0x20A0, 0x20CF), (0x2100, 0x218F), (0x2190, 0x21FF),
          (0x2200, 0x22FF), (0x2300, 0x23FF), (0x2500, 0x25FF), (0x2713, 0x2717)]


def single_substitutions(font, feature_tag):
    """Glyph pairs {from: to} of all single substitutions of one GSUB feature."""
    table = font["GSUB"].table
    pairs = {}
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag != feature_tag:
            continue
        for lookup_index in record.Feature.LookupListIndex:
            for sub in table.LookupList.Lookup[lookup_index].SubTable:
                sub = getattr(sub, "ExtSubTable", sub)
                pairs.update(getattr(sub, "mapping", {}))
    return pairs


def freeze_tabular_digits(font):
    """Points the ten digits at their tabular forms; punctuation and space stay proportional."""
    pairs = single_substitutions(font, "tnum")
    for cmap in font["cmap"].tables:
        for codepoint in range(ord("0"), ord("9") + 1):
            glyph = cmap.cmap.get(codepoint)
            if glyph in pairs:  # cmap tables may share one dictionary, then the first pass has done it
                cmap.cmap[codepoint] = pairs[glyph]


def equalise_digit_widths(font):
    """Centres each digit of a CFF font in the widest one's advance.

    In the packaged beta the tabular forms of Inter Display keep their proportional widths, and one of
    Inter Medium is 2 units off.
    """
    glyphs = [font.getBestCmap()[codepoint] for codepoint in range(ord("0"), ord("9") + 1)]
    metrics = font["hmtx"].metrics
    widest = max(metrics[glyph][0] for glyph in glyphs)
    top = font["CFF "].cff.topDictIndex[0]
    glyph_set = font.getGlyphSet()
    for glyph in glyphs:
        advance, bearing = metrics[glyph]
        shift = (widest - advance) // 2
        if advance == widest:
            continue
        private = top.CharStrings[glyph].private
        pen = T2CharStringPen(widest - private.nominalWidthX, glyph_set)
        glyph_set[glyph].draw(TransformPen(pen, (1, 0, 0, 1, shift, 0)))
        top.CharStrings[glyph] = pen.getCharString(private, top.GlobalSubrs)
        metrics[glyph] = (widest, bearing + shift)


def rename(font, family, style, weight):
    """Gives the face its new family; the style is told apart by weight and italic bit only."""
    names = font["name"]
    postscript = f"{family}-{style}".replace(" ", "")
    licence = {entry.nameID: entry.toUnicode() for entry in names.names if entry.nameID in (0, 13, 14)}
    names.names = []
    values = {1: family, 2: style, 3: f"{postscript};frozen from the Debian package", 4: f"{family} {style}",
              5: "Version 1.000", 6: postscript, **licence}
    for name_id, value in values.items():
        names.setName(value, name_id, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [postscript]
        top = cff.topDictIndex[0]
        top.FamilyName, top.FullName, top.Weight = family, f"{family} {style}", style


def make_face(source, family, style, weight, out_dir):
    font = TTFont(source)
    is_mono = family.endswith("Mono")
    if not is_mono:
        freeze_tabular_digits(font)
        equalise_digit_widths(font)
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl"] if is_mono else \
        ["kern", "mark", "mkmk", "ccmp", "locl", "calt"]
    options.name_IDs = ["*"]
    options.hinting = is_mono
    options.notdef_outline = True
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[c for first, last in RANGES for c in range(first, last + 1)])
    subsetter.subset(font)
    rename(font, family, style, weight)
    suffix = "otf" if "CFF " in font else "ttf"
    target = out_dir / f"{family}-{style}.{suffix}".replace(" ", "")
    font.save(target)
    digits = {font.getBestCmap()[c] for c in range(0x30, 0x3A)}
    widths = {font["hmtx"][glyph][0] for glyph in digits}
    assert len(widths) == 1, f"{target}: digits differ in width"
    print(f"{target.name:34} {target.stat().st_size:8} bytes, {len(font.getGlyphOrder())} glyphs")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent / "resources/fonts")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for face in FACES:
        make_face(*face, arguments.out)


if __name__ == "__main__":
    main()
