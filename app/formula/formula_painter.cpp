#include "app/formula/formula_painter.h"

#include <QGlyphRun>
#include <cmath>

namespace sotto::app {

namespace {

class MarkPainter {
public:
    struct Way {
        QPointF origin;
        double em;
        QColor color;
        bool isOnBackground;
    };
    MarkPainter(QPainter& painter, FormulaFonts& fonts, const Way& way)
        : m_painter(painter),
          m_fonts(fonts),
          m_origin(way.origin),
          m_em(way.em),
          m_color(way.color),
          m_isOnBackground(way.isOnBackground) {}

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
        const QColor color = of(shape.color);
        if (shape.strokeWidth > 0) {
            const QPen pen(color, shape.strokeWidth * m_em, Qt::SolidLine, Qt::FlatCap);
            m_painter.strokePath(transform.map(shape.path), pen);
            return;
        }
        // The whole shape moves with its first bar, by less than a pixel.
        QPointF shift;
        for (const QRectF& bar : shape.bars) {
            const QRectF exact = transform.mapRect(bar);
            const QRectF whole = onPixels(exact);
            if (&bar == &shape.bars.first())
                shift = QPointF(0, whole.center().y() - exact.center().y());
            m_painter.fillRect(QRectF(exact.left(), whole.top(), exact.width(), whole.height()),
                               color);
        }
        m_painter.fillPath(transform.map(shape.path).translated(shift), color);
    }

private:
    QPointF at(const QPointF& position) const { return m_origin + position * m_em; }
    QColor of(const QColor& color) const {
        if (!color.isValid()) return m_color;
        return m_isOnBackground ? color : legibleColor(color, m_color);
    }

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
    bool m_isOnBackground;
};

// WCAG 2.1: 0 for black to 1 for white.
double luminance(const QColor& color) {
    const auto linear = [](double part) {
        return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) +
           0.0722 * linear(color.blueF());
}

}  // namespace

QColor legibleColor(const QColor& color, const QColor& ink) {
    // Against a background of 0.01 the one and of 0.95 the other is a contrast of four to one.
    constexpr double kLeastOnDark = 0.19;
    constexpr double kMostOnLight = 0.2;
    constexpr double kStep = 0.02;
    const bool isOnDark = luminance(ink) > 0.5;
    const auto isLegible = [isOnDark](const QColor& each) {
        return isOnDark ? luminance(each) >= kLeastOnDark : luminance(each) <= kMostOnLight;
    };
    QColor legible = color;
    for (double lightness = color.lightnessF();
         !isLegible(legible) && lightness >= 0 && lightness <= 1;
         lightness += isOnDark ? kStep : -kStep)
        legible = QColor::fromHslF(std::max(0.0F, color.hslHueF()), color.hslSaturationF(),
                                   float(lightness))
                      .toRgb();
    return legible;
}

void paintFormula(QPainter& painter, const FormulaPicture& picture, FormulaFonts& fonts,
                  QPointF baselineStart, double emPixels, const QColor& color) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::TextAntialiasing);
    const MarkPainter paintMark(painter, fonts,
                                {baselineStart, emPixels, color, picture.hasBackground});
    for (const FormulaMark& mark : picture.marks) std::visit(paintMark, mark);
    painter.restore();
}

}  // namespace sotto::app
