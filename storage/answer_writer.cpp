#include "storage/answer_writer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "storage/api/storage.h"
#include "storage/clock.h"
#include "storage/message_rows.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {
namespace {

// A disk that was full a moment ago seldom has space a millisecond later.
constexpr std::chrono::seconds kWriteRetry{1};

// The longer of two texts of which one goes on from the other; otherwise both, one after the other.
std::string joined(const std::string& stored, const std::string& whole) {
    if (whole.starts_with(stored)) return whole;
    if (stored.starts_with(whole) || stored.ends_with(whole)) return stored;
    return stored + whole;
}

void join(MessageRecord& message, const MessageRecord& stored) {
    const std::size_t nBytes = message.content.size();
    message.content = joined(stored.content, message.content);
    if (message.content.size() != nBytes) message.tokens = {};
    message.thinking = joined(stored.thinking, message.thinking);
}

void applyEnd(MessageRecord& message, const AnswerEnd& end) {
    message.state = end.state;
    message.statsJson = end.statsJson;
    message.error.clear();
    message.failure = end.failure;
    message.tokens = end.tokens;
    message.finishedAt = nowMs();
}

Status refuseUnfinished(const AnswerEnd& end) {
    if (end.state != MessageState::Writing) return {};
    return fail(ErrorCode::InvalidArgument, "An answer ends as done, stopped or failed.");
}

}  // namespace

void AnswerWriter::open(const MessageRecord& row) {
    OpenAnswer answer;
    answer.message = row;
    answer.storedContent = row.content.size();
    answer.storedThinking = row.thinking.size();
    m_answers[row.id] = std::move(answer);
}

Status AnswerWriter::reopen(MessageId messageId) {
    if (m_answers.contains(messageId)) {
        return fail(ErrorCode::InvalidArgument, "This answer is being written already.");
    }
    SOTTO_ASSIGN(MessageRecord row, loadMessageRow(m_connection, messageId));
    if (row.role != MessageRole::Assistant) {
        return fail(ErrorCode::InvalidArgument, "Only an answer can be continued.");
    }
    if (row.isDamaged) {
        return fail(ErrorCode::InvalidArgument,
                    "Only a part of this answer is left: decide what is kept of it first.");
    }
    // Chunks that a dead process left, unrepaired because another one lives, are part of the text.
    SOTTO_TRY(complete(row));
    row.state = MessageState::Writing;
    row.finishedAt = 0;
    row.statsJson = "{}";  // how it ended before must not be taken for how it ends now
    row.error.clear();
    row.failure.reset();
    row.tokens = {};  // of a text that grows
    SOTTO_TRY(inTransaction(m_connection, Durability::Buffered,
                            [&] { return storeAnswerText(m_connection, row); }));
    open(row);
    return {};
}

Status AnswerWriter::append(MessageId messageId, std::string_view text, std::string_view thinking) {
    const auto found = m_answers.find(messageId);
    if (found == m_answers.end() || found->second.hasEnded) {
        return fail(ErrorCode::NotFound, "This answer is not being written.");
    }
    OpenAnswer& answer = found->second;
    if (!answer.hasPendingText()) answer.pendingSince = Clock::now();
    answer.message.content += text;
    answer.message.thinking += thinking;
    return {};
}

Status AnswerWriter::turnToThinking(MessageId messageId, std::int64_t nBytes) {
    const auto found = m_answers.find(messageId);
    if (found == m_answers.end() || found->second.hasEnded) {
        return fail(ErrorCode::NotFound, "This answer is not being written.");
    }
    OpenAnswer& answer = found->second;
    std::string& content = answer.message.content;
    const std::size_t nTurned = std::min(content.size(), static_cast<std::size_t>(nBytes));
    const std::size_t nKept = content.size() - nTurned;
    if (!answer.hasPendingText()) answer.pendingSince = Clock::now();
    answer.message.thinking += std::string_view(content).substr(nKept);
    content.resize(nKept);
    if (answer.storedContent <= nKept) return {};
    // Text that is in chunks already is written anew in its place.
    answer.storedContent = nKept;
    answer.storedThinking = answer.message.thinking.size();
    return inTransaction(m_connection, Durability::Buffered,
                         [&] { return storeAnswerText(m_connection, answer.message); });
}

Status AnswerWriter::finish(MessageId messageId, const AnswerEnd& end) {
    const auto found = m_answers.find(messageId);
    if (found == m_answers.end() || found->second.hasEnded) {
        return fail(ErrorCode::NotFound, "This answer is not being written.");
    }
    SOTTO_TRY(refuseUnfinished(end));
    OpenAnswer& answer = found->second;
    if (!answer.hasPendingText()) answer.pendingSince = Clock::now();
    applyEnd(answer.message, end);
    answer.hasEnded = true;
    const Clock::time_point started = Clock::now();
    Status status = writeEnd(answer);
    if (status || isGone(status, answer)) {
        m_answers.erase(found);
    } else {
        putOff(started);
    }
    return status;
}

