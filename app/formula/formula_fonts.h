// The faces of KaTeX's fonts out of the program's resources, for measuring and for painting. They
// are never added to the application's fonts, so what the window falls back to does not change. A
// face is loaded when it is first asked for. An object belongs to one thread, as QRawFont does.
#pragma once

#include <QByteArray>
#include <QFont>
#include <QHash>
#include <QRawFont>
#include <array>
#include <optional>

#include "app/formula/formula_picture.h"

namespace sotto::app {

class FormulaFonts {
public:
    // textFont: for what the faces lack; its family and fallbacks are used, no matter which size.
    explicit FormulaFonts(const QFont& textFont);

    struct Glyph {
        FormulaFace face;
        quint32 index;
        double advance;  // em
    };
    // The character in a face, or in the upright face of the same family that has it; nothing: none
    // has.
    std::optional<Glyph> glyph(FormulaFace face, char32_t character);

    // em that the text takes in the window's font.
    double textWidth(const QString& text, bool isBold, bool isItalic) const;
    QFont textFont(bool isBold, bool isItalic, double pixels) const;

    // A face for painting; pixels may be a fraction.
    QRawFont sized(FormulaFace face, double pixels);

private:
    const QRawFont& measured(FormulaFace face);

    QFont m_textFont;
    std::array<QRawFont, size_t(FormulaFace::Count)> m_faces;  // at kMeasurePixels
    QHash<quint64, QRawFont> m_sized;
};

// The name of a face's file without its ending: "KaTeX_Main-Regular".
QString formulaFaceName(FormulaFace face);

}  // namespace sotto::app
