// UndoStack: what was last done to chats, folders and messages and can be taken back, as long as
// the window lives.
//
// Plain value; GUI thread only.
#pragma once

#include <QString>
#include <functional>
#include <optional>
#include <vector>

#include "app/bridge/storage_bridge.h"
#include "storage/api/database.h"

namespace sotto::app {

class UndoStack {
public:
    struct Step {
        qint64 chatId = 0;  // of a chat that may be deleted for good; 0: of a folder
        std::function<QString()> sentence;  // what happened, in the language of the moment
        std::function<Status(storage::Database&)> takeBack;
        StorageBridge* storage = nullptr;     // where takeBack runs; null: the disk
        std::function<void()> whenTakenBack;  // may be empty
        quint64 serial = 0;                   // the stack's own: the order in which it was done
    };

    void push(Step step);
    // A step that was popped and could not be taken back: into the place that it had.
    void giveBack(Step step);
    std::optional<Step> pop();
    // What was done to chats that are gone for good cannot be taken back. Returns whether the last
    // step was of one.
    template <typename IsGone>
    bool forgetChats(IsGone isGone) {
        const auto isForgotten = [&](const Step& step) {
            return step.chatId != 0 && isGone(step.chatId);
        };
        const bool wasLast = !m_steps.empty() && isForgotten(m_steps.back());
        std::erase_if(m_steps, isForgotten);
        return wasLast;
    }
    bool isEmpty() const { return m_steps.empty(); }

private:
    quint64 m_lastSerial = 0;
    std::vector<Step> m_steps;  // by serial; the last one is taken back first
};

}  // namespace sotto::app
