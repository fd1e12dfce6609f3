// ReadOnlyKeys: leaves the window's shortcuts to the window while the focus is in a text that
// cannot be written: Qt's text items (6.4) take each of them for their own then, and do nothing
// with it.
//
// Made in QML inside the text item. GUI thread only.
#pragma once

#include <QPointer>
#include <QQmlEngine>
#include <QQuickItem>

namespace sotto::app {

class ReadOnlyKeys : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QQuickItem* area READ area WRITE setArea NOTIFY areaChanged)

public:
    using QObject::QObject;

    QQuickItem* area() const { return m_area; }
    void setArea(QQuickItem* area);
    bool eventFilter(QObject* watched, QEvent* event) override;

signals:
    void areaChanged();

private:
    QPointer<QQuickItem> m_area;
};

}  // namespace sotto::app
