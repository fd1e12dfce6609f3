#include "storage/answer_writer.h"

#include <utility>
#include <vector>

#include "storage/api/storage.h"
#include "storage/clock.h"
#include "storage/message_rows.h"
#include "storage/sqlite/transaction.h"

namespace sotto::storage {
namespace {

// A disk that was full a moment ago seldom has space a millisecond later.
constexpr std::chrono::seconds kRetryAfterFailure{1};

Status appendChunks(Connection& connection, MessageRecord& message) {
    SOTTO_ASSIGN(Statement chunk, connection.query("SELECT content, thinking FROM answer_chunks"
                                                   " WHERE message_id = ? ORDER BY sequence",
                                                   message.id));
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, chunk.step());
        if (!hasRow) return {};
        message.content += chunk.text(0);
        message.thinking += chunk.text(1);
    }
}

// The whole text into the message; its chunks go.
Status storeText(Connection& connection, const MessageRecord& message) {
    // A text that is not JSON would break the column's rule and with it the end of the answer.
    SOTTO_TRY(connection.run(
        "UPDATE messages SET content = ?2, thinking = ?3, state = ?4, finished_at = ?5,"
        " stats_json = CASE WHEN json_valid(?6) THEN ?6 ELSE '{}' END, error = ?7 WHERE id = ?1",
        message.id, message.content, message.thinking, static_cast<int>(message.state),
        message.finishedAt, message.statsJson, message.error));
    if (connection.changes() == 0) {
        return fail(ErrorCode::NotFound, "The chat of this answer was deleted.");
    }
    return connection.run("DELETE FROM answer_chunks WHERE message_id = ?", message.id);
}

}  // namespace

void AnswerWriter::open(const MessageRecord& row) {
    OpenAnswer answer;
    answer.chatId = row.chatId;
    answer.content = row.content;
    answer.thinking = row.thinking;
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
    // Chunks that a dead process left, unrepaired because another one lives, are part of the text.
    SOTTO_TRY(complete(row));
    row.state = MessageState::Writing;
    row.finishedAt = 0;
    row.error.clear();
    SOTTO_TRY(inTransaction(m_connection, Durability::Buffered,
                            [&] { return storeText(m_connection, row); }));
    open(row);
    return {};
}

Status AnswerWriter::append(MessageId messageId, std::string_view text, std::string_view thinking) {
    const auto found = m_answers.find(messageId);
    if (found == m_answers.end() || found->second.end) {
        return fail(ErrorCode::NotFound, "This answer is not being written.");
    }
    OpenAnswer& answer = found->second;
    if (!answer.hasPendingText()) answer.pendingSince = Clock::now();
    answer.content += text;
    answer.thinking += thinking;
    return {};
}

Status AnswerWriter::finish(MessageId messageId, const AnswerEnd& end) {
    const auto found = m_answers.find(messageId);
    if (found == m_answers.end() || found->second.end) {
        return fail(ErrorCode::NotFound, "This answer is not being written.");
    }
    if (end.state == MessageState::Writing) {
        return fail(ErrorCode::InvalidArgument, "An answer ends as done, stopped or failed.");
    }
    OpenAnswer& answer = found->second;
    if (!answer.hasPendingText()) answer.pendingSince = Clock::now();
    answer.end = end;
    Status status = writeEnd(messageId, answer);
    if (status || status.error().code == ErrorCode::NotFound) {
        m_answers.erase(found);
    } else {
        putOff();
    }
    return status;
}

Status AnswerWriter::writeEnd(MessageId messageId, const OpenAnswer& answer) {
    MessageRecord message;
    message.id = messageId;
    message.content = answer.content;
    message.thinking = answer.thinking;
    message.state = answer.end->state;
    message.statsJson = answer.end->statsJson;
    message.error = answer.end->error;
    message.finishedAt = nowMs();
    return inTransaction(m_connection, Durability::Synced, [&]() -> Status {
        SOTTO_TRY(storeText(m_connection, message));
        return m_connection.run("UPDATE chats SET updated_at = ? WHERE id = ?", message.finishedAt,
                                answer.chatId);
    });
}

Status AnswerWriter::writeChunks() {
    return inTransaction(m_connection, Durability::Buffered, [&]() -> Status {
        for (const auto& [messageId, answer] : m_answers) {
            if (answer.end || !answer.hasPendingText()) continue;
            const std::string_view content(answer.content);
            const std::string_view thinking(answer.thinking);
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
        answer = isThere ? std::next(answer) : m_answers.erase(answer);
    }
    return {};
}

Status AnswerWriter::flush() {
    Status status = writeChunks();
    if (!status && status.error().code == ErrorCode::InvalidArgument) {
        // A reference is broken: another process deleted a chat that is being answered.
        status = dropDeleted();
        if (status) status = writeChunks();
    }
    if (!status) {
        putOff();
        return status;
    }
    for (auto& [messageId, answer] : m_answers) {
        if (answer.end || !answer.hasPendingText()) continue;
        answer.storedContent = answer.content.size();
        answer.storedThinking = answer.thinking.size();
        ++answer.nextSequence;
    }
    for (auto answer = m_answers.begin(); answer != m_answers.end();) {
        if (!answer->second.end) {
            ++answer;
            continue;
        }
        status = writeEnd(answer->first, answer->second);
        if (!status && status.error().code != ErrorCode::NotFound) {
            putOff();
            return status;
        }
        answer = m_answers.erase(answer);
    }
    m_notBefore = {};
    return {};
}

Status AnswerWriter::closeAll() {
    for (auto& [messageId, answer] : m_answers) {
        if (!answer.end) answer.end = AnswerEnd{.state = MessageState::Stopped};
    }
    return flush();
}

void AnswerWriter::forgetChat(ChatId chatId) {
    std::erase_if(m_answers, [&](const auto& entry) { return entry.second.chatId == chatId; });
}

void AnswerWriter::putOff() { m_notBefore = Clock::now() + kRetryAfterFailure; }

std::optional<AnswerWriter::Clock::time_point> AnswerWriter::nextFlush() const {
    std::optional<Clock::time_point> earliest;
    for (const auto& [messageId, answer] : m_answers) {
        if (!answer.end && !answer.hasPendingText()) continue;
        const auto due = answer.pendingSince + std::chrono::milliseconds(kAnswerFlushMs);
        if (!earliest || due < *earliest) earliest = due;
    }
    if (earliest) earliest = std::max(*earliest, m_notBefore);
    return earliest;
}

Status AnswerWriter::complete(MessageRecord& message) {
    const auto found = m_answers.find(message.id);
    if (found != m_answers.end()) {
        const OpenAnswer& answer = found->second;
        message.content = answer.content;
        message.thinking = answer.thinking;
        if (answer.end) {
            message.state = answer.end->state;
            message.statsJson = answer.end->statsJson;
            message.error = answer.end->error;
        }
        return {};
    }
    if (message.state != MessageState::Writing) return {};
    // Not written by us: another process does, or a dead one did and it could not be repaired.
    message.state = MessageState::Stopped;
    return appendChunks(m_connection, message);
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
            return storeText(connection, message);
        });
        if (status) ++nRecovered;
    }
    return nRecovered;
}

}  // namespace sotto::storage
