#include "tests/support/hub/file_store.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/atomic_file.h"

namespace sotto::test {
namespace {

using Json = nlohmann::json;

Json jsonOf(const net::DownloadRecord& record) {
    return {{"id", record.id},
            {"position", record.position},
            {"endpoint", record.endpoint},
            {"repository", record.repository},
            {"revision", record.revision},
            {"path", record.path},
            {"target", record.target.string()},
            {"commit", record.commit},
            {"sha256", record.sha256},
            {"blobSha1", record.blobSha1},
            {"nBytes", record.nBytes},
            {"nKeptBytes", record.nKeptBytes},
            {"etag", record.etag},
            {"state", std::string(net::downloadStateName(record.state))},
            {"problem", record.problem.message}};
}

net::DownloadRecord recordOf(const Json& json) {
    net::DownloadRecord record;
    record.id = json["id"];
    record.position = json["position"];
    record.endpoint = json["endpoint"];
    record.repository = json["repository"];
    record.revision = json["revision"];
    record.path = json["path"];
    record.target = json["target"].get<std::string>();
    record.commit = json["commit"];
    record.sha256 = json["sha256"];
    record.blobSha1 = json["blobSha1"];
    record.nBytes = json["nBytes"];
    record.nKeptBytes = json["nKeptBytes"];
    record.etag = json["etag"];
    record.state = net::downloadStateOfName(json["state"].get<std::string>());
    record.problem.message = json["problem"];
    return record;
}

}  // namespace

FileStore::FileStore(std::filesystem::path path) : m_path(std::move(path)) {
    if (m_path.empty()) return;
    std::ifstream file(m_path);
    std::ostringstream text;
    text << file.rdbuf();
    const Json json = Json::parse(text.str(), nullptr, false);
    if (!json.is_array()) return;
    for (const Json& entry : json) {
        net::DownloadRecord record = recordOf(entry);
        m_records[record.id] = std::move(record);
    }
}

Result<std::vector<net::DownloadRecord>> FileStore::load() {
    const std::lock_guard lock(m_mutex);
    std::vector<net::DownloadRecord> records;
    for (const auto& [id, record] : m_records) records.push_back(record);
    return records;
}

Status FileStore::save(const net::DownloadRecord& record) {
    const std::lock_guard lock(m_mutex);
    m_records[record.id] = record;
    return write();
}

Status FileStore::remove(net::DownloadId id) {
    const std::lock_guard lock(m_mutex);
    m_records.erase(id);
    return write();
}

Status FileStore::write() const {
    if (m_path.empty()) return {};
    Json json = Json::array();
    for (const auto& [id, record] : m_records) json.push_back(jsonOf(record));
    const std::string text = json.dump();
    SOTTO_ASSIGN(AtomicFile file, AtomicFile::create(m_path));
    SOTTO_TRY(file.append(std::as_bytes(std::span(text))));
    return file.commit();
}

}  // namespace sotto::test
