#include "app/compare/loss_chart.h"

#include <QPainter>
#include <algorithm>
#include <cmath>
#include <vector>

namespace sotto::app {
namespace {

constexpr double kLeft = 52, kRight = 48, kTop = 8, kAxis = 24;
constexpr double kBase = 32;  // between the lowest power of ten and the reference's own line

double numberOf(const QVariantMap& point, const char* name) {
    return point[QString::fromLatin1(name)].toDouble();
}

// 1, 2 or 5 times a power of ten, so that there are at most eight steps.
double stepOf(double largest) {
    constexpr double kMostSteps = 8;
    double step = std::pow(10, std::floor(std::log10(std::max(largest / kMostSteps, 1e-3))));
    for (const double factor : {2.0, 2.5, 2.0}) {
        if (largest / step <= kMostSteps) break;
        step *= factor;
    }
    return step;
}

}  // namespace

LogScale LogScale::around(const std::vector<double>& values) {
    LogScale scale;
    for (const double value : values) {
        if (value <= 0) continue;
        scale.lowest = std::min(scale.lowest, static_cast<int>(std::floor(std::log10(value))));
        scale.highest = std::max(scale.highest, static_cast<int>(std::ceil(std::log10(value))));
    }
    return scale;
}

double LogScale::shareOf(double value) const {
    return (std::log10(value) - lowest) / (highest - lowest);
}

struct LossChart::Frame {
    QRectF area;  // of the log scale
    LogScale scale;
    double largest = 1;  // GB at the right end
    double step = 1;

    double x(double gigabytes) const { return area.left() + gigabytes / largest * area.width(); }
    double y(double loss) const {
        if (loss <= 0) return area.bottom() + kBase;
        return area.bottom() - scale.shareOf(loss) * area.height();
    }
};

LossChart::LossChart(QQuickItem* parent) : QQuickPaintedItem(parent) {
    setAntialiasing(true);
    connect(this, &LossChart::changed, this, [this] { update(); });
}

void LossChart::paint(QPainter* painter) {
    std::vector<double> losses;
    double largest = 0;
    for (const QVariant& point : m_points) {
        losses.push_back(numberOf(point.toMap(), "loss"));
        largest = std::max(largest, numberOf(point.toMap(), "gigabytes"));
    }
    if (losses.empty()) return;
    Frame frame;
    frame.area = QRectF(kLeft, kTop, width() - kLeft - kRight, height() - kTop - kBase - kAxis);
    frame.scale = LogScale::around(losses);
    frame.step = stepOf(largest);
    frame.largest = std::ceil(largest / frame.step) * frame.step;
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setFont(m_font);
    paintAxes(*painter, frame);
    paintPoints(*painter, frame);
}

void LossChart::paintAxes(QPainter& painter, const Frame& frame) const {
    const auto label = [&](double y, const QString& text) {
        painter.setPen(m_text);
        painter.drawText(QRectF(0, y - 8, kLeft - 10, 16), Qt::AlignRight | Qt::AlignVCenter, text);
        painter.setPen(m_line);
        painter.drawLine(QPointF(frame.area.left(), y), QPointF(frame.area.right(), y));
    };
    for (int exponent = frame.scale.lowest; exponent <= frame.scale.highest; ++exponent)
        label(frame.y(std::pow(10, exponent)), QString::number(std::pow(10, exponent)));
    label(frame.y(0), QStringLiteral("0"));
    painter.setPen(m_text);
    for (double at = 0; at <= frame.largest + frame.step / 2; at += frame.step)
        painter.drawText(QRectF(frame.x(at) - 20, frame.y(0) + 6, 40, 16), Qt::AlignCenter,
                         QString::number(at));
}

void LossChart::paintPoints(QPainter& painter, const Frame& frame) const {
    constexpr double kRadius = 5;
    for (const QVariant& value : m_points) {
        const QVariantMap point = value.toMap();
        const double loss = numberOf(point, "loss");
        const QPointF at(frame.x(numberOf(point, "gigabytes")), frame.y(loss));
        painter.setPen(Qt::NoPen);
        painter.setBrush(loss > 0 ? m_mark : m_referenceMark);
        if (loss > 0)
            painter.drawEllipse(at, kRadius, kRadius);
        else
            painter.drawRoundedRect(QRectF(at.x() - kRadius, at.y() - kRadius, 10, 10), 2, 2);
        painter.setPen(m_referenceMark);
        const QString label = point[QStringLiteral("label")].toString();
        if (loss > 0)
            painter.drawText(QPointF(at.x() + 11, at.y() + 4), label);
        else
            painter.drawText(QRectF(at.x() - 60, at.y() - 26, 120, 16), Qt::AlignCenter, label);
    }
}

}  // namespace sotto::app
