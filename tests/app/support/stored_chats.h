// Chats as a test writes them down, put into a storage as the program would have written them.
//
// Plain functions; they wait for the storage thread. A failure ends the test program: it is the
// test's own ground that is missing.
#pragma once

#include <QVariantList>
#include <QVariantMap>

#include "storage/api/storage.h"

namespace sotto::app {

// `chat`: title, folderId, isPinned, draft, systemPrompt. `messages`: one map each,
//   isUser          false: an answer
//   text            or versions: [text, …], of which shownVersion (from 1) is shown
//   thinkingText    of an answer
//   isStopped       of an answer: it was stopped by the user
//   thinkingSeconds thinkingTokens tokensPerSecond ttftMs tokenCount promptTokens
//   reusedTokens stopReason modelName
// Returns the chat's id.
qint64 storeChat(storage::Storage& storage, const QVariantMap& chat, const QVariantList& messages);

qint64 storeFolder(storage::Storage& storage, const QString& name, bool isCollapsed);

// Questions and answers in turn, the answers with every kind of block.
QVariantList longConversation(int nMessages);

}  // namespace sotto::app
