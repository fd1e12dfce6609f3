// ChatWriter: chats that were found in a damaged file or a backup, into a whole library.
//
// What the library has of a chat already stays, unless the found text of a message is longer or
// whole where the library's is a part. A message that is lost leaves no hole: what followed it
// follows the one before it. Both arguments must outlive the writer; the connection's thread only.
#pragma once

#include "storage/api/rescue.h"
#include "storage/rescue/salvage.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

class ChatWriter {
public:
    ChatWriter(PageFile& source, const Salvage& found, Connection& target)
        : m_source(source), m_found(found), m_target(target) {}

    // Folders, settings, models, downloads, the ledger.
    Status writeRest();

    // One transaction. What did not come whole is in the result's numbers.
    Result<IncompleteChat> writeChat(ChatId chatId, const FoundChat& chat);

private:
    Status insertChat(ChatId chatId, const FoundChat& chat, const std::string& title);
    Result<bool> writeMessage(const FoundRow& row, MessageId parentId);
    Status writeMessages(ChatId chatId, const FoundChat& chat, IncompleteChat& outcome);
    Status activate(ChatId chatId, const FoundChat& chat, const std::vector<MessageId>& before);
    void addChunks(MessageRecord& message) const;
    std::string titleOf(const FoundChat& chat);

    PageFile& m_source;
    const Salvage& m_found;
    Connection& m_target;
};

}  // namespace sotto::storage
