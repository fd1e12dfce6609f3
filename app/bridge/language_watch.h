// LanguageWatch: tells that the window speaks another language now, for sentences that C++ has
// given to QML.
//
// Told behind the change, when the translation and the locale are both in place. GUI thread only.
#pragma once

#include <QObject>

namespace sotto::app {

class LanguageWatch : public QObject {
    Q_OBJECT

public:
    explicit LanguageWatch(QObject* parent = nullptr);

    bool eventFilter(QObject* watched, QEvent* event) override;

signals:
    void changed();
};

}  // namespace sotto::app
