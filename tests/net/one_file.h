// The file that the tests of one download are about, and a host whose first answer is a bad one.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tests/support/hub/file_contents.h"
#include "tests/support/hub/hub_repository.h"

namespace sotto::test {

// Its first connection breaks or stalls behind kCut bytes.
inline constexpr std::size_t kSize = 1'500'000;
inline constexpr std::size_t kCut = 600'000;
inline const std::string kPath = "Q4/tiny.gguf";
inline const std::string kContent = randomBytes(kSize, 1);

// The first request for bytes is answered as `bend` makes of a good reply; what comes after is for
// `then`.
inline HubRepository::Bend bentOnce(const HubRepository& hub, std::function<void(Reply&)> bend,
                                    HubRepository::Bend then = {}) {
    auto nRequests = std::make_shared<std::atomic<int>>(0);
    return [&hub, nRequests, bend, then](const ServedRequest& request) -> std::optional<Reply> {
        if ((*nRequests)++ > 0) return then ? then(request) : std::nullopt;
        Reply reply = hub.bytesReply(request);
        bend(reply);
        return reply;
    };
}
inline HubRepository::Bend brokenOnce(const HubRepository& hub, HubRepository::Bend then = {}) {
    return bentOnce(
        hub, [](Reply& reply) { reply.cutAfter = kCut; }, std::move(then));
}
inline HubRepository::Bend heldOnce(const HubRepository& hub) {
    return bentOnce(hub, [](Reply& reply) { reply.holdsAfter = kCut; });
}

}  // namespace sotto::test
