// SqliteDatabase: the stores of one library file behind the Database interface. Storage thread
// only.
#pragma once

#include <chrono>
#include <optional>

#include "storage/answer_writer.h"
#include "storage/api/database.h"
#include "storage/chat_store.h"
#include "storage/clock.h"
#include "storage/message_tree.h"
#include "storage/model_store.h"
#include "storage/open_library.h"
#include "storage/search.h"
#include "storage/settings_store.h"

namespace sotto::storage {

class SqliteDatabase final : public Database {
public:
    // `ids` must outlive the database.
    SqliteDatabase(OpenedLibrary library, IdGenerator& ids);
    // Ends open answers as Stopped; what cannot be written then is recovered at the next start.
    ~SqliteDatabase() override;

    const OpenReport& report() const { return m_library.report; }
    std::optional<AnswerWriter::Clock::time_point> nextFlush() const {
        return m_answers.nextFlush();
    }

    Result<ChatSummary> createChat(const NewChat& chat) override;
    Result<std::vector<ChatSummary>> listChats(bool isInBin) override;
    Result<ChatSummary> chat(ChatId chatId) override;
    Status renameChat(ChatId chatId, std::string_view title) override;
    Status setChatPinned(ChatId chatId, bool isPinned) override;
    Status moveChatToFolder(ChatId chatId, FolderId folderId) override;
    Status setChatModel(ChatId chatId, std::string_view modelPath) override;
    Status moveChatToBin(ChatId chatId) override;
    Status restoreChat(ChatId chatId) override;
    Status deleteChat(ChatId chatId) override;
    Result<int> emptyBin(TimeMs deletedBefore) override;
    Result<ChatSummary> duplicateChat(ChatId chatId, std::string_view title) override;
    Result<std::string> chatSettings(ChatId chatId) override;
    Status setChatSettings(ChatId chatId, std::string_view json) override;
    Result<std::string> draft(ChatId chatId) override;
    Status setDraft(ChatId chatId, std::string_view text) override;

    Result<Folder> createFolder(std::string_view name, FolderId id) override;
    Result<std::vector<Folder>> listFolders() override;
    Status renameFolder(FolderId folderId, std::string_view name) override;
    Status setFolderCollapsed(FolderId folderId, bool isCollapsed) override;
    Status orderFolders(const std::vector<FolderId>& inOrder) override;
    Status deleteFolder(FolderId folderId) override;

    Result<MessageRecord> addMessage(const NewMessage& message) override;
    Result<MessageRecord> editMessage(MessageId messageId, std::string_view content,
                                      MessageId newId) override;
    Result<std::vector<MessageRecord>> loadPath(ChatId chatId) override;
    Result<MessageRecord> message(MessageId messageId) override;
    Status setActiveVersion(MessageId messageId) override;
    Status activatePathTo(MessageId messageId) override;

    Result<MessageRecord> beginAnswer(const NewAnswer& answer) override;
    Status continueAnswer(MessageId messageId) override;
    Status appendAnswer(MessageId messageId, std::string_view text,
                        std::string_view thinking) override;
    Status finishAnswer(MessageId messageId, const AnswerEnd& end) override;
    Status flushAnswers() override;

    Result<std::vector<SearchHit>> search(const SearchQuery& query) override;

    Result<std::optional<std::string>> setting(std::string_view key) override;
    Result<std::map<std::string, std::string>> allSettings() override;
    Status setSetting(std::string_view key, std::string_view json) override;
    Status removeSetting(std::string_view key) override;

    Status saveModel(const ModelRecord& model) override;
    Result<std::vector<ModelRecord>> listModels() override;
    Result<ModelRecord> model(std::string_view path) override;
    Status markModelUsed(std::string_view path) override;
    Status setModelFavourite(std::string_view path, bool isFavourite) override;
    Status setModelSettings(std::string_view path, std::string_view json) override;
    Status removeModel(std::string_view path) override;

private:
    OpenedLibrary m_library;  // first: the stores refer to its connection
    IdGenerator& m_ids;
    ChatStore m_chats;
    AnswerWriter m_answers;
    MessageTree m_messages;
    SearchIndex m_search;
    SettingsStore m_settings;
    ModelStore m_models;
};

}  // namespace sotto::storage
