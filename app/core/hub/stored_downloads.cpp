#include "app/core/hub/stored_downloads.h"

#include <algorithm>
#include <string>

namespace sotto::app {
namespace {

// A path's own bytes, whatever they mean to others; UTF-8 where the system has wide ones.
std::string bytesOf(const std::filesystem::path& path) {
    const std::u8string text = path.u8string();
    return {reinterpret_cast<const char*>(text.data()), text.size()};
}

std::filesystem::path pathOf(const std::string& bytes) {
    return std::u8string(reinterpret_cast<const char8_t*>(bytes.data()), bytes.size());
}

// Of a damaged row a number may be negative.
std::uint64_t countOf(std::int64_t value) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
}

}  // namespace

storage::DownloadRecord storedDownload(const net::DownloadRecord& record) {
    storage::DownloadRecord stored{.id = record.id,
                                   .position = record.position,
                                   .endpoint = record.endpoint,
                                   .repository = record.repository,
                                   .revision = record.revision,
                                   .path = record.path,
                                   .target = bytesOf(record.target),
                                   .commit = record.commit,
                                   .sha256 = record.sha256,
                                   .blobSha1 = record.blobSha1,
                                   .sizeBytes = static_cast<std::int64_t>(record.nBytes),
                                   .keptBytes = static_cast<std::int64_t>(record.nKeptBytes),
                                   .etag = record.etag,
                                   .state = std::string(net::downloadStateName(record.state))};
    if (!record.problem.message.empty()) stored.problem = record.problem;
    return stored;
}

net::DownloadRecord downloadOf(const storage::DownloadRecord& stored) {
    return {.id = stored.id,
            .position = stored.position,
            .endpoint = stored.endpoint,
            .repository = stored.repository,
            .revision = stored.revision,
            .path = stored.path,
            .target = pathOf(stored.target),
            .commit = stored.commit,
            .sha256 = stored.sha256,
            .blobSha1 = stored.blobSha1,
            .nBytes = countOf(stored.sizeBytes),
            .nKeptBytes = countOf(stored.keptBytes),
            .etag = stored.etag,
            .state = net::downloadStateOfName(stored.state),
            .problem = stored.problem.value_or(Error{})};
}

Result<std::vector<net::DownloadRecord>> StoredDownloads::load() {
    SOTTO_ASSIGN(
        const std::vector<storage::DownloadRecord> stored,
        m_storage.call([](storage::Database& database) { return database.downloads().list(); }));
    std::vector<net::DownloadRecord> records;
    for (const storage::DownloadRecord& download : stored) records.push_back(downloadOf(download));
    return records;
}

Status StoredDownloads::save(const net::DownloadRecord& record) {
    return saveAll(std::span(&record, 1));
}

Status StoredDownloads::saveAll(std::span<const net::DownloadRecord> records) {
    std::vector<storage::DownloadRecord> stored;
    for (const net::DownloadRecord& record : records) stored.push_back(storedDownload(record));
    return m_storage.call([stored = std::move(stored)](storage::Database& database) {
        return database.downloads().saveAll(stored);
    });
}

Status StoredDownloads::remove(net::DownloadId id) {
    return m_storage.call(
        [id](storage::Database& database) { return database.downloads().remove(id); });
}

}  // namespace sotto::app
