// AnswerWriter: answers that are being streamed: text gathers in memory, goes to disk in batches,
// and moves into its message at the end.
//
// Loses nothing while the process lives: what could not be written (full disk) stays here and is
// written again. A kill loses what came after the last batch, at most kAnswerFlushMs plus the time
// of one command. Storage thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "storage/api/chat_record.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

class AnswerWriter {
public:
    using Clock = std::chrono::steady_clock;

    // `connection` must outlive the writer.
    explicit AnswerWriter(Connection& connection) : m_connection(connection) {}

    // `row` is a message that stands in the table in state Writing.
    void open(const MessageRecord& row);
    // Marks a finished answer as Writing again and opens it.
    Status reopen(MessageId messageId);
    Status append(MessageId messageId, std::string_view text, std::string_view thinking);
    Status finish(MessageId messageId, const AnswerEnd& end);
    // Writes all pending text, and ends that could not be written before.
    Status flush();
    // Ends every open answer as Stopped; for shutting down.
    Status closeAll();
    // The chat is being deleted.
    void forgetChat(ChatId chatId);

    // When flush should be called next; nothing when nothing is pending.
    std::optional<Clock::time_point> nextFlush() const;

    // Completes a record read from the table with what is not in it yet.
    Status complete(MessageRecord& message);

private:
    struct OpenAnswer {
        ChatId chatId = 0;
        std::string content;  // whole, as it will stand in the message
        std::string thinking;
        std::size_t storedContent = 0;  // bytes of it that are in the table or its chunks
        std::size_t storedThinking = 0;
        std::int64_t nextSequence = 0;
        Clock::time_point pendingSince;
        std::optional<AnswerEnd> end;  // finished, but not written yet

        bool hasPendingText() const {
            return content.size() > storedContent || thinking.size() > storedThinking;
        }
    };
    using Answers = std::map<MessageId, OpenAnswer>;

    Status writeChunks();
    Status writeEnd(MessageId messageId, const OpenAnswer& answer);
    Status dropDeleted();
    void putOff();

    Connection& m_connection;
    Answers m_answers;
    Clock::time_point m_notBefore{};  // after a failure: no attempt before this time
};

// Answers that a dead process left in state Writing become Stopped, with all text that was stored.
// Returns how many; one that cannot be read does not keep the others from it.
int recoverAnswers(Connection& connection);

}  // namespace sotto::storage
