// Resolving: which bytes a name stands for now, and where they are.
//
// The hub answers a HEAD with the commit, the hash and the size in headers, and leads on to where
// the bytes are. A relative step stays on the hub and is followed with its query; the step to
// another server is the answer. Place: HubClient::resolve() and downloads.
#pragma once

#include <stop_token>
#include <string>

#include "net/api/hub_types.h"
#include "net/hub/hub.h"

namespace sotto::net {

// What a hub gives out without its own protocol for larger ones.
inline constexpr std::uint64_t kMaxFileBytes = 50'000'000'000;

// Without a hash where the hub's headers have none. Errors: those of Hub::ask(); TooLarge,
// HubFailed (no size), InvalidArgument.
Result<ResolvedFile> resolveFile(const Hub& hub, const std::string& repository,
                                 const std::string& revision, const std::string& path,
                                 const std::stop_token& stop);

}  // namespace sotto::net
