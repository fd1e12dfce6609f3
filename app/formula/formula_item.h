// FormulaItem: one formula as an item of the window, as large as the formula. Empty until it is
// typeset and where it fails; whoever uses it shows the source then. GUI thread only.
#pragma once

#include <QColor>
#include <QPointer>
#include <QQuickPaintedItem>
#include <QString>

#include "app/formula/formula_cache.h"

namespace sotto::app {

class FormulaItem : public QQuickPaintedItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(
        sotto::app::FormulaCache* formulas READ formulas WRITE setFormulas NOTIFY formulaChanged)
    Q_PROPERTY(QString tex READ tex WRITE setTex NOTIFY formulaChanged)  // without its $
    Q_PROPERTY(bool isDisplay READ isDisplay WRITE setDisplay NOTIFY formulaChanged)
    Q_PROPERTY(double emPixels READ emPixels WRITE setEmPixels NOTIFY
                   formulaChanged)  // of the text around it
    Q_PROPERTY(QColor color READ color WRITE setColor NOTIFY colorChanged)
    Q_PROPERTY(bool isReady READ isReady NOTIFY sizeChanged)
    // px from the item's upper edge.
    Q_PROPERTY(double baseline READ baseline NOTIFY sizeChanged)
    Q_PROPERTY(QString spoken READ spoken NOTIFY sizeChanged)

public:
    // em around the formula, for slanted letters and accents that reach over its box.
    static constexpr double kMargin = 0.15;

    explicit FormulaItem(QQuickItem* parent = nullptr);

    FormulaCache* formulas() const { return m_formulas; }
    void setFormulas(FormulaCache* formulas);
    QString tex() const { return m_tex; }
    void setTex(const QString& tex);
    bool isDisplay() const { return m_isDisplay; }
    void setDisplay(bool isDisplay);
    double emPixels() const { return m_emPixels; }
    void setEmPixels(double pixels);
    QColor color() const { return m_color; }
    void setColor(const QColor& color);
    bool isReady() const { return m_size.state == FormulaSize::Ready; }
    double baseline() const;
    QString spoken() const;

    void paint(QPainter* painter) override;

signals:
    void formulaChanged();
    void colorChanged();
    void sizeChanged();

private:
    void measure();

    QPointer<FormulaCache> m_formulas;
    QString m_tex;
    bool m_isDisplay = true;
    double m_emPixels = 16;
    QColor m_color;
    FormulaSize m_size;
};

}  // namespace sotto::app
