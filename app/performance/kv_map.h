// KvMap: the pool of KV blocks as 32 x 8 cells; a cell is 1/256 of the pool and is filled by the
// share that is held, then by what is kept.
#pragma once

#include <QColor>
#include <QQmlEngine>
#include <QQuickPaintedItem>

namespace sotto::app {

class KvMap : public QQuickPaintedItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(int total MEMBER m_total WRITE setTotal NOTIFY changed)  // blocks
    Q_PROPERTY(int used MEMBER m_used WRITE setUsed NOTIFY changed)     // blocks held by chats
    // Blocks that nobody holds and that are kept to be found again.
    Q_PROPERTY(int cached MEMBER m_cached WRITE setCached NOTIFY changed)
    Q_PROPERTY(QColor cachedColor MEMBER m_cachedColor WRITE setCachedColor NOTIFY changed)
    Q_PROPERTY(QColor usedColor MEMBER m_usedColor WRITE setUsedColor NOTIFY changed)
    Q_PROPERTY(QColor freeColor MEMBER m_freeColor WRITE setFreeColor NOTIFY changed)

public:
    explicit KvMap(QQuickItem* parent = nullptr);
    void paint(QPainter* painter) override;

    void setTotal(int total);
    void setUsed(int used);
    void setCached(int cached);
    void setCachedColor(const QColor& color);
    void setUsedColor(const QColor& color);
    void setFreeColor(const QColor& color);

signals:
    void changed();

private:
    int m_total = 0;
    int m_used = 0;
    int m_cached = 0;
    QColor m_cachedColor;
    QColor m_usedColor;
    QColor m_freeColor;
};

}  // namespace sotto::app
