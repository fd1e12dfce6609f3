// ChatStore: the rows of chats and folders, with per-chat settings and drafts. Reads no message.
// Storage thread only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/api/chat_record.h"
#include "storage/clock.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

class ChatStore {
public:
    // Both must outlive the store.
    ChatStore(Connection& connection, IdGenerator& ids) : m_connection(connection), m_ids(ids) {}

    Result<ChatSummary> create(const NewChat& chat);
    Result<std::vector<ChatSummary>> list(bool isInBin);
    Result<ChatSummary> chat(ChatId chatId);
    Status rename(ChatId chatId, std::string_view title);
    Status setPinned(ChatId chatId, bool isPinned);
    Status moveToFolder(ChatId chatId, FolderId folderId);
    Status setModel(ChatId chatId, std::string_view modelPath);
    Status moveToBin(ChatId chatId);
    Status restore(ChatId chatId);
    Status remove(ChatId chatId);
    Result<std::vector<ChatId>> binnedBefore(TimeMs deletedBefore);
    // The row under a new id, without messages; inside the caller's transaction.
    Status copyRow(ChatId from, ChatId to, std::string_view title);

    Result<std::string> settings(ChatId chatId);
    Status setSettings(ChatId chatId, std::string_view json);
    Result<std::string> draft(ChatId chatId);
    Status setDraft(ChatId chatId, std::string_view text);

    Result<Folder> createFolder(std::string_view name, FolderId id);
    Result<std::vector<Folder>> listFolders();
    Status renameFolder(FolderId folderId, std::string_view name);
    Status setFolderCollapsed(FolderId folderId, bool isCollapsed);
    Status orderFolders(const std::vector<FolderId>& inOrder);
    Status removeFolder(FolderId folderId);

private:
    Result<std::vector<ChatId>> listIds(bool isInBin);
    Status requireFolder(FolderId folderId);

    Connection& m_connection;
    IdGenerator& m_ids;
};

}  // namespace sotto::storage
