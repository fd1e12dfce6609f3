#include "app/formula/formula_item.h"

#include <QPainter>
#include <cmath>

namespace sotto::app {

FormulaItem::FormulaItem(QQuickItem* parent) : QQuickPaintedItem(parent) {
    connect(this, &FormulaItem::formulaChanged, this, &FormulaItem::measure);
    connect(this, &FormulaItem::colorChanged, this, [this] { update(); });
}

void FormulaItem::setFormulas(FormulaCache* formulas) {
    if (formulas == m_formulas) return;
    if (m_formulas != nullptr) disconnect(m_formulas, nullptr, this, nullptr);
    m_formulas = formulas;
    if (formulas != nullptr)
        connect(formulas, &FormulaCache::changed, this, [this](const QString& tex) {
            if (tex == m_tex) measure();
        });
    emit formulaChanged();
}

void FormulaItem::setTex(const QString& tex) {
    if (tex == m_tex) return;
    m_tex = tex;
    emit formulaChanged();
}

void FormulaItem::setDisplay(bool isDisplay) {
    if (isDisplay == m_isDisplay) return;
    m_isDisplay = isDisplay;
    emit formulaChanged();
}

void FormulaItem::setEmPixels(double pixels) {
    if (pixels == m_emPixels) return;
    m_emPixels = pixels;
    emit formulaChanged();
}

void FormulaItem::setColor(const QColor& color) {
    if (color == m_color) return;
    m_color = color;
    emit colorChanged();
}

double FormulaItem::baseline() const {
    return isReady() ? std::ceil((m_size.ascent + kMargin) * m_emPixels) : 0;
}

QString FormulaItem::spoken() const {
    return m_formulas == nullptr ? m_tex : m_formulas->spoken(m_tex);
}

void FormulaItem::measure() {
    m_size = m_formulas == nullptr || m_tex.isEmpty() ? FormulaSize()
                                                      : m_formulas->size(m_tex, m_isDisplay);
    const double below = std::ceil((m_size.descent + kMargin) * m_emPixels);
    const double width = std::ceil((m_size.width + 2 * kMargin) * m_emPixels);
    setImplicitSize(isReady() ? width : 0, isReady() ? baseline() + below : 0);
    emit sizeChanged();
    update();
}

void FormulaItem::paint(QPainter* painter) {
    if (!isReady() || m_formulas == nullptr) return;
    m_formulas->paint(*painter, m_tex, m_isDisplay, QPointF(kMargin * m_emPixels, baseline()),
                      m_emPixels, m_color);
}

}  // namespace sotto::app
