// Chats: the rows of the chat list and what belongs to one chat: settings, draft, its place in the
// bin. No message is read. Thread rule and common errors: see database.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/api/chat_record.h"

namespace sotto::storage {

class Chats {
public:
    virtual ~Chats() = default;

    // Errors: InvalidArgument (settings are not JSON, unknown folder, id taken).
    virtual Result<ChatSummary> create(const NewChat& chat) = 0;
    // Last updated first. `isInBin` chooses the bin's content, last deleted first.
    virtual Result<std::vector<ChatSummary>> list(bool isInBin = false) = 0;
    virtual Result<ChatSummary> get(ChatId chatId) = 0;  // NotFound
    // The following fail with NotFound when there is no such chat.
    virtual Status rename(ChatId chatId, std::string_view title) = 0;
    virtual Status setPinned(ChatId chatId, bool isPinned) = 0;
    virtual Status moveToFolder(ChatId chatId, FolderId folderId) = 0;  // 0: out of any folder
    virtual Status setModel(ChatId chatId, std::string_view modelPath) = 0;
    // The bin remembers the chat's folder.
    virtual Status moveToBin(ChatId chatId) = 0;
    // Out of the bin, into its folder if that is still there.
    virtual Status restore(ChatId chatId) = 0;
    // For good, with all its messages; of one whose row is damaged the readable part stays in the
    // file, where nothing finds it any more.
    virtual Status remove(ChatId chatId) = 0;
    virtual Result<int> emptyBin(TimeMs deletedBefore) = 0;  // how many chats were deleted
    virtual Result<ChatSize> size(ChatId chatId) = 0;        // reads the chat's texts; NotFound
    virtual Result<std::int64_t> binBytes() = 0;             // text of all chats in the bin
    // A copy of the whole tree, under a new id and the given title. Errors: NotFound,
    // InvalidArgument (a message is damaged and nobody has decided about it).
    virtual Result<ChatSummary> duplicate(ChatId chatId, std::string_view title) = 0;
    // The chat layer of the settings, opaque JSON; "{}" when nothing was set.
    virtual Result<std::string> settings(ChatId chatId) = 0;
    virtual Status setSettings(ChatId chatId, std::string_view json) = 0;  // InvalidArgument
    // What stands unsent in the composer; empty removes it. The caller debounces.
    virtual Result<std::string> draft(ChatId chatId) = 0;
    virtual Status setDraft(ChatId chatId, std::string_view text) = 0;
};

}  // namespace sotto::storage
