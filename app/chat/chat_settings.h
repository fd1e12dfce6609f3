// ChatSettings: the chat's layer of the settings, of the chat on screen or of the new one that does
// not exist yet.
//
// What is set in this run stays here by chat, so that nothing depends on the disk; it is stored
// after a pause, when another chat is shown, by flush(), and when this is destroyed. That of the
// new chat goes with its first message; a temporary chat's is not stored. Borrows the bridge of the
// disk and the layer below. GUI thread only.
#pragma once

#include <QHash>
#include <QObject>
#include <QQmlEngine>
#include <string>

#include "app/bridge/late_writes.h"
#include "app/settings/layered_settings.h"
#include "app/settings/sampling_model.h"

namespace sotto::app {

class ChatSettings : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by ChatController")
    Q_PROPERTY(sotto::app::LayeredSettings* layer READ layer CONSTANT)
    Q_PROPERTY(sotto::app::SamplingModel* sampling READ sampling CONSTANT)
    Q_PROPERTY(int thinkingMode READ thinkingMode WRITE setThinkingMode NOTIFY
                   changed)  // 0 auto, 1 on, 2 off

public:
    static constexpr qint64 kNewChat = 0;

    ChatSettings(StorageBridge& storage, LayeredSettings& below, QObject* parent = nullptr);
    ~ChatSettings() override;

    // Reads the stored layer of a chat or of the new chat, JSON; on the storage thread.
    static std::string load(storage::Database& database, qint64 chatId);
    // Forgets that of the new chat; part of the commit of its first message.
    static Status removeNew(storage::Database& database);

    // Another chat is on screen. What its storage holds is told by takeStored().
    void show(qint64 chatId, bool isTemporary);
    void takeStored(qint64 chatId, const std::string& json);
    // The chat on screen, so far the new one, has this id now, or none after all.
    void becomes(qint64 chatId);
    // Of a new chat that could not be made and is not on screen any more.
    void giveBack(const std::string& json);
    void flush() { m_writes.flush(); }

    LayeredSettings* layer() { return &m_layer; }
    const LayeredSettings& layer() const { return m_layer; }
    SamplingModel* sampling() { return &m_sampling; }
    const SamplingModel& sampling() const { return m_sampling; }
    QString systemPrompt() const { return m_layer.systemPrompt(); }  // that counts
    int thinkingMode() const { return m_layer.thinkingIndex(); }
    void setThinkingMode(int mode);
    std::string toJson() const { return m_layer.toJson(); }

signals:
    void changed();

private:
    void store();
    void dropNew();

    StorageBridge& m_storage;
    LayeredSettings m_layer;
    SamplingModel m_sampling;
    qint64 m_chatId = kNewChat;
    bool m_isTemporary = false;
    QHash<qint64, std::string> m_set;  // in this run, JSON by chat
    UnwrittenText m_prompt;            // of the chat on screen
    LateWrites m_writes;
};

}  // namespace sotto::app
