#include "app/chat/sent_turns.h"

#include <algorithm>

#include "app/chat/message_conversion.h"

namespace sotto::app {
namespace {

std::vector<qint64> idsOf(const std::vector<Message>& path) {
    std::vector<qint64> ids;
    for (const Message& message : path) ids.push_back(message.id);
    return ids;
}

// Its place in the path; the path's length: it is on another branch.
std::size_t placeOf(const std::vector<qint64>& path, qint64 messageId) {
    return static_cast<std::size_t>(std::ranges::find(path, messageId) - path.begin());
}

}  // namespace

LeftOut leftOutOf(const std::vector<qint64>& messageIds, const std::vector<DroppedTurns>& dropped) {
    LeftOut leftOut;
    for (const DroppedTurns& turns : dropped) {
        const std::size_t nMessages = placeOf(messageIds, turns.message) + 1;
        if (nMessages < messageIds.size() && nMessages > leftOut.nMessages)
            leftOut = {nMessages, turns.nTokens};
    }
    return leftOut;
}

LeftOut leftOutOf(const std::vector<Message>& path, const std::vector<DroppedTurns>& dropped) {
    return leftOutOf(idsOf(path), dropped);
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
    std::erase_if(others, [ids = idsOf(path)](const DroppedTurns& turns) {
        return placeOf(ids, turns.message) < ids.size();
    });
    return others;
}

}  // namespace sotto::app
