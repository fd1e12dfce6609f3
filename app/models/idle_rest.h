// IdleRest: gives the memory of the loaded model back when nobody has asked it anything for the
// time that the settings say; the next question loads it again.
//
// Owned by AppFacade; borrows all of its parts. GUI thread only.
#pragma once

#include <QObject>
#include <QTimer>
#include <chrono>

namespace sotto::app {

class EngineBridge;
class ModelController;
class SettingsController;

class IdleRest : public QObject {
    Q_OBJECT

public:
    struct Parts {
        EngineBridge& engine;
        ModelController& models;
        SettingsController& settings;
        std::chrono::milliseconds minute = std::chrono::minutes(1);  // of the setting; for tests
    };
    explicit IdleRest(Parts parts, QObject* parent = nullptr);

private:
    void begin();  // anew, where there is something to wait for
    void rest();

    Parts m_parts;
    QTimer m_timer;
};

}  // namespace sotto::app
