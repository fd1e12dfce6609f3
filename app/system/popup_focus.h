// PopupFocus: where keys go while a popup fades out: at once to what has the focus next, which is
// the popup below it or what had the focus on the page. Qt gives the focus back behind the last
// frame, and what is typed until then is lost.
//
// One per window, for all popups that come onto its overlay. GUI thread only.
#pragma once

#include <QObject>
#include <QPointer>
#include <QQmlEngine>
#include <QQuickItem>
#include <QSet>

namespace sotto::app {

class PopupFocus : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QQuickItem* overlay MEMBER m_overlay WRITE setOverlay NOTIFY overlayChanged)
    // What lies below all popups: a focus scope that knows what of it had the focus.
    Q_PROPERTY(QQuickItem* page MEMBER m_page NOTIFY pageChanged)

public:
    using QObject::QObject;

    void setOverlay(QQuickItem* overlay);

signals:
    void overlayChanged();
    void pageChanged();

private slots:
    void watch();
    void noteOpening();
    void giveFocusAway();

private:
    bool hasFocus(const QQuickItem& popupItem) const;
    QObject* nextPopup() const;

    QPointer<QQuickItem> m_overlay;
    QPointer<QQuickItem> m_page;
    QSet<QObject*> m_closing;  // never dereferenced
};

}  // namespace sotto::app
