#include "tests/storage/library_text.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

class Text {
public:
    void line(const std::string& name, const std::string& value) {
        m_text += name + ": ";
        for (const char letter : value) {
            if (letter == '\n') {
                m_text += "\\n";
            } else {
                m_text += letter;
            }
        }
        m_text += '\n';
    }
    void line(const std::string& name, std::int64_t value) { line(name, std::to_string(value)); }
    void problem(const Error& error) { line("ERROR", error.message); }
    void blank() { m_text += '\n'; }

    std::string take() { return std::move(m_text); }

private:
    std::string m_text;
};

std::string roleName(MessageRole role) {
    constexpr const char* kNames[] = {"system", "user", "assistant", "tool"};
    return kNames[static_cast<int>(role)];
}

std::string stateName(MessageState state) {
    constexpr const char* kNames[] = {"writing", "done", "stopped", "failed"};
    return kNames[static_cast<int>(state)];
}

void addFolders(Database& database, Text& text) {
    const auto folders = database.folders().list();
    if (!folders) return text.problem(folders.error());
    for (const Folder& folder : *folders) {
        text.line("folder", folder.id);
        text.line("  name", folder.name);
        text.line("  position", folder.position);
        text.line("  collapsed", folder.isCollapsed ? 1 : 0);
        text.line("  created", folder.createdAt);
    }
    text.blank();
}

void addChats(Database& database, bool isInBin, Text& text) {
    const auto chats = database.chats().list(isInBin);
    if (!chats) return text.problem(chats.error());
    for (const ChatSummary& chat : *chats) {
        text.line(isInBin ? "chat in the bin" : "chat", chat.id);
        text.line("  title", chat.title);
        text.line("  folder", chat.folderId);
        text.line("  pinned", chat.isPinned ? 1 : 0);
        text.line("  created", chat.createdAt);
        text.line("  updated", chat.updatedAt);
        text.line("  deleted", chat.deletedAt);
        text.line("  model", chat.modelPath);
        text.line("  has a draft", chat.hasDraft ? 1 : 0);
        text.line("  settings", database.chats().settings(chat.id).value_or("ERROR"));
        text.line("  draft", database.chats().draft(chat.id).value_or("ERROR"));
        const auto path = database.messages().loadPath(chat.id);
        if (!path) return text.problem(path.error());
        for (const MessageRecord& message : *path) {
            text.line("  shows", std::to_string(message.id) + " version " +
                                     std::to_string(message.versionIndex) + " of " +
                                     std::to_string(message.versionCount) + ", between " +
                                     std::to_string(message.previousVersionId) + " and " +
                                     std::to_string(message.nextVersionId));
        }
    }
    text.blank();
}

void addMessage(Database& database, MessageId id, Text& text) {
    const auto message = database.messages().get(id);
    if (!message) return text.problem(message.error());
    text.line("message", message->id);
    text.line("  chat", message->chatId);
    text.line("  parent", message->parentId);
    text.line("  role", roleName(message->role));
    text.line("  state", stateName(message->state));
    text.line("  content", message->content);
    text.line("  thinking", message->thinking);
    text.line("  created", message->createdAt);
    text.line("  finished", message->finishedAt);
    text.line("  stats", message->statsJson);
    text.line("  error", message->error);
    text.line("  model", message->modelName);
    if (!message->tokens.ids.empty()) {
        std::string ids = std::to_string(message->tokens.vocabulary) + ":";
        for (const std::int32_t token : message->tokens.ids) ids += " " + std::to_string(token);
        text.line("  tokens", ids);
    }
    if (message->isDamaged) text.line("  a part of", message->totalBytes);
    if (!message->failure) return;
    text.line("  failure", std::string(errorCodeName(message->failure->code)));
    text.line("    message", message->failure->message);
    text.line("    context", message->failure->context);
    text.line("    needed", std::to_string(message->failure->needed));
    text.line("    available", std::to_string(message->failure->available));
}

void addModels(Database& database, Text& text) {
    const auto models = database.models().list();
    if (!models) return text.problem(models.error());
    for (const ModelRecord& model : *models) {
        text.line("model", model.path);
        text.line("  name", model.name);
        text.line("  bytes", model.sizeBytes);
        text.line("  modified", model.modifiedAt);
        text.line("  added", model.addedAt);
        text.line("  last used", model.lastUsedAt);
        text.line("  favourite", model.isFavourite ? 1 : 0);
        text.line("  sha256", model.sha256);
        text.line("  info", model.infoJson);
        text.line("  settings", model.settingsJson);
    }
    text.blank();
}

void addDownloads(Database& database, Text& text) {
    const auto downloads = database.downloads().list();
    if (!downloads) return text.problem(downloads.error());
    for (const DownloadRecord& download : *downloads) {
        text.line("download", download.id);
        text.line("  position", download.position);
        text.line("  endpoint", download.endpoint);
        text.line("  repository", download.repository);
        text.line("  revision", download.revision);
        text.line("  path", download.path);
        text.line("  target", download.target);
        text.line("  commit", download.commit);
        text.line("  sha256", download.sha256);
        text.line("  blob", download.blobSha1);
        text.line("  bytes", download.sizeBytes);
        text.line("  kept", download.keptBytes);
        text.line("  etag", download.etag);
        text.line("  state", download.state);
        if (!download.problem) continue;
        text.line("  problem", std::string(errorCodeName(download.problem->code)));
        text.line("    message", download.problem->message);
        text.line("    context", download.problem->context);
        text.line("    needed", std::to_string(download.problem->needed));
        text.line("    available", std::to_string(download.problem->available));
    }
    if (!downloads->empty()) text.blank();
}

void addComparisons(Database& database, Text& text) {
    const auto list = database.comparisons().list();
    if (!list) return text.problem(list.error());
    for (const ComparisonRecord& row : *list) {
        const auto comparison = database.comparisons().find(row.id);
        if (!comparison) return text.problem(comparison.error());
        text.line("comparison", comparison->id);
        text.line("  created", comparison->createdAt);
        text.line("  prompt", comparison->prompt);
        text.line("  models", comparison->models);
        text.line("  report", comparison->report);
    }
    if (!list->empty()) text.blank();
}

void addLedger(Database& database, Text& text) {
    const auto entries = database.ledger().list(1000);
    if (!entries) return text.problem(entries.error());
    for (const LedgerRecord& entry : *entries) {
        text.line("request", entry.id);
        text.line("  started", entry.startedAt);
        text.line("  host", entry.host + " port " + std::to_string(entry.port));
        text.line("  purpose", entry.purpose);
        text.line("  sent", entry.sentBytes);
        text.line("  received", entry.receivedBytes);
        text.line("  status", entry.httpStatus);
        text.line("  problem", entry.problem);
        if (entry.state == LedgerState::Open) text.line("  state", "open");
        if (entry.state == LedgerState::Lost) text.line("  state", "lost");
    }
    if (!entries->empty()) text.blank();
}

void addSettings(Database& database, Text& text) {
    const auto settings = database.settings().all();
    if (!settings) return text.problem(settings.error());
    for (const auto& [key, json] : *settings) text.line(key, json);
    text.blank();
}

}  // namespace

std::string libraryText(Database& database, const std::vector<MessageId>& messageIds) {
    Text text;
    addFolders(database, text);
    addChats(database, false, text);
    addChats(database, true, text);
    for (const MessageId id : messageIds) addMessage(database, id, text);
    text.blank();
    addModels(database, text);
    addDownloads(database, text);
    addLedger(database, text);
    addComparisons(database, text);
    addSettings(database, text);
    return text.take();
}
