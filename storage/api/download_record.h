// What the storage remembers of a file on its way from a hub. It knows nothing of networks: states
// are names, and what they mean is their writer's affair.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"

namespace sotto::storage {

struct DownloadRecord {
    std::int64_t id = 0;        // the key, its writer's own
    std::int64_t position = 0;  // in the list, ascending
    std::string endpoint;
    std::string repository;
    std::string revision;
    std::string path;    // in the repository
    std::string target;  // on this disk, absolute
    std::string commit;
    std::string sha256;
    std::string blobSha1;
    std::int64_t sizeBytes = 0;
    std::int64_t keptBytes = 0;  // of the part beside the target: safe on disk
    std::string etag;
    std::string state;             // by its name, "waiting"
    std::optional<Error> problem;  // why it does not go on
};

}  // namespace sotto::storage
