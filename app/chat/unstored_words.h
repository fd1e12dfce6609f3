// UnstoredWords: what of a person's words and of answers is not on the disk: the window asks before
// it closes over them.
//
// Borrows all of it. GUI thread only.
#pragma once

#include <QStringList>

#include "app/bridge/storage_bridge.h"

namespace sotto::app {

class AskFlow;
class ChatListModel;
class ChatSession;

class UnstoredWords {
public:
    UnstoredWords(const AskFlow& flow, const ChatSession& session, const ChatListModel& chats)
        : m_flow(flow), m_session(session), m_chats(chats) {}

    // Sent, and neither stored nor refused yet.
    QStringList questions() const;
    // Changed in open editors. Those of chats that are gone for good cannot be reached any more; a
    // temporary one is not kept.
    QStringList edits() const;
    // Answers of all chats that may not be on `disk`.
    QStringList answers(const StorageBridge& disk) const;
    // Of them those that have ended.
    QStringList endedAnswers(const StorageBridge& disk) const;
    // Of them those that `disk` could not begin.
    QStringList unbegunAnswers(const StorageBridge& disk) const;

private:
    const AskFlow& m_flow;
    const ChatSession& m_session;
    const ChatListModel& m_chats;
};

}  // namespace sotto::app
