// ChatReadiness: what may be done with the chat on screen now, and the sentence for why not.
//
// Asks those who know each time and stores nothing. Borrows all of it. GUI thread only.
#pragma once

#include <QObject>
#include <QString>
#include <cstdint>

namespace sotto::app {

class AskFlow;
class ChatListModel;
class ChatSession;
class EngineBridge;
class ModelController;

class ChatReadiness : public QObject {
    Q_OBJECT

public:
    struct Parts {
        const EngineBridge& engine;
        const ChatListModel& chats;
        const ModelController& models;
        const AskFlow& flow;
        const ChatSession& session;
    };
    explicit ChatReadiness(const Parts& parts, QObject* parent = nullptr);

    bool isBusy() const;      // a question is being stored or an answer written
    bool isReadOnly() const;  // it lies in the bin
    bool canSend() const;
    bool canChange() const { return !isBusy() && !isReadOnly(); }  // edits, versions
    bool canContinue() const;  // the last answer may be carried on
    bool canRegenerate() const;
    bool isCompared() const;        // a comparison has the engine, and is what is waited for
    QString blockedReason() const;  // why nothing can be sent, a sentence; may be empty

signals:
    void changed();

private:
    // In this order: only the first that is so is told.
    enum class Block : std::uint8_t { NoEngine, NoModel, NotLoaded, Compared, InBin, Unread, None };
    Block block() const;

    Parts m_parts;
};

}  // namespace sotto::app
