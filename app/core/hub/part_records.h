// PartRecords: downloads remembered beside their files, for a program that keeps no library: the
// record of `model.gguf` lies in `model.gguf.part.json` until the file is whole.
//
// Place: `sotto-cli pull`. Knows only what it is made for: what else lies there is somebody else's
// affair. Called by one thread at a time.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "net/api/download_store.h"
#include "net/api/hub_types.h"

namespace sotto::app {

// A file that is wanted, and what it must be.
struct PartTarget {
    std::filesystem::path target;
    std::string endpoint;
    std::string repository;
    std::string revision;
    net::HubFile file;
};

class PartRecords final : public net::DownloadStore {
public:
    explicit PartRecords(std::vector<PartTarget> targets) : m_targets(std::move(targets)) {}

    // Of parts of the very files that are wanted, by their hash; others, and what cannot be read,
    // count as not there: the download begins anew. A file that is there under its name is one that
    // is to be checked.
    Result<std::vector<net::DownloadRecord>> load() override;
    Status save(const net::DownloadRecord& record) override;
    Status remove(net::DownloadId id) override;

private:
    using Files = std::vector<std::pair<net::DownloadId, std::filesystem::path>>;

    Files::iterator find(net::DownloadId id);

    std::vector<PartTarget> m_targets;
    Files m_files;  // that were written or read
};

}  // namespace sotto::app
