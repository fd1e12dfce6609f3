#include "net/net_error.h"

namespace sotto::net {
namespace {

Error make(ErrorCode code, std::string message, std::string context, std::uint64_t needed = 0,
           std::uint64_t available = 0) {
    return {.code = code,
            .message = std::move(message),
            .context = std::move(context),
            .needed = needed,
            .available = available};
}

}  // namespace

Error offlineError(const std::string& host) {
    return make(ErrorCode::Offline,
                "Sotto is set to offline, so nothing was sent to " + host +
                    ": allow connections in Settings, Privacy.",
                host);
}

Error closedError() { return make(ErrorCode::Closed, "The network part is closing.", {}); }

Error cancelledError() { return make(ErrorCode::Cancelled, "The request was stopped.", {}); }

Error unreachableError(const std::string& host, const std::string& reason) {
    return make(
        ErrorCode::Unreachable,
        host + " cannot be reached (" + reason + "): check the network connection and try again.",
        host);
}

Error stalledError(const std::string& host, std::int64_t seconds, std::uint64_t nBytes) {
    return make(ErrorCode::Unreachable,
                host + " sent only " + std::to_string(nBytes) + " bytes in " +
                    std::to_string(seconds) +
                    " s and is given up: check the network connection and try again.",
                host);
}

Error proxyError(const std::string& host, const std::string& reason) {
    return make(ErrorCode::ProxyFailed,
                "The proxy does not let Sotto through to " + host + " (" + reason +
                    "): check the proxy settings of the system.",
                host);
}

Error certificateError(const std::string& host, const std::string& reason) {
    return make(ErrorCode::CertificateRefused,
                host + " cannot prove who it is (" + reason +
                    "), so nothing was sent to it: check the date of this computer and the "
                    "network.",
                host);
}

Error answerError(const std::string& host, const std::string& what) {
    return make(ErrorCode::HubFailed,
                "The answer of " + host + " cannot be used: " + what +
                    ". Try again later, or choose another hub.",
                host);
}

Error rateLimitError(const std::string& host, std::uint64_t seconds) {
    const std::string when = seconds == 0 ? "some minutes" : std::to_string(seconds) + " seconds";
    return make(ErrorCode::RateLimited,
                host + " wants fewer requests: wait " + when + " and try again.", host, seconds);
}

Error gatedError(const std::string& repository, const std::string& page) {
    return make(ErrorCode::AccessGated,
                repository + " is given out only to those who accepted its terms: accept them at " +
                    page + ", then enter an access token of yours.",
                repository);
}

Error tokenError(const std::string& host) {
    return make(ErrorCode::TokenRefused,
                host + " refuses the access token: enter another one in the settings.", host);
}

Error notOnHubError(const std::string& subject, const std::string& what) {
    return make(ErrorCode::NotOnHub,
                what +
                    " is not on the hub, or it is private: check the name, or enter an access "
                    "token.",
                subject);
}

Error tooLargeError(const std::string& file, std::uint64_t nBytes, std::uint64_t limitBytes) {
    return make(ErrorCode::TooLarge,
                file + " has " + std::to_string(nBytes) + " bytes and the hub gives out files of " +
                    std::to_string(limitBytes) + " bytes at most: choose a smaller one.",
                file);
}

Error noRoomError(const std::string& file, std::uint64_t neededBytes, std::uint64_t freeBytes) {
    return make(ErrorCode::DiskFull,
                "There is no room for " + file + ": " + std::to_string(neededBytes) +
                    " bytes are needed and " + std::to_string(freeBytes) +
                    " are free. Free some space or choose another folder; what is there is kept.",
                file, neededBytes, freeBytes);
}

Error takenError(const std::filesystem::path& path) {
    return {ErrorCode::InvalidArgument,
            "'" + path.string() + "' is there already: move it away or choose another folder.",
            path.string()};
}

Error strangePartError(const std::filesystem::path& part, std::uint64_t nBytes) {
    return make(ErrorCode::Busy,
                "'" + part.string() + "' holds " + std::to_string(nBytes) +
                    " bytes of a download that was begun elsewhere (in the window, or with "
                    "sotto-cli): finish it there, or delete the file.",
                part.string());
}

Error damagedError(const std::string& file, const std::string& expected, const std::string& got) {
    return make(ErrorCode::DownloadDamaged,
                file + " is not what the hub has (it should have the hash " + expected +
                    " and has " + got + "): it was set aside; download it again.",
                file);
}

bool isTransient(const Error& error) {
    return error.code == ErrorCode::Unreachable || error.code == ErrorCode::HubFailed;
}

}  // namespace sotto::net
