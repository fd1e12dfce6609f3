// HubClient: questions to one Hugging Face-compatible hub.
//
// Place: for the window's Discover page, `sotto-cli search` and downloads. Calls wait for their
// answer, so they are made on a worker; `stop` ends them at once. Any thread; several at once.
// The network must outlive it.
// Errors of every call: Offline, Unreachable, ProxyFailed, CertificateRefused, HubFailed,
// RateLimited, TokenRefused, AccessGated, NotOnHub, Cancelled, Closed; InvalidArgument for a name
// that is none.
// What a server may ask for is given to it: 408, 429 and 5xx are tried again after growing pauses,
// Retry-After and an exhausted RateLimit are waited for, up to a limit that the caller sets.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/api/hub_types.h"
#include "net/api/network.h"

namespace sotto::net {

struct HubOptions {
    std::string endpoint = "https://huggingface.co";
    std::string token;                     // goes to the endpoint's own host only
    std::string defaultRevision = "main";  // of a repository; ModelScope says "master"
    int nAttempts = 4;
    std::chrono::seconds longestWait{60};  // what would take longer is RateLimited
};

class Hub;

// Model cards have some 20 KB; one without an end is cut here.
inline constexpr std::size_t kMaxReadmeBytes = std::size_t{256} << 10;

// What of an endpoint its token is for: "https://huggingface.co", with a port where it is not the
// scheme's own (RFC 6454); empty: it is no address.
std::string originOf(const std::string& endpoint);

// Whether a token may be sent there: https, or this machine. Errors: InvalidArgument.
Status checkEndpoint(const std::string& endpoint);

class HubClient {
public:
    // Errors: InvalidArgument (the endpoint is no address).
    static Result<std::unique_ptr<HubClient>> create(Network& network, HubOptions options);
    ~HubClient();
    HubClient(const HubClient&) = delete;
    HubClient& operator=(const HubClient&) = delete;

    Result<HubPage> search(const HubQuery& query, const std::stop_token& stop) const;
    Result<HubPage> nextPage(const HubPage& page, const std::stop_token& stop) const;

    // All files of a repository; what is no safe path is left out. `revision`: a branch, a tag or a
    // commit; empty: the default branch of this hub.
    Result<std::vector<HubFile>> files(const std::string& repository, const std::string& revision,
                                       const std::stop_token& stop) const;

    // The README.md of a repository, the first kMaxReadmeBytes of it. NotOnHub: it has none.
    Result<HubReadme> readme(const std::string& repository, const std::string& revision,
                             const std::stop_token& stop) const;

    // Where one file is, and what it must be. Further errors: TooLarge.
    Result<ResolvedFile> resolve(const std::string& repository, const std::string& revision,
                                 const std::string& path, const std::stop_token& stop) const;

    // The first `nBytes` of a file, fewer where it is shorter: a model's own header. Further
    // errors: HubFailed (a server that ignores Range is not read to its end).
    Result<std::vector<std::byte>> header(const ResolvedFile& file, std::size_t nBytes,
                                          const std::stop_token& stop) const;
    // The same from byte `first` on: where a header goes on.
    Result<std::vector<std::byte>> range(const ResolvedFile& file, std::uint64_t first,
                                         std::size_t nBytes, const std::stop_token& stop) const;

    // Another hub or another token, for what begins afterwards. Errors: InvalidArgument (the
    // endpoint is no address, the token none); what was set before stays then.
    Status setOptions(HubOptions options);
    // Another hub, which gets no token that is for a different origin. Otherwise as setOptions().
    Status setEndpoint(const std::string& endpoint);
    HubOptions options() const;
    // A client of the hub at `endpoint`, whatever is set afterwards: this one's hub as it is,
    // limits included, or another one, as setEndpoint() would make it. Empty: as it is.
    Result<std::unique_ptr<HubClient>> at(const std::string& endpoint) const;
    // For the rest of net: the hub of this moment, which whoever asks it keeps to its end.
    std::shared_ptr<const Hub> hub() const;

private:
    HubClient(Network& network, std::shared_ptr<const Hub> hub);

    Network& m_network;
    mutable std::mutex m_mutex;
    std::shared_ptr<const Hub> m_hub;  // guarded by m_mutex; shared with the calls under way
};

}  // namespace sotto::net
