// ChatStore: the rows of chats, with per-chat settings and drafts. Reads no message, except to copy
// or delete all of a chat. Storage thread only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/api/chats.h"
#include "storage/clock.h"
#include "storage/message_tree.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

class ChatStore : public Chats {
public:
    // All must outlive the store.
    ChatStore(Connection& connection, IdGenerator& ids, MessageTree& messages)
        : m_connection(connection), m_ids(ids), m_messages(messages) {}

    Result<ChatSummary> create(const NewChat& chat) override;
    Result<std::vector<ChatSummary>> list(bool isInBin) override;
    Result<ChatSummary> get(ChatId chatId) override;
    Status rename(ChatId chatId, std::string_view title) override;
    Status setPinned(ChatId chatId, bool isPinned) override;
    Status moveToFolder(ChatId chatId, FolderId folderId) override;
    Status setModel(ChatId chatId, std::string_view modelPath) override;
    Status moveToBin(ChatId chatId) override;
    Status restore(ChatId chatId) override;
    Status remove(ChatId chatId) override;
    Result<int> emptyBin(TimeMs deletedBefore) override;
    Result<ChatSize> size(ChatId chatId) override;
    Result<std::int64_t> binBytes() override;
    Result<ChatSummary> duplicate(ChatId chatId, std::string_view title) override;
    Result<std::string> settings(ChatId chatId) override;
    Status setSettings(ChatId chatId, std::string_view json) override;
    Result<std::string> draft(ChatId chatId) override;
    Status setDraft(ChatId chatId, std::string_view text) override;

private:
    Result<std::vector<ChatId>> listIds(bool isInBin);
    Result<std::vector<ChatId>> binnedBefore(TimeMs deletedBefore);
    Status hide(ChatId chatId);
    Status requireFolder(FolderId folderId);

    Connection& m_connection;
    IdGenerator& m_ids;
    MessageTree& m_messages;
};

}  // namespace sotto::storage
