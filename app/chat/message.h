// Message: one message as the window shows it. A plain value; message_conversion turns storage rows
// into it.
#pragma once

#include <QDateTime>
#include <QString>
#include <optional>

#include "app/chat/message_list_model.h"
#include "base/error.h"
#include "engine/api/generation_request.h"

namespace sotto::app {

// The numbers of an answer, kept with it as JSON.
struct MessageStats {
    double tokensPerSecond = 0;
    double ttftMs = 0;
    int tokens = 0;
    int promptTokens = 0;
    int reusedTokens = 0;     // of the prompt, from memory
    int restoredTokens = 0;   // of it, from disk
    int droppedTokens = 0;    // of the chat, not sent: its oldest turns
    int forgottenTokens = 0;  // of what was sent and written, slid out of the context
    double draftGain = 0;     // over the speed without guesses; 0: none were made
    double draftKept = 0;     // tokens of a step with guesses, the sure one among them; 0: none
    double thinkingSeconds = 0;
    int thinkingTokens = 0;
    QString stopReason;
    QString seed;  // 64 bits do not fit a JSON number

    bool operator==(const MessageStats&) const = default;
};

struct Message {
    qint64 id = 0;
    qint64 chatId = 0;
    qint64 parentId = 0;
    MessageListModel::MessageRole role = MessageListModel::Assistant;
    QString text;         // Markdown source
    QString thinking;     // Markdown source
    AnswerTokens tokens;  // of an ended answer's `text`
    MessageListModel::MessageState state = MessageListModel::Done;
    int versionIndex = 1;
    int versionCount = 1;
    qint64 previousVersionId = 0;
    qint64 nextVersionId = 0;
    int nWritten = 0;       // of its versions: so many are being written now
    bool isBeside = false;  // an answer beside the one that is shown: storage keeps that choice
    MessageStats stats;
    std::optional<Error> failure;  // why it failed; the sentence is made where it is shown
    QString error;                 // the sentence itself, of answers that failed in older versions
    QString modelName;
    QDateTime time;
    // The row is damaged on the disk: `text` is what can be read of it. Shown as such, never part
    // of a prompt.
    bool isDamaged = false;
    qint64 readableBytes = 0;
    qint64 totalBytes = 0;  // that there were; 0: not known

    bool isUser() const { return role == MessageListModel::User; }
};

}  // namespace sotto::app
