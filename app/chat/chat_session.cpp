#include "app/chat/chat_session.h"

#include <algorithm>
#include <utility>

#include "app/chat/chat_settings.h"
#include "app/chat/draft_keeper.h"
#include "app/chat/message_conversion.h"

namespace sotto::app {
namespace {

// The answer as its writer has it, with its place among the versions as storage knows it.
Message withVersionsOf(const Message& stored, Message answer) {
    answer.versionIndex = stored.versionIndex;
    answer.versionCount = stored.versionCount;
    answer.previousVersionId = stored.previousVersionId;
    answer.nextVersionId = stored.nextVersionId;
    return answer;
}

// `hasRow`: storage knows it, so where it is not on the path another version is shown.
void mergeLive(std::vector<Message>& path, const Message& live, bool hasRow) {
    for (Message& message : path) {
        if (message.id != live.id) continue;
        message = withVersionsOf(message, live);
        return;
    }
    if (live.isBeside || hasRow) return;
    // Storage could not begin it (a full disk): it is shown all the same, below its question.
    const auto question = std::find_if(path.begin(), path.end(), [&live](const Message& message) {
        return message.id == live.parentId;
    });
    if (question == path.end()) return;
    path.erase(question + 1, path.end());
    path.push_back(live);
}

}  // namespace

// What one look into the storage brings for a chat.
struct ChatSession::Found {
    std::vector<storage::MessageRecord> path;
    std::string settingsJson = "{}";
    QString draft;
};

ChatSession::ChatSession(StorageBridge& disk, StorageBridge& temporary, const AnswerRunner& answers,
                         QObject* parent)
    : QObject(parent), m_disk(disk), m_temporary(temporary), m_answers(answers) {
    connect(&m_answers.keeper(), &AnswerKeeper::storedWhole, this, [this](qint64 chatId) {
        if (chatId == m_chatId) reload();
    });
}

std::vector<Message> ChatSession::pathUntil(int nRows) const {
    std::vector<Message> path;
    for (int row = 0; row < std::min(nRows, count()); ++row) path.push_back(at(row));
    return path;
}

std::vector<qint64> ChatSession::pathIds() const {
    std::vector<qint64> ids;
    for (int row = 0; row < count(); ++row) ids.push_back(at(row).id);
    return ids;
}

void ChatSession::show(qint64 chatId, bool isTemporary) {
    m_chatId = chatId;
    m_isTemporary = isTemporary;
    m_loading = isTemporary ? Loading::Done : Loading::Running;
    m_messages.reset({});
    emit loadingChanged();
    if (isTemporary) return;
    m_disk.submit(
        this,
        [chatId](storage::Database& database) -> Result<Found> {
            Found found;
            found.draft = DraftKeeper::load(database, chatId);
            found.settingsJson = ChatSettings::load(database, chatId);
            if (chatId == 0) return found;
            SOTTO_ASSIGN(found.path, database.messages().loadPath(chatId));
            return found;
        },
        [this, chatId, nEnded = m_nEnded](const Result<Found>& found) {
            if (chatId != m_chatId || m_isTemporary) return;
            m_loading = found ? Loading::Done : Loading::Failed;
            if (found) {
                take(*found);
                if (nEnded != m_nEnded) reload();
            } else {
                emit problem(found.error());
            }
            emit loadingChanged();
        });
}

void ChatSession::take(const Found& found) {
    m_messages.reset(withLiveAnswers(toMessages(found.path)));
    emit loaded(found.settingsJson, found.draft);
    emit pathChanged();
    if (const int row = m_messages.rowOf(std::exchange(m_messageToShow, 0)); row >= 0)
        emit scrollToRow(row);
}

void ChatSession::reload() {
    storage().submit(
        this,
        [chatId = m_chatId](storage::Database& database) {
            return database.messages().loadPath(chatId);
        },
        [this, chatId = m_chatId,
         nEnded = m_nEnded](const Result<std::vector<storage::MessageRecord>>& path) {
            if (chatId != m_chatId || !path) return;
            // An answer ended since the question was put: storage may not have had its end yet.
            if (nEnded != m_nEnded) return reload();
            showPath(withLiveAnswers(toMessages(*path)));
            if (const int row = m_messages.rowOf(std::exchange(m_messageToShow, 0)); row >= 0)
                emit scrollToRow(row);
        });
}

void ChatSession::showPath(std::vector<Message> path) {
    m_messages.update(std::move(path));
    emit pathChanged();
}

// Storage is up to a quarter of a second behind the answer being written; the runner's copy is not.
std::vector<Message> ChatSession::withLiveAnswers(std::vector<Message> path) const {
    const AnswerKeeper& keeper = m_answers.keeper();
    for (const Message& ended : keeper.unstoredIn(m_chatId))
        mergeLive(path, ended, keeper.hasRow(ended.id));
    for (const Message* live : m_answers.answersIn(m_chatId))
        mergeLive(path, *live, keeper.hasRow(live->id));
    for (Message& message : path) message.nWritten = m_answers.countTo(message.parentId);
    return path;
}

const Message* ChatSession::liveAnswer() const {
    for (const Message* live : m_answers.answersIn(m_chatId))
        if (rowOf(live->id) >= 0) return live;
    return nullptr;
}

Message ChatSession::inPlaceOf(const Message& row, Message answer) const {
    answer = withVersionsOf(row, std::move(answer));
    answer.nWritten = m_answers.countTo(answer.parentId);
    return answer;
}

void ChatSession::put(const Message& message) {
    if (message.chatId != m_chatId) return;
    if (const int row = m_messages.rowOf(message.id); row >= 0)
        return m_messages.replace(row, inPlaceOf(at(row), message));
    std::vector<Message> path = pathUntil(m_messages.rowOf(message.parentId) + 1);
    path.push_back(message);
    path.back().nWritten = m_answers.countTo(message.parentId);
    showPath(std::move(path));
}

void ChatSession::takeAway(qint64 messageId) {
    if (const int row = m_messages.rowOf(messageId); row >= 0) showPath(pathUntil(row));
}

bool ChatSession::takeAnswer(const Message& answer) {
    const int row = answer.chatId == m_chatId ? m_messages.rowOf(answer.id) : -1;
    if (row < 0) return false;
    m_messages.replace(row, inPlaceOf(at(row), answer));
    return true;
}

void ChatSession::takeEnd(const Message& answer) {
    ++m_nEnded;
    if (takeAnswer(answer) || answer.chatId != m_chatId) return;
    // Another version of it is shown, and fewer are being written now.
    for (int row = 0; row < count(); ++row)
        if (at(row).parentId == answer.parentId)
            m_messages.replace(row, inPlaceOf(at(row), at(row)));
}

void ChatSession::takeNewVersion() {
    if (std::exchange(m_isReloadDue, true)) return;
    QMetaObject::invokeMethod(
        this,
        [this] {
            m_isReloadDue = false;
            reload();
        },
        Qt::QueuedConnection);
}

void ChatSession::showVersion(int row, int offset) {
    const Message& message = at(row);
    const qint64 id = offset < 0 ? message.previousVersionId : message.nextVersionId;
    if (id == 0) return;
    storage().submit(
        [id](storage::Database& database) { return database.messages().setActiveVersion(id); });
    reload();
}

void ChatSession::keepReadable(int row) {
    repair([id = at(row).id, text = at(row).text.toStdString()](storage::Database& database) {
        return database.messages().replaceDamaged(id, text);
    });
}

void ChatSession::takeOut(int row) {
    repair([id = at(row).id](storage::Database& database) {
        return database.messages().removeDamaged(id);
    });
}

void ChatSession::repair(std::function<Status(storage::Database&)> operation) {
    storage().submit(this, std::move(operation), [this, chatId = m_chatId](const Status& status) {
        if (!status) emit problem(status.error());
        if (chatId == m_chatId) reload();
    });
}

void ChatSession::openMessage(qint64 chatId, qint64 messageId, std::function<void(qint64)> open) {
    m_disk.submit(
        this,
        [messageId](storage::Database& database) {
            return database.messages().activatePathTo(messageId);
        },
        [this, chatId, messageId, open = std::move(open)](const Status&) {
            m_messageToShow = messageId;
            if (chatId == m_chatId && !m_isTemporary)
                reload();
            else
                open(chatId);
        });
}

}  // namespace sotto::app
