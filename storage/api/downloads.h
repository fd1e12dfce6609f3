// Downloads: the list of files on their way from a hub. Thread rule and common errors: see
// database.h. A row that was saved survives a power cut.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "storage/api/download_record.h"

namespace sotto::storage {

class Downloads {
public:
    virtual ~Downloads() = default;

    virtual Result<std::vector<DownloadRecord>> list() = 0;  // by position, then id
    // Anew or over the row with this id. Errors: InvalidArgument (no id, no target).
    Status save(const DownloadRecord& download) { return saveAll(std::span(&download, 1)); }
    // All of them or none.
    virtual Status saveAll(std::span<const DownloadRecord> downloads) = 0;
    virtual Status remove(std::int64_t id) = 0;  // the row, never a file; no error when it is gone
};

}  // namespace sotto::storage
