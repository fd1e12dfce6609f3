// Between storage rows and the window's messages, and from a shown path to what the engine is
// asked.
//
// Pure functions over values.
#pragma once

#include <QString>
#include <vector>

#include "app/chat/message.h"
#include "engine/api/generation_request.h"
#include "engine/api/stats.h"
#include "storage/api/chat_record.h"

namespace sotto::app {

Message toMessage(const storage::MessageRecord& record);
std::vector<Message> toMessages(const std::vector<storage::MessageRecord>& records);

std::string statsToJson(const MessageStats& stats);
MessageStats statsFromJson(const std::string& json);  // what cannot be read stays 0

// Fills in what the engine measured; thinking time and tokens are the window's own.
void applyStats(MessageStats& stats, const RequestStats& measured, const std::string& stopReason);

// Of an answer that was carried on: of its text before, if there was any, and of what was written
// behind it. None where either is not known, or they are of two vocabularies.
AnswerTokens joinedTokens(const AnswerTokens& before, bool hasBefore, const AnswerTokens& more);

// A chat prompt, and the message of the path that each of its messages begins with; 0 for the
// system prompt.
struct PathPrompt {
    ChatPrompt prompt;
    std::vector<std::size_t> rows;
};

// The path as a chat prompt, with the system prompt in front when there is one. Answers that were
// stopped before their first word are left out.
PathPrompt toPathPrompt(const std::vector<Message>& path, const QString& systemPrompt);
inline ChatPrompt toPrompt(const std::vector<Message>& path, const QString& systemPrompt) {
    return toPathPrompt(path, systemPrompt).prompt;
}

// A title from the first message: its first line, at most 60 characters, cut at a word.
QString titleFromMessage(const QString& text);

}  // namespace sotto::app
