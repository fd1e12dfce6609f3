#include "app/ui/Chat/formula_object.h"

#include <QFontMetrics>
#include <QFontMetricsF>
#include <QTextDocument>
#include <algorithm>

#include "app/chat/inline_text.h"

namespace sotto::app {
namespace {

constexpr int kSize = QTextFormat::UserProperty + 1;
constexpr int kState = QTextFormat::UserProperty + 2;

}  // namespace

QTextCharFormat formulaFormat(const QString& tex, quint16 styles, const TextStyle& style) {
    QTextCharFormat format = style.format(styles & ~(Formula | DisplayFormula), {});
    format.setObjectType(kFormulaObject);
    format.setFont(style.font(), QTextCharFormat::FontPropertiesSpecifiedOnly);
    format.setVerticalAlignment(QTextCharFormat::AlignMiddle);
    FormulaSize size;
    if (style.formulas() != nullptr) size = style.formulas()->size(tex, styles & DisplayFormula);
    const double em = style.font().pixelSize();
    double ascent = size.ascent * em;
    double descent = size.descent * em;
    double width = size.width * em;
    if (size.state != FormulaSize::Ready) {
        const QFontMetricsF metrics(style.codeFont());
        width = metrics.horizontalAdvance(tex);
        ascent = metrics.ascent();
        descent = metrics.descent();
    }
    // Qt gives an object in the middle of a line the ascent (h + x) / 2 and the descent (h - x) /
    // 2, x being half the height of a small letter: as high as it takes for both.
    const double x = QFontMetrics(format.font()).xHeight() / 2.0;
    // What fits between the lines takes no more than the text around it, so that it stays on their
    // common baseline.
    const QFontMetricsF text(format.font());
    const double leading = std::max(0.0, (style.lineHeight() - text.height()) / 2);
    const bool isLow = ascent <= text.ascent() + leading && descent <= text.descent() + leading;
    const double height =
        isLow ? 2 * text.descent() + x : std::max(2 * ascent - x, 2 * descent + x);
    format.setProperty(kSize, QSizeF(width, height));
    // A change of state is a change of format, also where the size happens to be the same.
    format.setProperty(kState, static_cast<int>(size.state));
    return format;
}

bool isTall(const QTextFormat& format, const TextStyle& style) {
    return format.objectType() == kFormulaObject &&
           formulaSize(format).height() > style.lineHeight();
}

void addRoom(QTextCharFormat& format, double width) {
    format.setProperty(kSize, formulaSize(format) + QSizeF(width, 0));
}

QSizeF formulaSize(const QTextFormat& format) { return format.property(kSize).toSizeF(); }

QSizeF FormulaObject::intrinsicSize(QTextDocument* document, int, const QTextFormat& format) {
    // A source that is longer than a line is cut short where it is drawn.
    const QSizeF size = formulaSize(format);
    const double width = document->textWidth();
    return width > 0 ? QSizeF(std::min(size.width(), width), size.height()) : size;
}

void FormulaObject::drawObject(QPainter*, const QRectF&, QTextDocument*, int, const QTextFormat&) {}

}  // namespace sotto::app
