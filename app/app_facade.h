// AppFacade: the one object that the window gets; everything QML may touch hangs from it.
//
// Owns the controllers; borrows the composition root (app/core), which must outlive it. GUI thread
// only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <memory>

#include "app/chat/chat_controller.h"
#include "app/chat/chat_list_model.h"
#include "app/chat/search_model.h"
#include "app/models/model_controller.h"
#include "app/performance/live_stats.h"
#include "app/settings/settings_controller.h"

namespace sotto {
class Engine;
}

namespace sotto::storage {
class Storage;
}

namespace sotto::app {

class EngineBridge;
class StorageBridge;

class AppFacade : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("created by main()")
    Q_PROPERTY(sotto::app::ChatListModel* chats READ chats CONSTANT)
    Q_PROPERTY(sotto::app::ChatController* chat READ chat CONSTANT)
    Q_PROPERTY(sotto::app::SearchModel* search READ search CONSTANT)
    Q_PROPERTY(sotto::app::ModelController* models READ models CONSTANT)
    Q_PROPERTY(sotto::app::LiveStats* live READ live CONSTANT)
    Q_PROPERTY(sotto::app::SettingsController* settings READ settings CONSTANT)
    // Bytes this program has sent over a network since it started. Nothing in it opens a
    // connection, so it is 0.
    Q_PROPERTY(qint64 bytesSent READ bytesSent CONSTANT)
    // A sentence when the data folder cannot be used (read-only, full, newer database); empty
    // otherwise.
    Q_PROPERTY(QString storageProblem READ storageProblem NOTIFY storageProblemChanged)
    Q_PROPERTY(QString version READ version CONSTANT)
    Q_PROPERTY(QString dataFolder READ dataFolder CONSTANT)

public:
    ChatListModel* chats() const;
    ChatController* chat() const;
    SearchModel* search() const;
    ModelController* models() const;
    LiveStats* live() const;
    SettingsController* settings() const;
    qint64 bytesSent() const;
    QString storageProblem() const;
    QString version() const;
    QString dataFolder() const;

signals:
    void storageProblemChanged();
};

}  // namespace sotto::app
