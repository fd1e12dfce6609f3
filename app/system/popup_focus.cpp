#include "app/system/popup_focus.h"

#include <QQuickWindow>
#include <algorithm>

namespace sotto::app {
namespace {

// Null: the item on the overlay is none of a popup.
QObject* popupOf(const QQuickItem& item) {
    QObject* popup = item.QObject::parent();
    return popup != nullptr && popup->inherits("QQuickPopup") ? popup : nullptr;
}

}  // namespace

void PopupFocus::setOverlay(QQuickItem* overlay) {
    if (overlay == m_overlay) return;
    if (m_overlay != nullptr) m_overlay->disconnect(this);
    m_overlay = overlay;
    if (m_overlay != nullptr)
        connect(m_overlay, &QQuickItem::childrenChanged, this, &PopupFocus::watch);
    emit overlayChanged();
    watch();
}

// A popup puts its item onto the overlay before it tells that it opens. Its class is not public,
// its signals are.
void PopupFocus::watch() {
    if (m_overlay == nullptr) return;
    const QList<QQuickItem*> items = m_overlay->childItems();
    for (const QQuickItem* item : items) {
        QObject* popup = popupOf(*item);
        if (popup == nullptr) continue;
        connect(popup, SIGNAL(aboutToShow()), this, SLOT(noteOpening()), Qt::UniqueConnection);
        connect(popup, SIGNAL(aboutToHide()), this, SLOT(giveFocusAway()), Qt::UniqueConnection);
    }
}

void PopupFocus::noteOpening() { m_closing.remove(sender()); }

void PopupFocus::giveFocusAway() {
    m_closing.insert(sender());
    if (m_overlay == nullptr || m_page == nullptr) return;
    const QList<QQuickItem*> items = m_overlay->childItems();
    const auto item = std::find_if(items.begin(), items.end(), [this](const QQuickItem* child) {
        return popupOf(*child) == sender();
    });
    if (item == items.end() || !hasFocus(**item)) return;
    if (QObject* next = nextPopup(); next != nullptr)
        QMetaObject::invokeMethod(next, "forceActiveFocus",
                                  Q_ARG(Qt::FocusReason, Qt::PopupFocusReason));
    else
        m_page->setFocus(true, Qt::PopupFocusReason);
}

// A popup that takes the focus has just let go of it, so that nobody has it.
bool PopupFocus::hasFocus(const QQuickItem& popupItem) const {
    const QQuickWindow* window = m_overlay->window();
    const QQuickItem* item = window == nullptr ? nullptr : window->activeFocusItem();
    return item == nullptr || item == window->contentItem() || item == &popupItem ||
           popupItem.isAncestorOf(item);
}

// The highest one that takes the focus and stays; null: there is none.
QObject* PopupFocus::nextPopup() const {
    QList<QQuickItem*> items = m_overlay->childItems();
    std::stable_sort(items.begin(), items.end(),
                     [](const QQuickItem* a, const QQuickItem* b) { return a->z() < b->z(); });
    for (auto item = items.crbegin(); item != items.crend(); ++item) {
        QObject* popup = popupOf(**item);
        if (popup != nullptr && !m_closing.contains(popup) && (*item)->isVisible() &&
            popup->property("focus").toBool())
            return popup;
    }
    return nullptr;
}

}  // namespace sotto::app
