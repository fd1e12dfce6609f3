// ProductMemoryFile: which way of multiplying was the faster on this machine's cards, in a small
// file of the cache folder, so that it is measured once and not at every start.
//
// One line per shape behind a first one that names the program's version: another version has other
// kernels and measures anew. A file that cannot be read is none; one that cannot be written is told
// to the log and costs the next start a second. One user at a time, the engine thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/result.h"
#include "engine/api/engine_options.h"

namespace sotto::app {

class ProductMemoryFile final : public ProductMemory {
public:
    // Read at the first question. Empty path: kept for the life of this object.
    explicit ProductMemoryFile(std::filesystem::path path) : m_path(std::move(path)) {}

    std::optional<bool> isLibraryFaster(const std::string& key) override;
    void keep(const std::string& key, bool isLibraryFaster) override;

private:
    void read();
    Status write() const;

    std::filesystem::path m_path;
    bool m_isRead = false;
    std::map<std::string, bool> m_known;
};

// products.txt of the cache folder.
std::filesystem::path productMemoryPath(const std::filesystem::path& cacheFolder);

}  // namespace sotto::app
