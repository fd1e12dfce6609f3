// DownloadStore: the port that downloads are kept behind, so that they survive the program.
//
// Place: DownloadQueue writes a record with every change of state and with every stretch of bytes
// that is safe on disk; implemented over the storage and by tests. Called by one thread at a time,
// on the queue's workers and on its callers; may wait for a disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sotto::net {

using DownloadId = std::int64_t;

enum class DownloadState : std::uint8_t {
    Waiting,      // for its turn
    Running,      // bytes come
    Paused,       // by its user, or because the disk is full
    Interrupted,  // the problem says why; resume() tries again
    Checking,     // what is on disk is read and hashed
    Verified,     // whole, under its name
    Damaged,      // not what the hub has; set aside
};

// In lowerCamelCase, as it is stored ("waiting").
std::string_view downloadStateName(DownloadState state);
// Interrupted for a name that this version does not know.
DownloadState downloadStateOfName(std::string_view name);

struct DownloadRecord {
    DownloadId id = 0;
    std::int64_t position = 0;  // in the queue, ascending
    std::string endpoint;
    std::string repository;
    std::string revision;  // as it was asked for
    std::string path;      // in the repository
    std::filesystem::path target;
    // What the hub said when it was first resolved.
    std::string commit;
    std::string sha256;  // one of the two
    std::string blobSha1;
    std::uint64_t nBytes = 0;
    // Of the part beside the target: how many bytes are safe there, and the ETag that they had.
    std::uint64_t nKeptBytes = 0;
    std::string etag;
    DownloadState state = DownloadState::Waiting;
    Error problem;  // empty message: none
};

class DownloadStore {
public:
    virtual ~DownloadStore() = default;
    virtual Result<std::vector<DownloadRecord>> load() = 0;
    virtual Status save(const DownloadRecord& record) = 0;  // by its id: anew or over the old one
    // At once where the store can: all of them or none.
    virtual Status saveAll(std::span<const DownloadRecord> records) {
        for (const DownloadRecord& record : records) SOTTO_TRY(save(record));
        return {};
    }
    virtual Status remove(DownloadId id) = 0;
};

}  // namespace sotto::net
