// HashStore: the SHA-256 of files that were read (base/file_hash.h), so that gigabytes are read
// once.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "app/core/file_identity.h"
#include "base/result.h"

namespace sotto::app {

// Hashes by the identity of their files, in a file of JSON in the cache folder. A file that was
// written to since has another identity. One thread.
class HashStore {
public:
    static std::filesystem::path pathIn(const std::filesystem::path& cache) {
        return cache / "sotto-hashes.json";
    }
    // Files that are remembered at most; those that were not asked for go first.
    static constexpr std::size_t kMost = 2000;

    // An empty path: nothing is kept.
    explicit HashStore(std::filesystem::path file);

    std::string hashOf(const FileIdentity& file);  // empty: not known
    void add(const FileIdentity& file, const std::string& sha256);
    // What was added is kept. Errors: those of AtomicFile.
    Status save() const;

private:
    std::filesystem::path m_file;
    struct Entry {
        std::string sha256;
        bool isAsked = false;  // of this run
    };
    std::map<std::string, Entry> m_entries;
};

}  // namespace sotto::app
