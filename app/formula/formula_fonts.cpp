#include "app/formula/formula_fonts.h"

#include <QFile>
#include <QFontMetricsF>
#include <cmath>

namespace sotto::app {

namespace {

// Large enough that widths in whole font units (1000 per em) are exact.
constexpr double kMeasurePixels = 1000;
// Faces kept at a size. A page of formulas uses about ten faces at three sizes.
constexpr int kMaxSized = 128;

constexpr const char* kFaceNames[] = {
    "KaTeX_Main-Regular",       "KaTeX_Main-Bold",           "KaTeX_Main-Italic",
    "KaTeX_Main-BoldItalic",    "KaTeX_Math-Italic",         "KaTeX_Math-BoldItalic",
    "KaTeX_AMS-Regular",        "KaTeX_Caligraphic-Regular", "KaTeX_Caligraphic-Bold",
    "KaTeX_Fraktur-Regular",    "KaTeX_Fraktur-Bold",        "KaTeX_SansSerif-Regular",
    "KaTeX_SansSerif-Bold",     "KaTeX_SansSerif-Italic",    "KaTeX_Script-Regular",
    "KaTeX_Typewriter-Regular", "KaTeX_Size1-Regular",       "KaTeX_Size2-Regular",
    "KaTeX_Size3-Regular",      "KaTeX_Size4-Regular"};
static_assert(std::size(kFaceNames) == size_t(FormulaFace::Count));

}  // namespace

QString formulaFaceName(FormulaFace face) { return QLatin1String(kFaceNames[size_t(face)]); }

FormulaFonts::FormulaFonts(const QFont& textFont) : m_textFont(textFont) {}

const QRawFont& FormulaFonts::measured(FormulaFace face) {
    QRawFont& font = m_faces[size_t(face)];
    if (!font.isValid()) {
        QFile file(QStringLiteral(":/formula/%1.ttf").arg(formulaFaceName(face)));
        if (file.open(QIODevice::ReadOnly))
            font.loadFromData(file.readAll(), kMeasurePixels, QFont::PreferNoHinting);
    }
    return font;
}

std::optional<FormulaFonts::Glyph> FormulaFonts::glyph(FormulaFace face, char32_t character) {
    const QString text = QString::fromUcs4(&character, 1);
    for (const FormulaFace each : {face, FormulaFace::MainRegular, FormulaFace::AmsRegular}) {
        const QRawFont& font = measured(each);
        if (!font.isValid()) continue;
        const QList<quint32> indexes = font.glyphIndexesForString(text);
        if (indexes.size() != 1 || indexes.first() == 0) continue;
        const QList<QPointF> advances =
            font.advancesForGlyphIndexes(indexes, QRawFont::UseDesignMetrics);
        return Glyph{each, indexes.first(), advances.value(0).x() / kMeasurePixels};
    }
    return std::nullopt;
}

QFont FormulaFonts::textFont(bool isBold, bool isItalic, double pixels) const {
    QFont font = m_textFont;
    font.setPixelSize(std::max(1, int(std::lround(pixels))));
    font.setWeight(isBold ? QFont::Bold : QFont::Normal);
    font.setItalic(isItalic);
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

double FormulaFonts::textWidth(const QString& text, bool isBold, bool isItalic) const {
    constexpr double kPixels = 100;
    return QFontMetricsF(textFont(isBold, isItalic, kPixels)).horizontalAdvance(text) / kPixels;
}

QRawFont FormulaFonts::sized(FormulaFace face, double pixels) {
    // A hundredth of a pixel is nothing that one could see.
    const quint64 key = quint64(face) << 32 | quint64(std::lround(pixels * 100));
    if (const auto found = m_sized.constFind(key); found != m_sized.cend()) return *found;
    if (m_sized.size() >= kMaxSized) m_sized.clear();
    QRawFont font = measured(face);
    if (font.isValid()) font.setPixelSize(pixels);
    m_sized.insert(key, font);
    return font;
}

}  // namespace sotto::app
