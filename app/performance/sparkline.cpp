#include "app/performance/sparkline.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <utility>

namespace sotto::app {
namespace {

constexpr double kLimitHead = 1.06;  // the limit line stays below the top edge
constexpr double kPointRadius = 3;
constexpr double kLonePointRadius = 1;

}  // namespace

Sparkline::Sparkline(QQuickItem* parent) : QQuickPaintedItem(parent) { setAntialiasing(true); }

void Sparkline::paint(QPainter* painter) {
    painter->setRenderHint(QPainter::Antialiasing);
    const double bottom = height() - 1;
    const double highest =
        m_values.isEmpty() ? 0 : *std::max_element(m_values.begin(), m_values.end());
    const double top = std::max(m_limit, highest) * kLimitHead;
    painter->setPen(QPen(m_baseColor, 1));
    painter->drawLine(QPointF(0, bottom + 0.5), QPointF(width(), bottom + 0.5));
    if (top <= 0) return;
    const auto yOf = [&](double value) { return bottom - value / top * (bottom - kPointRadius); };
    if (m_limit > 0) {
        QPen pen(m_limitColor, 1.5);
        pen.setDashPattern({1.5, 2.5});
        painter->setPen(pen);
        painter->drawLine(QPointF(0, yOf(m_limit)), QPointF(width(), yOf(m_limit)));
    }
    const double step =
        (width() - kPointRadius) / static_cast<double>(std::max<qsizetype>(1, m_values.size() - 1));
    for (qsizetype begin = 0; begin < m_values.size();) {
        if (m_values[begin] < 0) {
            ++begin;
            continue;
        }
        qsizetype end = begin;
        QPainterPath line(QPointF(static_cast<double>(begin) * step, yOf(m_values[begin])));
        for (; end < m_values.size() && m_values[end] >= 0; ++end)
            line.lineTo(static_cast<double>(end) * step, yOf(m_values[end]));
        QPainterPath area = line;
        area.lineTo(static_cast<double>(end - 1) * step, bottom);
        area.lineTo(static_cast<double>(begin) * step, bottom);
        QLinearGradient fade(0, 0, 0, bottom);
        QColor strong = m_lineColor, weak = m_lineColor;
        strong.setAlphaF(0.28f);
        weak.setAlphaF(0.04f);
        fade.setColorAt(0, strong);
        fade.setColorAt(1, weak);
        painter->fillPath(area, fade);
        painter->setPen(QPen(m_lineColor, 1.5));
        painter->drawPath(line);
        if (end == begin + 1) {  // a line of one point draws nothing
            painter->setBrush(m_lineColor);
            painter->drawEllipse(line.currentPosition(), kLonePointRadius, kLonePointRadius);
            painter->setBrush(Qt::NoBrush);
        }
        begin = end;
    }
    if (m_isLive && !m_values.isEmpty() && m_values.back() >= 0) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(m_lineColor);
        painter->drawEllipse(QPointF(width() - kPointRadius, yOf(m_values.back())), kPointRadius,
                             kPointRadius);
    }
}

void Sparkline::setValues(const QList<double>& values) {
    m_values = values;
    update();
    emit changed();
}

void Sparkline::setLimit(double limit) {
    m_limit = limit;
    update();
    emit changed();
}

void Sparkline::setLineColor(const QColor& color) {
    m_lineColor = color;
    update();
    emit changed();
}

void Sparkline::setLimitColor(const QColor& color) {
    m_limitColor = color;
    update();
    emit changed();
}

void Sparkline::setBaseColor(const QColor& color) {
    m_baseColor = color;
    update();
    emit changed();
}

void Sparkline::setLive(bool isLive) {
    m_isLive = isLive;
    update();
    emit changed();
}

}  // namespace sotto::app
