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
#include <vector>

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
    bool writes(MessageId messageId) const { return m_answers.contains(messageId); }
    Status append(MessageId messageId, std::string_view text, std::string_view thinking);
    // See Messages::turnToThinking.
    Status turnToThinking(MessageId messageId, std::int64_t nBytes);
    Status finish(MessageId messageId, const AnswerEnd& end);
    // See Messages::storeAnswer.
    Status store(const WholeAnswer& answer);
    // Writes all pending text, and ends that could not be written before.
    Status flush();
    // Ends every open answer as Stopped; for shutting down.
    Status closeAll();
    // The chat is being deleted.
    void forgetChat(ChatId chatId);

    // When flush should be called next; nothing when nothing is pending.
    std::optional<Clock::time_point> nextFlush() const;

    // Bytes of text that are in memory only.
    std::int64_t unsavedBytes() const;
    // Answers given to store() that could not be written yet; they may have no row. The pointers
    // hold until the next call that writes.
    const MessageRecord* keptWhole(MessageId messageId) const;
    std::vector<const MessageRecord*> keptWholeIn(ChatId chatId) const;
    bool isBeside(MessageId messageId) const;  // of those: it is not the shown version

    // Completes a record read from the table with what is not in it yet.
    Status complete(MessageRecord& message);

private:
    struct OpenAnswer {
        MessageRecord message;          // content and thinking whole, as they will be stored
        std::size_t storedContent = 0;  // bytes of it that are in the table or its chunks
        std::size_t storedThinking = 0;
        std::int64_t nextSequence = 0;
        Clock::time_point pendingSince;
        bool hasEnded = false;  // `message` says how; it is not written yet
        bool isWhole = false;   // given as a whole: what is in the table is looked at when writing
        bool isBeside = false;  // of a whole one without a row: another version is shown

        bool hasPendingText() const {
            return message.content.size() > storedContent ||
                   message.thinking.size() > storedThinking;
        }
    };
    using Answers = std::map<MessageId, OpenAnswer>;

    Status writeChunks();
    Status writeEnd(const OpenAnswer& answer);
    Status writeRow(const OpenAnswer& answer);
    Status dropDeleted();
    bool isGone(const Status& status, const OpenAnswer& answer) const;
    void putOff(Clock::time_point started);

    Connection& m_connection;
    Answers m_answers;
    Clock::time_point m_notBefore{};  // after a failure: no attempt before this time
};

// Answers that a dead process left in state Writing become Stopped, with all text that was stored.
// Returns how many; one that cannot be read does not keep the others from it.
int recoverAnswers(Connection& connection);

}  // namespace sotto::storage
