#include "app/core/hub/part_records.h"

#include <algorithm>
#include <optional>

#include "app/core/json_entries.h"
#include "base/text_file.h"

namespace sotto::app {
namespace {

using Json = nlohmann::json;

std::filesystem::path recordFile(const std::filesystem::path& target) {
    std::filesystem::path file = target;
    file += ".part.json";
    return file;
}

Json jsonOf(const net::DownloadRecord& record) {
    return {{"endpoint", record.endpoint},
            {"repository", record.repository},
            {"revision", record.revision},
            {"path", record.path},
            {"commit", record.commit},
            {"sha256", record.sha256},
            {"blob_sha1", record.blobSha1},
            {"bytes", record.nBytes},
            {"kept_bytes", record.nKeptBytes},
            {"etag", record.etag},
            {"state", net::downloadStateName(record.state)}};
}

std::uint64_t countOf(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

// Of the file as it is wanted, with nothing of it kept.
net::DownloadRecord freshRecord(const PartTarget& wanted) {
    net::DownloadRecord record;
    record.endpoint = wanted.endpoint;
    record.repository = wanted.repository;
    record.revision = wanted.revision;
    record.path = wanted.file.path;
    record.target = wanted.target;
    record.sha256 = wanted.file.sha256;
    record.blobSha1 = wanted.file.blobSha1;
    record.nBytes = wanted.file.nBytes;
    return record;
}

std::optional<net::DownloadRecord> keptRecord(const PartTarget& wanted) {
    const std::optional<std::string> text = readTextFile(recordFile(wanted.target));
    const Json json = text ? Json::parse(*text, nullptr, false) : Json();
    if (!json.is_object()) return std::nullopt;
    net::DownloadRecord record = freshRecord(wanted);
    const bool isSame =
        textField(json, "endpoint") == record.endpoint &&
        textField(json, "repository") == record.repository &&
        textField(json, "path") == record.path && textField(json, "sha256") == record.sha256 &&
        textField(json, "blob_sha1") == record.blobSha1 && countOf(json, "bytes") == record.nBytes;
    if (!isSame) return std::nullopt;
    record.commit = textField(json, "commit");
    record.nKeptBytes = std::min(countOf(json, "kept_bytes"), record.nBytes);
    record.etag = textField(json, "etag");
    record.state = net::downloadStateOfName(textField(json, "state"));
    return record;
}

}  // namespace

Result<std::vector<net::DownloadRecord>> PartRecords::load() {
    std::vector<net::DownloadRecord> records;
    for (const PartTarget& wanted : m_targets) {
        std::optional<net::DownloadRecord> record = keptRecord(wanted);
        std::error_code ignored;
        if (!record && std::filesystem::exists(wanted.target, ignored))
            record = freshRecord(wanted);
        if (!record) continue;
        record->id = static_cast<net::DownloadId>(records.size()) + 1;
        record->position = record->id;
        m_files.emplace_back(record->id, recordFile(wanted.target));
        records.push_back(std::move(*record));
    }
    return records;
}

Status PartRecords::save(const net::DownloadRecord& record) {
    if (record.state == net::DownloadState::Verified) return remove(record.id);
    const std::filesystem::path path = recordFile(record.target);
    std::error_code ignored;
    std::filesystem::create_directories(path.parent_path(), ignored);
    const std::string text = jsonOf(record).dump(1, ' ', false, Json::error_handler_t::replace);
    SOTTO_TRY(writeTextFile(path, text));
    if (find(record.id) == m_files.end()) m_files.emplace_back(record.id, path);
    return {};
}

Status PartRecords::remove(net::DownloadId id) {
    const auto found = find(id);
    if (found == m_files.end()) return {};
    std::error_code ignored;
    std::filesystem::remove(found->second, ignored);
    m_files.erase(found);
    return {};
}

PartRecords::Files::iterator PartRecords::find(net::DownloadId id) {
    return std::find_if(m_files.begin(), m_files.end(),
                        [&](const auto& file) { return file.first == id; });
}

}  // namespace sotto::app
