// LossChart: models as points, their mean divergence from the reference on a log scale over the
// size of their files. The reference, which loses nothing, sits on a base line of its own.
//
// Made in QML, drawn by the painter. GUI thread only.
#pragma once

#include <QColor>
#include <QFont>
#include <QQmlEngine>
#include <QQuickPaintedItem>
#include <QVariantList>
#include <vector>

namespace sotto::app {

// Where a value lies between two bounds, 0..1; the one on a log scale, whose bounds are powers of
// ten around all of `values` (those above 0).
struct LogScale {
    int lowest = -3;  // exponents of ten
    int highest = 0;
    static LogScale around(const std::vector<double>& values);
    double shareOf(double value) const;
};

class LossChart : public QQuickPaintedItem {
    Q_OBJECT
    QML_ELEMENT
    // Rows of {label, gigabytes, loss}; see TextMeasurement::points.
    Q_PROPERTY(QVariantList points MEMBER m_points NOTIFY changed)
    Q_PROPERTY(QColor line MEMBER m_line NOTIFY changed)
    Q_PROPERTY(QColor text MEMBER m_text NOTIFY changed)
    Q_PROPERTY(QColor mark MEMBER m_mark NOTIFY changed)
    Q_PROPERTY(QColor referenceMark MEMBER m_referenceMark NOTIFY changed)
    Q_PROPERTY(QFont font MEMBER m_font NOTIFY changed)

public:
    explicit LossChart(QQuickItem* parent = nullptr);

    void paint(QPainter* painter) override;

signals:
    void changed();

private:
    struct Frame;
    void paintAxes(QPainter& painter, const Frame& frame) const;
    void paintPoints(QPainter& painter, const Frame& frame) const;

    QVariantList m_points;
    QColor m_line, m_text, m_mark, m_referenceMark;
    QFont m_font;
};

}  // namespace sotto::app
