// The failures of the network, each with its sentence: what failed, why, what to do.
//
// Place: made by all of net, so that one cause has one sentence. `context` is what the window
// names: a host, a repository or a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace sotto::net {

Error offlineError(const std::string& host);
Error closedError();
Error cancelledError();
// `reason`: the system's or libcurl's words.
Error unreachableError(const std::string& host, const std::string& reason);
Error stalledError(const std::string& host, std::int64_t seconds, std::uint64_t nBytes);
Error proxyError(const std::string& host, const std::string& reason);
Error certificateError(const std::string& host, const std::string& reason);
// `what` completes "the answer of HOST cannot be used: ".
Error answerError(const std::string& host, const std::string& what);
// `seconds` 0: the hub does not say how long.
Error rateLimitError(const std::string& host, std::uint64_t seconds);
Error gatedError(const std::string& repository, const std::string& page);
Error tokenError(const std::string& host);
// `subject`: "owner/name" or "owner/name: file".
Error notOnHubError(const std::string& subject, const std::string& what);
Error tooLargeError(const std::string& file, std::uint64_t nBytes, std::uint64_t limitBytes);
Error noRoomError(const std::string& file, std::uint64_t neededBytes, std::uint64_t freeBytes);
// A file lies where one is to come.
Error takenError(const std::filesystem::path& path);
// The part of a file lies there, of whose bytes nothing is known here.
Error strangePartError(const std::filesystem::path& part, std::uint64_t nBytes);
Error damagedError(const std::string& file, const std::string& expected, const std::string& got);

// May go well when it is tried again: no answer, a broken one, an error of the server's own.
bool isTransient(const Error& error);

}  // namespace sotto::net
