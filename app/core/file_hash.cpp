#include "app/core/file_hash.h"

#include <fmt/format.h>

#include <fstream>
#include <vector>

#include "app/core/json_entries.h"
#include "base/hash.h"

namespace sotto::app {
namespace {

constexpr int kHashFormat = 1;
constexpr const char* kHashes = "hashes";
// Large enough that a disk reads ahead, small enough that a cancel is heard at once.
constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

std::string keyOf(const FileIdentity& file) {
    return fmt::format("{}:{}:{}:{}", file.disk, file.file, file.nBytes, file.modifiedAtNs);
}

tl::unexpected<Error> unreadable(const std::filesystem::path& file, const char* what) {
    return fail(ErrorCode::FileUnreadable,
                "“" + file.string() + "” cannot be read" + what + ": check its drive.",
                file.string());
}

}  // namespace

Result<std::string> hashFile(const std::filesystem::path& file,
                             const std::function<bool(std::uint64_t nBytes)>& goesOn) {
    std::ifstream input(file, std::ios::binary);
    if (!input) return unreadable(file, "");
    Hash hash;
    std::vector<std::byte> piece(kPieceBytes);
    while (input) {
        input.read(reinterpret_cast<char*>(piece.data()),
                   static_cast<std::streamsize>(piece.size()));
        if (input.bad()) return unreadable(file, " to its end");
        const auto nRead = static_cast<std::size_t>(input.gcount());
        hash.append({piece.data(), nRead});
        if (!goesOn(nRead)) return fail(ErrorCode::Cancelled, "Stopped.");
    }
    return hash.finish();
}

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
