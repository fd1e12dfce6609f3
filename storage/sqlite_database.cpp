#include "storage/sqlite_database.h"

#include <utility>

#include "storage/sqlite/transaction.h"

namespace sotto::storage {

SqliteDatabase::SqliteDatabase(OpenedLibrary library, IdGenerator& ids)
    : m_library(std::move(library)),
      m_ids(ids),
      m_chats(m_library.connection, ids),
      m_answers(m_library.connection),
      m_messages(m_library.connection, m_answers, ids),
      m_search(m_library.connection),
      m_settings(m_library.connection),
      m_models(m_library.connection) {}

SqliteDatabase::~SqliteDatabase() { (void)m_answers.closeAll(); }

Result<ChatSummary> SqliteDatabase::createChat(const NewChat& chat) { return m_chats.create(chat); }

Result<std::vector<ChatSummary>> SqliteDatabase::listChats(bool isInBin) {
    return m_chats.list(isInBin);
}

Result<ChatSummary> SqliteDatabase::chat(ChatId chatId) { return m_chats.chat(chatId); }

Status SqliteDatabase::renameChat(ChatId chatId, std::string_view title) {
    return m_chats.rename(chatId, title);
}

Status SqliteDatabase::setChatPinned(ChatId chatId, bool isPinned) {
    return m_chats.setPinned(chatId, isPinned);
}

Status SqliteDatabase::moveChatToFolder(ChatId chatId, FolderId folderId) {
    return m_chats.moveToFolder(chatId, folderId);
}

Status SqliteDatabase::setChatModel(ChatId chatId, std::string_view modelPath) {
    return m_chats.setModel(chatId, modelPath);
}

Status SqliteDatabase::moveChatToBin(ChatId chatId) { return m_chats.moveToBin(chatId); }

Status SqliteDatabase::restoreChat(ChatId chatId) { return m_chats.restore(chatId); }

Status SqliteDatabase::deleteChat(ChatId chatId) {
    STORAGE_TRY(m_chats.remove(chatId));
    m_answers.forgetChat(chatId);
    return {};
}

Result<int> SqliteDatabase::emptyBin(TimeMs deletedBefore) {
    STORAGE_ASSIGN(const std::vector<ChatId> chats, m_chats.binnedBefore(deletedBefore));
    // One by one: a bin of a thousand chats must not hold the write lock for seconds.
    for (const ChatId chatId : chats) STORAGE_TRY(deleteChat(chatId));
    return static_cast<int>(chats.size());
}

Result<ChatSummary> SqliteDatabase::duplicateChat(ChatId chatId, std::string_view title) {
    const ChatId copyId = m_ids.next();
    STORAGE_TRY(inTransaction(m_library.connection, Durability::Synced, [&]() -> Status {
        STORAGE_TRY(m_chats.copyRow(chatId, copyId, title));
        return m_messages.copyAll(chatId, copyId);
    }));
    return m_chats.chat(copyId);
}

Result<std::string> SqliteDatabase::chatSettings(ChatId chatId) { return m_chats.settings(chatId); }

Status SqliteDatabase::setChatSettings(ChatId chatId, std::string_view json) {
    return m_chats.setSettings(chatId, json);
}

Result<std::string> SqliteDatabase::draft(ChatId chatId) { return m_chats.draft(chatId); }

Status SqliteDatabase::setDraft(ChatId chatId, std::string_view text) {
    return m_chats.setDraft(chatId, text);
}

Result<Folder> SqliteDatabase::createFolder(std::string_view name, FolderId id) {
    return m_chats.createFolder(name, id);
}

Result<std::vector<Folder>> SqliteDatabase::listFolders() { return m_chats.listFolders(); }

Status SqliteDatabase::renameFolder(FolderId folderId, std::string_view name) {
    return m_chats.renameFolder(folderId, name);
}

Status SqliteDatabase::setFolderCollapsed(FolderId folderId, bool isCollapsed) {
    return m_chats.setFolderCollapsed(folderId, isCollapsed);
}

Status SqliteDatabase::orderFolders(const std::vector<FolderId>& inOrder) {
    return m_chats.orderFolders(inOrder);
}

Status SqliteDatabase::deleteFolder(FolderId folderId) { return m_chats.removeFolder(folderId); }

Result<MessageRecord> SqliteDatabase::addMessage(const NewMessage& message) {
    return m_messages.add(message);
}

Result<MessageRecord> SqliteDatabase::editMessage(MessageId messageId, std::string_view content,
                                                  MessageId newId) {
    return m_messages.edit(messageId, content, newId);
}

Result<std::vector<MessageRecord>> SqliteDatabase::loadPath(ChatId chatId) {
    return m_messages.loadPath(chatId);
}

Result<MessageRecord> SqliteDatabase::message(MessageId messageId) {
    return m_messages.message(messageId);
}

Status SqliteDatabase::setActiveVersion(MessageId messageId) {
    return m_messages.setActiveVersion(messageId);
}

Status SqliteDatabase::activatePathTo(MessageId messageId) {
    return m_messages.activatePathTo(messageId);
}

Result<MessageRecord> SqliteDatabase::beginAnswer(const NewAnswer& answer) {
    return m_messages.beginAnswer(answer);
}

Status SqliteDatabase::continueAnswer(MessageId messageId) { return m_answers.reopen(messageId); }

Status SqliteDatabase::appendAnswer(MessageId messageId, std::string_view text,
                                    std::string_view thinking) {
    return m_answers.append(messageId, text, thinking);
}

Status SqliteDatabase::finishAnswer(MessageId messageId, const AnswerEnd& end) {
    return m_answers.finish(messageId, end);
}

Status SqliteDatabase::flushAnswers() { return m_answers.flush(); }

Result<std::vector<SearchHit>> SqliteDatabase::search(const SearchQuery& query) {
    return m_search.search(query);
}

Result<std::optional<std::string>> SqliteDatabase::setting(std::string_view key) {
    return m_settings.value(key);
}

Result<std::map<std::string, std::string>> SqliteDatabase::allSettings() {
    return m_settings.all();
}

Status SqliteDatabase::setSetting(std::string_view key, std::string_view json) {
    return m_settings.set(key, json);
}

Status SqliteDatabase::removeSetting(std::string_view key) { return m_settings.remove(key); }

Status SqliteDatabase::saveModel(const ModelRecord& model) { return m_models.save(model); }

Result<std::vector<ModelRecord>> SqliteDatabase::listModels() { return m_models.list(); }

Result<ModelRecord> SqliteDatabase::model(std::string_view path) { return m_models.model(path); }

Status SqliteDatabase::markModelUsed(std::string_view path) { return m_models.markUsed(path); }

Status SqliteDatabase::setModelFavourite(std::string_view path, bool isFavourite) {
    return m_models.setFavourite(path, isFavourite);
}

Status SqliteDatabase::setModelSettings(std::string_view path, std::string_view json) {
    return m_models.setSettings(path, json);
}

Status SqliteDatabase::removeModel(std::string_view path) { return m_models.remove(path); }

}  // namespace sotto::storage
