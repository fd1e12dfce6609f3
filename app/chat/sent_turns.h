// SentTurns: which messages of a path are sent, and which left it where the chat outgrew its
// context.
//
// Remembered in the chat's layer of settings by the last message that went, so that an edit of what
// is sent changes nothing, and a branch that does not hold that message is whole. Pure functions
// over values.
#pragma once

#include <vector>

#include "app/chat/message.h"
#include "app/core/settings_layers.h"
#include "app/core/turn_drop.h"

namespace sotto::app {

// The first messages of a path, which are not sent.
struct LeftOut {
    std::size_t nMessages = 0;
    std::int64_t nTokens = 0;

    bool operator==(const LeftOut&) const = default;
};
// None where that would be all: what was asked before they went was asked with them.
LeftOut leftOutOf(const std::vector<qint64>& messageIds, const std::vector<DroppedTurns>& dropped);
LeftOut leftOutOf(const std::vector<Message>& path, const std::vector<DroppedTurns>& dropped);

// What is sent of it.
std::vector<Message> sentPart(std::vector<Message> path, const std::vector<DroppedTurns>& dropped);

// What is remembered when more of the path goes: `drop` of the prompt that sentPart() makes with
// this system prompt. Of other branches everything stays.
std::vector<DroppedTurns> withDrop(const std::vector<Message>& path,
                                   const std::vector<DroppedTurns>& dropped,
                                   const QString& systemPrompt, const TurnDrop& drop);
// What is remembered when all of the path is sent again.
std::vector<DroppedTurns> withoutDrops(const std::vector<Message>& path,
                                       const std::vector<DroppedTurns>& dropped);

}  // namespace sotto::app
