#include "app/bridge/language_watch.h"

#include <QCoreApplication>
#include <QEvent>

namespace sotto::app {

LanguageWatch::LanguageWatch(QObject* parent) : QObject(parent) {
    if (QCoreApplication* program = QCoreApplication::instance()) program->installEventFilter(this);
}

bool LanguageWatch::eventFilter(QObject* watched, QEvent* event) {
    // Sent while the translator is exchanged: the locale follows.
    if (event->type() == QEvent::LanguageChange && watched == QCoreApplication::instance())
        QMetaObject::invokeMethod(this, &LanguageWatch::changed, Qt::QueuedConnection);
    return false;
}

}  // namespace sotto::app
