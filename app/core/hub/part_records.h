// PartRecords: downloads remembered beside their files, for a program that keeps no library: the
// record of `model.gguf` lies in `model.gguf.part.json` until the file is whole.
//
// Place: `sotto-cli pull`. Knows only the targets that it is made for: what else lies there is
// somebody else's affair. Called by one thread at a time.
#pragma once

#include <filesystem>
#include <vector>

#include "net/api/download_store.h"

namespace sotto::app {

class PartRecords final : public net::DownloadStore {
public:
    explicit PartRecords(std::vector<std::filesystem::path> targets)
        : m_targets(std::move(targets)) {}

    // What cannot be read counts as not there: the download begins anew.
    Result<std::vector<net::DownloadRecord>> load() override;
    Status save(const net::DownloadRecord& record) override;
    Status remove(net::DownloadId id) override;

private:
    using Files = std::vector<std::pair<net::DownloadId, std::filesystem::path>>;

    Files::iterator find(net::DownloadId id);

    std::vector<std::filesystem::path> m_targets;
    Files m_files;  // that were written or read
};

}  // namespace sotto::app
