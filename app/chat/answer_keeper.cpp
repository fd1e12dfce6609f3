#include "app/chat/answer_keeper.h"

#include "app/chat/message_conversion.h"

namespace sotto::app {
namespace {

storage::AnswerEnd endOf(const Message& message) {
    storage::AnswerEnd end;
    end.state = message.state == MessageListModel::Done      ? storage::MessageState::Done
                : message.state == MessageListModel::Stopped ? storage::MessageState::Stopped
                                                             : storage::MessageState::Failed;
    end.statsJson = statsToJson(message.stats);
    if (end.state == storage::MessageState::Failed) end.failure = message.failure;
    end.tokens = {message.tokens.ids, message.tokens.vocabulary};
    return end;
}

storage::NewAnswer beginningOf(const Message& message) {
    return {.id = message.id,
            .chatId = message.chatId,
            .parentId = message.parentId,
            .modelName = message.modelName.toStdString(),
            .isBeside = message.isBeside};
}

storage::WholeAnswer wholeOf(const Message& message) {
    return {.id = message.id,
            .chatId = message.chatId,
            .parentId = message.parentId,
            .modelName = message.modelName.toStdString(),
            .content = message.text.toStdString(),
            .thinking = message.thinking.toStdString(),
            .createdAt = message.time.toMSecsSinceEpoch(),
            .end = endOf(message),
            .isBeside = message.isBeside};
}

}  // namespace

AnswerKeeper::AnswerKeeper(QObject* parent) : QObject(parent) {}

void AnswerKeeper::begin(const Message& answer, StorageBridge& storage) {
    const quint64 run = ++m_nRuns;
    m_entries[answer.id] = {.storage = &storage, .message = answer, .run = run};
    storage.submit(
        this,
        [row = beginningOf(answer), text = answer.text.toStdString(),
         thinking = answer.thinking.toStdString()](storage::Database& database) -> Status {
            if (auto made = database.messages().beginAnswer(row); !made) return fail(made.error());
            return database.messages().appendAnswer(row.id, text, thinking);
        },
        [this, id = answer.id, run, &storage](const Status& status) {
            if (!status) return noteUnopened(id, run);
            if (Entry* entry = entryOf(id, run)) entry->hasRow = true;
            emit begun(&storage);
        });
}

void AnswerKeeper::reopen(const Message& answer, StorageBridge& storage) {
    const quint64 run = ++m_nRuns;
    m_entries[answer.id] = {.storage = &storage, .message = answer, .hasRow = true, .run = run};
    storage.submit(
        this,
        [id = answer.id](storage::Database& database) {
            return database.messages().continueAnswer(id);
        },
        [this, id = answer.id, run](const Status& status) {
            if (!status) noteUnopened(id, run);
        });
}

AnswerKeeper::Entry* AnswerKeeper::entryOf(qint64 messageId, quint64 run) {
    const auto found = m_entries.find(messageId);
    return found == m_entries.end() || found->second.run != run ? nullptr : &found->second;
}

void AnswerKeeper::noteUnopened(qint64 messageId, quint64 run) {
    if (Entry* entry = entryOf(messageId, run)) entry->isOpen = false;
}

void AnswerKeeper::append(qint64 messageId, const std::string& text, const std::string& thinking) {
    const auto found = m_entries.find(messageId);
    if (found == m_entries.end() || !found->second.isOpen) return;
    // It can fail only where the beginning or the end fails as well, and the text is here.
    found->second.storage->submit(
        this,
        [messageId, text, thinking](storage::Database& database) {
            return database.messages().appendAnswer(messageId, text, thinking);
        },
        [](const Status&) {});
}

void AnswerKeeper::turnToThinking(qint64 messageId, qint64 nBytes) {
    const auto found = m_entries.find(messageId);
    if (found == m_entries.end() || !found->second.isOpen) return;
    found->second.storage->submit(
        this,
        [messageId, nBytes](storage::Database& database) {
            return database.messages().turnToThinking(messageId, nBytes);
        },
        [](const Status&) {});
}

void AnswerKeeper::end(const Message& answer) {
    const auto found = m_entries.find(answer.id);
    if (found == m_entries.end()) return;
    Entry& entry = found->second;
    entry.message = answer;
    entry.isEnded = true;
    if (!entry.isOpen) return storeWhole(entry);
    entry.storage->submit(
        this,
        [id = answer.id, ending = endOf(answer)](storage::Database& database) {
            return database.messages().finishAnswer(id, ending);
        },
        [this, id = answer.id, run = entry.run](const Status& status) {
            takeEnd(id, run, status);
        });
}

void AnswerKeeper::takeEnd(qint64 messageId, quint64 run, const Status& status) {
    Entry* entry = entryOf(messageId, run);
    if (entry == nullptr) return;
    // NotFound: its beginning failed, and that was not known when it ended. Internal: an exception,
    // after which nothing is certain. In all other cases storage has the answer.
    if (!status && (status.error().code == ErrorCode::NotFound ||
                    status.error().code == ErrorCode::Internal)) {
        storeWhole(*entry);
    } else {
        noteUnwritten(*entry, status);
        m_entries.erase(messageId);
    }
}

void AnswerKeeper::noteUnwritten(const Entry& entry, const Status& status) {
    if (!status && StorageHealth::isLasting(status.error().code))
        m_unwritten[entry.message.id] = entry;
}

void AnswerKeeper::storeWhole(const Entry& entry) {
    entry.storage->submit(
        this,
        [whole = wholeOf(entry.message)](storage::Database& database) {
            return database.messages().storeAnswer(whole);
        },
        [this, id = entry.message.id, run = entry.run](const Status& status) {
            // Stored, or kept by storage, or its chat was deleted: in no case is it ours any more.
            const Entry* stored = entryOf(id, run);
            if (stored == nullptr) return;
            const qint64 chatId = stored->message.chatId;
            noteUnwritten(*stored, status);
            m_entries.erase(id);
            emit storedWhole(chatId);
        });
}

void AnswerKeeper::forget(qint64 chatId) {
    const auto isOfChat = [chatId](const auto& entry) {
        return entry.second.message.chatId == chatId;
    };
    std::erase_if(m_entries, isOfChat);
    std::erase_if(m_unwritten, isOfChat);
}

bool AnswerKeeper::isUnbegun(qint64 messageId, const StorageBridge& storage) const {
    const auto found = m_entries.find(messageId);
    return found != m_entries.end() && !found->second.isOpen && found->second.storage == &storage;
}

bool AnswerKeeper::hasRow(qint64 messageId) const {
    const auto found = m_entries.find(messageId);
    return found == m_entries.end() || found->second.hasRow;
}

bool AnswerKeeper::isWrittenTo(qint64 messageId, const StorageBridge& storage) const {
    const auto found = m_entries.find(messageId);
    return found != m_entries.end() && found->second.storage == &storage;
}

QStringList AnswerKeeper::unwritten(const StorageBridge& storage) const {
    QStringList texts;
    for (const auto* entries : {&m_unwritten, &m_entries})
        for (const auto& [id, entry] : *entries)
            if (entry.isEnded && entry.storage == &storage && !entry.message.text.isEmpty())
                texts.append(entry.message.text);
    return texts;
}

std::vector<Message> AnswerKeeper::unstoredIn(qint64 chatId) const {
    std::vector<Message> messages;
    for (const auto& [id, entry] : m_entries)
        if (entry.isEnded && entry.message.chatId == chatId) messages.push_back(entry.message);
    return messages;
}

}  // namespace sotto::app
