#include "app/core/hash_store.h"

#include <fmt/format.h>

#include "app/core/json_entries.h"

namespace sotto::app {
namespace {

constexpr int kHashFormat = 1;
constexpr const char* kHashes = "hashes";

std::string keyOf(const FileIdentity& file) {
    return fmt::format("{}:{}:{}:{}", file.disk, file.file, file.nBytes, file.modifiedAtNs);
}

}  // namespace

HashStore::HashStore(std::filesystem::path file) : m_file(std::move(file)) {
    if (m_file.empty()) return;
    for (const nlohmann::json& entry : readEntries(m_file, kHashes, kHashFormat)) {
        if (!entry.is_object()) continue;
        const std::string sha256 = textField(entry, "sha256");
        if (sha256.size() == 64) m_entries[textField(entry, "file")] = {.sha256 = sha256};
    }
}

std::string HashStore::hashOf(const FileIdentity& file) {
    const auto found = m_entries.find(keyOf(file));
    if (found == m_entries.end()) return {};
    found->second.isAsked = true;
    return found->second.sha256;
}

void HashStore::add(const FileIdentity& file, const std::string& sha256) {
    m_entries[keyOf(file)] = {.sha256 = sha256, .isAsked = true};
}

Status HashStore::save() const {
    if (m_file.empty()) return {};
    nlohmann::json entries = nlohmann::json::array();
    for (const bool isAsked : {true, false})
        for (const auto& [key, entry] : m_entries)
            if (entry.isAsked == isAsked && entries.size() < kMost)
                entries.push_back({{"file", key}, {"sha256", entry.sha256}});
    return writeEntries(m_file, kHashes, kHashFormat, std::move(entries));
}

}  // namespace sotto::app