Status AnswerWriter::store(const WholeAnswer& whole) {
    SOTTO_TRY(refuseUnfinished(whole.end));
    OpenAnswer answer;
    answer.message.id = whole.id;
    answer.message.chatId = whole.chatId;
    answer.message.parentId = whole.parentId;
    answer.message.role = MessageRole::Assistant;
    answer.message.modelName = whole.modelName;
    answer.message.content = whole.content;
    answer.message.thinking = whole.thinking;
    answer.message.createdAt = whole.createdAt == 0 ? nowMs() : whole.createdAt;
    applyEnd(answer.message, whole.end);
    answer.hasEnded = true;
    answer.isWhole = true;
    answer.isBeside = whole.isBeside;
    answer.pendingSince = Clock::now();
    // What had been begun and not written yet is of this answer, too.
    if (const auto open = m_answers.find(whole.id); open != m_answers.end()) {
        join(answer.message, open->second.message);
        answer.storedContent = open->second.storedContent;
        answer.storedThinking = open->second.storedThinking;
    }
    OpenAnswer& kept = m_answers[whole.id] = std::move(answer);
    const Clock::time_point started = Clock::now();
    Status status = writeEnd(kept);
    if (status || isGone(status, kept)) {
        m_answers.erase(whole.id);
    } else {
        putOff(started);
    }
    return status;
}

// Nothing that could be tried again: the place of the answer does not exist any more.
bool AnswerWriter::isGone(const Status& status, const OpenAnswer& answer) const {
    if (status.error().code == ErrorCode::NotFound) return true;
    return answer.isWhole && status.error().code == ErrorCode::InvalidArgument;
}

// In the caller's transaction.
Status AnswerWriter::writeRow(const OpenAnswer& answer) {
    if (!answer.isWhole) return storeAnswerText(m_connection, answer.message);
    Result<MessageRecord> row = loadMessageRow(m_connection, answer.message.id);
    if (!row) {
        if (row.error().code != ErrorCode::NotFound) return fail(std::move(row.error()));
        return answer.isBeside ? addBeside(m_connection, answer.message)
                               : addToTree(m_connection, answer.message);
    }
    if (row->state == MessageState::Writing) SOTTO_TRY(appendChunks(m_connection, *row));
    MessageRecord message = answer.message;
    join(message, *row);
    const bool isStored = row->state == message.state && row->content == message.content &&
                          row->thinking == message.thinking && row->tokens == message.tokens;
    return isStored ? Status() : storeAnswerText(m_connection, message);
}

Status AnswerWriter::writeEnd(const OpenAnswer& answer) {
    return inTransaction(m_connection, Durability::Synced, [&]() -> Status {
        SOTTO_TRY(writeRow(answer));
        return m_connection.run("UPDATE chats SET updated_at = ? WHERE id = ?",
                                answer.message.finishedAt, answer.message.chatId);
    });
}

Status AnswerWriter::writeChunks() {
    return inTransaction(m_connection, Durability::Buffered, [&]() -> Status {
        for (const auto& [messageId, answer] : m_answers) {
            if (answer.hasEnded || !answer.hasPendingText()) continue;
            const std::string_view content(answer.message.content);
            const std::string_view thinking(answer.message.thinking);
            SOTTO_TRY(m_connection.run("INSERT INTO answer_chunks VALUES (?, ?, ?, ?)", messageId,
                                       answer.nextSequence, content.substr(answer.storedContent),
                                       thinking.substr(answer.storedThinking)));
        }
        return {};
    });
}

Status AnswerWriter::dropDeleted() {
    for (auto answer = m_answers.begin(); answer != m_answers.end();) {
        SOTTO_ASSIGN(Statement row,
                     m_connection.query("SELECT 1 FROM messages WHERE id = ?", answer->first));
        SOTTO_ASSIGN(const bool isThere, row.step());
        answer = isThere || answer->second.isWhole ? std::next(answer) : m_answers.erase(answer);
    }
    return {};
}

