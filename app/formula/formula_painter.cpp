#include "app/formula/formula_painter.h"

#include <QGlyphRun>
#include <cmath>

namespace sotto::app {

namespace {

class MarkPainter {
public:
    MarkPainter(QPainter& painter, FormulaFonts& fonts, QPointF origin, double emPixels,
                const QColor& color)
        : m_painter(painter), m_fonts(fonts), m_origin(origin), m_em(emPixels), m_color(color) {}

    void operator()(const FormulaGlyphs& glyphs) const {
        const QRawFont font = m_fonts.sized(glyphs.face, glyphs.size * m_em);
        if (!font.isValid()) return;
        const QPointF start = at(glyphs.start);
        if (glyphs.isPiece) {
            // Glyphs are set on whole rows of pixels, which would part them from the pieces that
            // are paths.
            for (qsizetype index = 0; index < glyphs.indexes.size(); ++index) {
                const QPointF from = start + QPointF(glyphs.offsets[index] * m_em, 0);
                m_painter.fillPath(font.pathForGlyph(glyphs.indexes[index]).translated(from),
                                   of(glyphs.color));
            }
            return;
        }
        QList<QPointF> positions;
        positions.reserve(glyphs.offsets.size());
        for (const double offset : glyphs.offsets) positions.append(QPointF(offset * m_em, 0));
        QGlyphRun run;
        run.setRawFont(font);
        run.setGlyphIndexes(glyphs.indexes);
        run.setPositions(positions);
        m_painter.setPen(of(glyphs.color));
        m_painter.drawGlyphRun(start, run);
    }

    void operator()(const FormulaText& text) const {
        const double pixels = text.size * m_em;
        const QFont font = m_fonts.textFont(text.isBold, text.isItalic, pixels);
        m_painter.save();
        m_painter.translate(at(text.start));
        // A font's size is a whole number of pixels.
        const double scale = pixels / font.pixelSize();
        m_painter.scale(scale, scale);
        m_painter.setFont(font);
        m_painter.setPen(of(text.color));
        m_painter.drawText(QPointF(), text.text);
        m_painter.restore();
    }

    void operator()(const FormulaRule& rule) const {
        const QRectF rect = onPixels(QRectF(at(rule.rect.topLeft()), rule.rect.size() * m_em));
        if (!rule.isDashed) {
            m_painter.fillRect(rect, of(rule.color));
            return;
        }
        // Dashes as long as three times the line's thickness, as browsers draw them.
        const bool isUpright = rect.height() > rect.width();
        const double thickness = std::min(rect.width(), rect.height());
        const double length = std::max(rect.width(), rect.height());
        for (double from = 0; from < length; from += 4.5 * thickness) {
            const double dash = std::min(3 * thickness, length - from);
            const QPointF start =
                rect.topLeft() + (isUpright ? QPointF(0, from) : QPointF(from, 0));
            m_painter.fillRect(
                QRectF(start, isUpright ? QSizeF(thickness, dash) : QSizeF(dash, thickness)),
                of(rule.color));
        }
    }

    void operator()(const FormulaShape& shape) const {
        QTransform transform = QTransform::fromTranslate(m_origin.x(), m_origin.y());
        transform.scale(m_em, m_em);
        const QPainterPath path = transform.map(shape.path);
        if (shape.strokeWidth > 0)
            m_painter.strokePath(
                path, QPen(of(shape.color), shape.strokeWidth * m_em, Qt::SolidLine, Qt::FlatCap));
        else
            m_painter.fillPath(path, of(shape.color));
    }

private:
    QPointF at(const QPointF& position) const { return m_origin + position * m_em; }
    QColor of(const QColor& color) const { return color.isValid() ? color : m_color; }

    // The nearest rectangle of whole device pixels, at least one wide and high. Under a rotation as
    // it is.
    QRectF onPixels(const QRectF& rect) const {
        const QTransform device = m_painter.deviceTransform();
        if (device.type() > QTransform::TxScale) return rect;
        const QRectF onDevice = device.mapRect(rect);
        const double width = std::max(1.0, std::round(onDevice.width()));
        const double height = std::max(1.0, std::round(onDevice.height()));
        const QPointF center = onDevice.center();
        const QRectF whole(std::round(center.x() - width / 2), std::round(center.y() - height / 2),
                           width, height);
        return device.inverted().mapRect(whole);
    }

    QPainter& m_painter;
    FormulaFonts& m_fonts;
    QPointF m_origin;
    double m_em;
    QColor m_color;
};

}  // namespace

void paintFormula(QPainter& painter, const FormulaPicture& picture, FormulaFonts& fonts,
                  QPointF baselineStart, double emPixels, const QColor& color) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::TextAntialiasing);
    const MarkPainter paintMark(painter, fonts, baselineStart, emPixels, color);
    for (const FormulaMark& mark : picture.marks) std::visit(paintMark, mark);
    painter.restore();
}

}  // namespace sotto::app
