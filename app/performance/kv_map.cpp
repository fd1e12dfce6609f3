#include "app/performance/kv_map.h"

#include <QPainter>
#include <algorithm>
#include <utility>

namespace sotto::app {
namespace {

constexpr int kColumns = 32;
constexpr int kRows = 8;
constexpr double kGap = 2;     // px between cells
constexpr double kRadius = 2;  // "data cell" of UI.md

QColor mixed(const QColor& from, const QColor& to, double share) {
    return QColor::fromRgbF(
        from.redF() + (to.redF() - from.redF()) * static_cast<float>(share),
        from.greenF() + (to.greenF() - from.greenF()) * static_cast<float>(share),
        from.blueF() + (to.blueF() - from.blueF()) * static_cast<float>(share));
}

}  // namespace

KvMap::KvMap(QQuickItem* parent) : QQuickPaintedItem(parent) { setAntialiasing(true); }

void KvMap::paint(QPainter* painter) {
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    const double width = (this->width() - kGap * (kColumns - 1)) / kColumns;
    const double height = (this->height() - kGap * (kRows - 1)) / kRows;
    const double nCells = kColumns * kRows;
    const double blocksPerCell = m_total / nCells;
    for (int cell = 0; cell < kColumns * kRows; ++cell) {
        // The share of this cell's blocks that are among the first so many.
        const auto shareOf = [&](int nBlocks) {
            return blocksPerCell > 0 ? std::clamp(nBlocks / blocksPerCell - cell, 0.0, 1.0) : 0.0;
        };
        const double used = shareOf(m_used);
        const QColor rest = mixed(m_freeColor, m_cachedColor, shareOf(m_used + m_cached));
        painter->setBrush(mixed(rest, m_usedColor, used));
        const double x = (cell % kColumns) * (width + kGap);
        const double y = (cell / kColumns) * (height + kGap);
        painter->drawRoundedRect(QRectF(x, y, width, height), kRadius, kRadius);
    }
}

void KvMap::setTotal(int total) {
    if (std::exchange(m_total, total) == total) return;
    update();
    emit changed();
}

void KvMap::setUsed(int used) {
    if (std::exchange(m_used, used) == used) return;
    update();
    emit changed();
}

void KvMap::setCached(int cached) {
    if (std::exchange(m_cached, cached) == cached) return;
    update();
    emit changed();
}

void KvMap::setCachedColor(const QColor& color) {
    if (std::exchange(m_cachedColor, color) == color) return;
    update();
    emit changed();
}

void KvMap::setUsedColor(const QColor& color) {
    if (std::exchange(m_usedColor, color) == color) return;
    update();
    emit changed();
}

void KvMap::setFreeColor(const QColor& color) {
    if (std::exchange(m_freeColor, color) == color) return;
    update();
    emit changed();
}

}  // namespace sotto::app