Status AnswerWriter::flush() {
    const Clock::time_point started = Clock::now();
    Status status = writeChunks();
    if (!status && status.error().code == ErrorCode::InvalidArgument) {
        // A reference is broken: another process deleted a chat that is being answered.
        status = dropDeleted();
        if (status) status = writeChunks();
    }
    if (!status) {
        putOff(started);
        return status;
    }
    for (auto& [messageId, answer] : m_answers) {
        if (answer.hasEnded || !answer.hasPendingText()) continue;
        answer.storedContent = answer.message.content.size();
        answer.storedThinking = answer.message.thinking.size();
        ++answer.nextSequence;
    }
    for (auto answer = m_answers.begin(); answer != m_answers.end();) {
        if (!answer->second.hasEnded) {
            ++answer;
            continue;
        }
        const Status ended = writeEnd(answer->second);
        if (ended || isGone(ended, answer->second)) {
            answer = m_answers.erase(answer);
            continue;
        }
        // One on a damaged page does not keep the others in memory; a lock is waited for once.
        if (status) status = ended;
        if (ended.error().code == ErrorCode::Locked) break;
        ++answer;
    }
    if (status)
        m_notBefore = {};
    else
        putOff(started);
    return status;
}

Status AnswerWriter::closeAll() {
    for (auto& [messageId, answer] : m_answers) {
        if (answer.hasEnded) continue;
        applyEnd(answer.message, {.state = MessageState::Stopped});
        answer.hasEnded = true;
    }
    return flush();
}

void AnswerWriter::forgetChat(ChatId chatId) {
    std::erase_if(m_answers,
                  [&](const auto& entry) { return entry.second.message.chatId == chatId; });
}

// Another program's lock is waited for, and all commands wait behind that: they get as much time as
// the attempt took, at least.
void AnswerWriter::putOff(Clock::time_point started) {
    const Clock::time_point now = Clock::now();
    m_notBefore = now + std::max<Clock::duration>(kWriteRetry, now - started);
}

std::optional<AnswerWriter::Clock::time_point> AnswerWriter::nextFlush() const {
    std::optional<Clock::time_point> earliest;
    for (const auto& [messageId, answer] : m_answers) {
        if (!answer.hasEnded && !answer.hasPendingText()) continue;
        const auto due = answer.pendingSince + std::chrono::milliseconds(kAnswerFlushMs);
        if (!earliest || due < *earliest) earliest = due;
    }
    if (earliest) earliest = std::max(*earliest, m_notBefore);
    return earliest;
}

std::int64_t AnswerWriter::unsavedBytes() const {
    std::size_t bytes = 0;
    for (const auto& [messageId, answer] : m_answers) {
        bytes += answer.message.content.size() - answer.storedContent;
        bytes += answer.message.thinking.size() - answer.storedThinking;
    }
    return static_cast<std::int64_t>(bytes);
}

const MessageRecord* AnswerWriter::keptWhole(MessageId messageId) const {
    const auto found = m_answers.find(messageId);
    return found != m_answers.end() && found->second.isWhole ? &found->second.message : nullptr;
}

std::vector<const MessageRecord*> AnswerWriter::keptWholeIn(ChatId chatId) const {
    std::vector<const MessageRecord*> kept;
    for (const auto& [messageId, answer] : m_answers) {
        if (answer.isWhole && answer.message.chatId == chatId) kept.push_back(&answer.message);
    }
    return kept;
}

bool AnswerWriter::isBeside(MessageId messageId) const {
    const auto found = m_answers.find(messageId);
    return found != m_answers.end() && found->second.isBeside;
}

Status AnswerWriter::complete(MessageRecord& message) {
    const auto found = m_answers.find(message.id);
    if (found == m_answers.end()) {
        if (message.state != MessageState::Writing) return {};
        // Not written by us: another process does, or a dead one did and it could not be repaired.
        message.state = MessageState::Stopped;
        return appendChunks(m_connection, message);
    }
    const OpenAnswer& answer = found->second;
    MessageRecord whole = answer.message;
    if (answer.isWhole) join(whole, message);
    message.content = std::move(whole.content);
    message.thinking = std::move(whole.thinking);
    message.tokens = std::move(whole.tokens);
    if (answer.hasEnded) {
        message.state = whole.state;
        message.statsJson = whole.statsJson;
        message.error = whole.error;
        message.failure = whole.failure;
        message.finishedAt = whole.finishedAt;
    }
    return {};
}

int recoverAnswers(Connection& connection) {
    std::vector<MessageId> left;
    if (Result<Statement> writing =
            connection.prepare("SELECT id FROM messages WHERE state = 0 ORDER BY id")) {
        Result<bool> hasRow = writing->step();
        for (; hasRow && *hasRow; hasRow = writing->step()) left.push_back(writing->integer(0));
    }
    int nRecovered = 0;
    for (const MessageId messageId : left) {
        const Status status = inTransaction(connection, Durability::Synced, [&]() -> Status {
            SOTTO_ASSIGN(MessageRecord message, loadMessageRow(connection, messageId));
            SOTTO_TRY(appendChunks(connection, message));
            message.state = MessageState::Stopped;
            return storeAnswerText(connection, message);
        });
        if (status) ++nRecovered;
    }
    return nRecovered;
}

}  // namespace sotto::storage
