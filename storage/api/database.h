// Database: everything the storage can do, as plain synchronous calls.
//
// Flow: Storage (storage.h) owns one Database on its storage thread and hands it to the commands
// that callers submit. Ownership: owns the one writing connection. Thread rule: used by the storage
// thread only (a reference must not leave the command it was given to).
//
// Every method is one transaction: it is done wholly or not at all. Every Status or Result may be
// DiskFull, ReadOnly, Locked, Corrupted or Io; further codes are named at the methods.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/api/chat_record.h"
#include "storage/api/model_record.h"
#include "storage/api/storage_error.h"

namespace sotto::storage {

class Database {
public:
    virtual ~Database() = default;

    // --- chats ---------------------------------------------------------------------------------
    // Errors: Invalid (settings are not JSON, unknown folder, id taken).
    virtual Result<ChatSummary> createChat(const NewChat& chat) = 0;
    // Last updated first; no message is read. `isInBin` chooses the bin's content.
    virtual Result<std::vector<ChatSummary>> listChats(bool isInBin = false) = 0;
    virtual Result<ChatSummary> chat(ChatId chatId) = 0;  // NotFound
    // The following fail with NotFound when there is no such chat.
    virtual Status renameChat(ChatId chatId, std::string_view title) = 0;
    virtual Status setChatPinned(ChatId chatId, bool isPinned) = 0;
    virtual Status moveChatToFolder(ChatId chatId, FolderId folderId) = 0;  // 0: out of any folder
    virtual Status setChatModel(ChatId chatId, std::string_view modelPath) = 0;
    virtual Status moveChatToBin(ChatId chatId) = 0;
    virtual Status restoreChat(ChatId chatId) = 0;
    virtual Status deleteChat(ChatId chatId) = 0;            // for good, with all its messages
    virtual Result<int> emptyBin(TimeMs deletedBefore) = 0;  // how many chats were deleted
    // A copy of the whole tree, under a new id and the given title.
    virtual Result<ChatSummary> duplicateChat(ChatId chatId, std::string_view title) = 0;
    // The chat layer of the settings, opaque JSON; "{}" when nothing was set.
    virtual Result<std::string> chatSettings(ChatId chatId) = 0;
    virtual Status setChatSettings(ChatId chatId, std::string_view json) = 0;  // Invalid
    // What stands unsent in the composer; empty removes it. The caller debounces.
    virtual Result<std::string> draft(ChatId chatId) = 0;
    virtual Status setDraft(ChatId chatId, std::string_view text) = 0;

    // --- folders -------------------------------------------------------------------------------
    virtual Result<Folder> createFolder(std::string_view name, FolderId id = 0) = 0;
    virtual Result<std::vector<Folder>> listFolders() = 0;  // by position
    virtual Status renameFolder(FolderId folderId, std::string_view name) = 0;
    virtual Status setFolderCollapsed(FolderId folderId, bool isCollapsed) = 0;
    virtual Status orderFolders(const std::vector<FolderId>& inOrder) = 0;
    virtual Status deleteFolder(FolderId folderId) = 0;  // its chats fall out, none is deleted

    // --- messages ------------------------------------------------------------------------------
    // Adds a message and makes it the active version among its siblings. On disk (fsync) when it
    // returns: a kill or a power cut afterwards does not lose it. Errors: Invalid (unknown chat or
    // parent, parent of another chat, id taken).
    virtual Result<MessageRecord> addMessage(const NewMessage& message) = 0;
    // A new version of an existing message, with the same parent and role; nothing is overwritten.
    virtual Result<MessageRecord> editMessage(MessageId messageId, std::string_view content,
                                              MessageId newId = 0) = 0;
    // The shown conversation, first message first.
    virtual Result<std::vector<MessageRecord>> loadPath(ChatId chatId) = 0;
    virtual Result<MessageRecord> message(MessageId messageId) = 0;  // NotFound
    // Makes this message the shown one among its versions; what hangs below each version keeps its
    // own choice.
    virtual Status setActiveVersion(MessageId messageId) = 0;
    // As above for the message and all its ancestors, so that loadPath contains it (search
    // results).
    virtual Status activatePathTo(MessageId messageId) = 0;

    // --- streamed answers ----------------------------------------------------------------------
    // Adds an assistant's message in state Writing.
    virtual Result<MessageRecord> beginAnswer(const NewAnswer& answer) = 0;
    // Opens a finished answer again to append to it. Errors: NotFound, Invalid (not an answer).
    virtual Status continueAnswer(MessageId messageId) = 0;
    // Takes the text into memory and returns; it is on disk within kAnswerFlushMs. Errors: NotFound
    // (no answer with this id is open).
    virtual Status appendAnswer(MessageId messageId, std::string_view text,
                                std::string_view thinking) = 0;
    // Writes what is left and closes the answer. When that fails (disk full), the answer is kept in
    // memory and written again each second until it succeeds.
    virtual Status finishAnswer(MessageId messageId, const AnswerEnd& end) = 0;
    // Writes all pending text now. Called by Storage's timer.
    virtual Status flushAnswers() = 0;

    // --- search --------------------------------------------------------------------------------
    // Titles first, then messages, best matches first. Any text is a valid query; an empty one
    // finds nothing. Takes at most about half a second: then what was found until then is the
    // answer.
    virtual Result<std::vector<SearchHit>> search(const SearchQuery& query) = 0;

    // --- settings of the app -------------------------------------------------------------------
    // Values are JSON texts; keys are dotted names ("appearance.theme"). Errors: Invalid (not JSON,
    // empty key).
    virtual Result<std::optional<std::string>> setting(std::string_view key) = 0;
    virtual Result<std::map<std::string, std::string>> allSettings() = 0;
    virtual Status setSetting(std::string_view key, std::string_view json) = 0;
    virtual Status removeSetting(std::string_view key) = 0;  // no error when it is not there

    // --- model library -------------------------------------------------------------------------
    // Inserts or updates by path. Of an existing row addedAt, lastUsedAt, isFavourite and
    // settingsJson stay; sha256 and infoJson are emptied when the file changed (size or time) and
    // none is given.
    virtual Status saveModel(const ModelRecord& model) = 0;
    virtual Result<std::vector<ModelRecord>> listModels() = 0;  // favourites, then last used first
    virtual Result<ModelRecord> model(std::string_view path) = 0;  // NotFound
    virtual Status markModelUsed(std::string_view path) = 0;       // now
    virtual Status setModelFavourite(std::string_view path, bool isFavourite) = 0;
    virtual Status setModelSettings(std::string_view path, std::string_view json) = 0;
    virtual Status removeModel(std::string_view path) = 0;  // the row, never the file
};

}  // namespace sotto::storage
