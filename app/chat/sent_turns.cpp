#include "app/chat/sent_turns.h"

#include <algorithm>

#include "app/chat/message_conversion.h"

namespace sotto::app {
namespace {

// Its place in the path; the path's length: it is on another branch.
std::size_t placeOf(const std::vector<Message>& path, qint64 messageId) {
    const auto found = std::find_if(path.begin(), path.end(), [messageId](const Message& message) {
        return message.id == messageId;
    });
    return static_cast<std::size_t>(found - path.begin());
}

}  // namespace

LeftOut leftOutOf(const std::vector<Message>& path, const std::vector<DroppedTurns>& dropped) {
    LeftOut leftOut;
    for (const DroppedTurns& turns : dropped) {
        const std::size_t nMessages = placeOf(path, turns.message) + 1;
        if (nMessages < path.size() && nMessages > leftOut.nMessages)
            leftOut = {nMessages, turns.nTokens};
    }
    return leftOut;
}

std::vector<Message> sentPart(std::vector<Message> path, const std::vector<DroppedTurns>& dropped) {
    const std::size_t nMessages = leftOutOf(path, dropped).nMessages;
    path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(nMessages));
    return path;
}

std::vector<DroppedTurns> withDrop(const std::vector<Message>& path,
                                   const std::vector<DroppedTurns>& dropped,
                                   const QString& systemPrompt, const TurnDrop& drop) {
    const LeftOut before = leftOutOf(path, dropped);
    const PathPrompt sent = toPathPrompt(sentPart(path, dropped), systemPrompt);
    if (drop.isNone() || drop.firstSent >= sent.rows.size()) return dropped;
    const std::size_t firstSent = before.nMessages + sent.rows[drop.firstSent];
    if (firstSent == 0) return dropped;
    std::vector<DroppedTurns> now = withoutDrops(path, dropped);
    now.push_back({path[firstSent - 1].id, before.nTokens + drop.nDropped});
    return now;
}

std::vector<DroppedTurns> withoutDrops(const std::vector<Message>& path,
                                       const std::vector<DroppedTurns>& dropped) {
    std::vector<DroppedTurns> others = dropped;
    std::erase_if(others, [&path](const DroppedTurns& turns) {
        return placeOf(path, turns.message) < path.size();
    });
    return others;
}

}  // namespace sotto::app
