// FileStore: downloads kept in one file, for tests that end the program in the middle.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>

#include "net/api/download_store.h"

namespace sotto::test {

class FileStore final : public net::DownloadStore {
public:
    // Reads what lies at `path`; an empty path keeps everything in memory.
    explicit FileStore(std::filesystem::path path = {});

    Result<std::vector<net::DownloadRecord>> load() override;
    Status save(const net::DownloadRecord& record) override;
    Status remove(net::DownloadId id) override;

private:
    Status write() const;

    const std::filesystem::path m_path;
    mutable std::mutex m_mutex;
    std::map<net::DownloadId, net::DownloadRecord> m_records;  // guarded by m_mutex
};

}  // namespace sotto::test
