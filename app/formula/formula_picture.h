// A formula as it is painted: marks in painting order, in em of the surrounding text. x grows to
// the right from the formula's left edge, y downwards from its baseline. Made by layOutFormula,
// drawn by paintFormula; plain data for any thread. A colour that is not valid is the caller's.
#pragma once

#include <QColor>
#include <QList>
#include <QPainterPath>
#include <QPointF>
#include <QRectF>
#include <QString>
#include <variant>
#include <vector>

namespace sotto::app {

// The faces of KaTeX's fonts, as their files are called.
enum class FormulaFace : quint8 {
    MainRegular,
    MainBold,
    MainItalic,
    MainBoldItalic,
    MathItalic,
    MathBoldItalic,
    AmsRegular,
    CaligraphicRegular,
    CaligraphicBold,
    FrakturRegular,
    FrakturBold,
    SansSerifRegular,
    SansSerifBold,
    SansSerifItalic,
    ScriptRegular,
    TypewriterRegular,
    Size1,
    Size2,
    Size3,
    Size4,
    Count
};

struct FormulaGlyphs {
    FormulaFace face;
    double size;             // em of the font
    QPointF start;           // of the baseline
    QString text;            // for tests and for reading the goldens
    QList<quint32> indexes;  // of the glyphs in the face
    QList<double> offsets;   // x of each glyph from start
    QColor color;
    bool isPiece =
        false;  // of a tall delimiter: must meet the next piece to the fraction of a pixel
};

// Characters that KaTeX's fonts do not have (Chinese in \text): set in the window's own font.
struct FormulaText {
    QString text;
    double size;
    QPointF start;
    double width;
    bool isBold;
    bool isItalic;
    QColor color;
};

struct FormulaRule {
    QRectF rect;
    QColor color;
    bool isDashed = false;
};

struct FormulaShape {
    QPainterPath path;
    double strokeWidth = 0;  // 0: filled
    QColor color;
    // Its long horizontal bars (the line over a root, the shaft of an arrow), for painting them on
    // whole pixels.
    QList<QRectF> bars;
};

using FormulaMark = std::variant<FormulaGlyphs, FormulaText, FormulaRule, FormulaShape>;

struct FormulaPicture {
    double width = 0;
    double ascent = 0;
    double descent = 0;
    bool hasBackground = false;  // \colorbox: its colours were chosen together
    std::vector<FormulaMark> marks;
};

// Bytes that a picture holds, to bound a cache by.
qsizetype pictureBytes(const FormulaPicture& picture);

}  // namespace sotto::app
