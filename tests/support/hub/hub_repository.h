// HubRepository: a hub that does what the real ones do, for tests to bend: a hub and, on another
// port, the host that its bytes lie on.
//
// The hub lists files, answers a HEAD of a file with commit, hash and size and leads on to a signed
// address; the other host gives out ranges with If-Range. `onHub` and `onBytes` see each request
// first and may answer it themselves. Set before requests come, or under the caller's own lock.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "tests/support/hub/hub_server.h"

namespace sotto::test {

// A range of `content`, as a well-behaved server gives it out: 206, 200 where If-Range does not
// hold, 416 behind its end.
Reply rangeOf(const ServedRequest& request, const std::string& content, const std::string& etag);

std::string sha256Of(const std::string& content);
std::string blobSha1Of(const std::string& content);  // git's: of "blob SIZE\0" and the bytes

class HubRepository {
public:
    using Bend = std::function<std::optional<Reply>(const ServedRequest&)>;

    HubRepository();

    void add(const std::string& path, const std::string& content, bool isLfs = true);
    void setCommit(const std::string& commit);
    // From now on; may be called while requests come.
    void bendHub(Bend bend);
    void bendBytes(Bend bend);
    // What the hub and the host of the bytes answer when nobody bends them.
    Reply hubReply(const ServedRequest& request) const;
    Reply bytesReply(const ServedRequest& request) const;

    const std::string repository = "acme/tiny-GGUF";
    std::string endpoint() const { return m_hub.origin(); }
    HubServer& hub() { return m_hub; }
    HubServer& bytes() { return m_bytes; }

private:
    struct File {
        std::string content;
        std::string hash;
        bool isLfs = true;
    };

    Reply searchReply() const;
    Reply treeReply() const;
    Reply fileReply(const ServedRequest& request, const std::string& path) const;

    mutable std::mutex m_mutex;
    // Guarded by m_mutex.
    std::map<std::string, File> m_files;
    std::string m_commit = "0123456789abcdef0123456789abcdef01234567";
    Bend m_hubBend;
    Bend m_bytesBend;
    // Last: their threads end before what they read.
    HubServer m_bytes;
    HubServer m_hub;
};

}  // namespace sotto::test
