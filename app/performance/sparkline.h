// Sparkline: tokens/s of the last 30 s as a painted area with the limit as a dashed line and a live
// end point.
//
// A QQuickPaintedItem, because custom scene graph geometry draws nothing on the software backend.
#pragma once

#include <QColor>
#include <QList>
#include <QQmlEngine>
#include <QQuickPaintedItem>

namespace sotto::app {

class Sparkline : public QQuickPaintedItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QList<double> values MEMBER m_values WRITE setValues NOTIFY
                   changed)  // < 0: idle, drawn as a gap
    Q_PROPERTY(double limit MEMBER m_limit WRITE setLimit NOTIFY changed)  // 0: none
    Q_PROPERTY(QColor lineColor MEMBER m_lineColor WRITE setLineColor NOTIFY changed)
    Q_PROPERTY(QColor limitColor MEMBER m_limitColor WRITE setLimitColor NOTIFY changed)
    Q_PROPERTY(QColor baseColor MEMBER m_baseColor WRITE setBaseColor NOTIFY changed)  // base line
    Q_PROPERTY(bool isLive MEMBER m_isLive WRITE setLive NOTIFY changed)  // draws the end point

public:
    explicit Sparkline(QQuickItem* parent = nullptr);
    void paint(QPainter* painter) override;

    void setValues(const QList<double>& values);
    void setLimit(double limit);
    void setLineColor(const QColor& color);
    void setLimitColor(const QColor& color);
    void setBaseColor(const QColor& color);
    void setLive(bool isLive);

signals:
    void changed();

private:
    QList<double> m_values;
    double m_limit = 0;
    QColor m_lineColor;
    QColor m_limitColor;
    QColor m_baseColor;
    bool m_isLive = false;
};

}  // namespace sotto::app
