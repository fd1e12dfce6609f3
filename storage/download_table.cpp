#include "storage/download_table.h"

#include "storage/sqlite/transaction.h"

namespace sotto::storage {
namespace {

constexpr std::string_view kSaveDownload =
    "INSERT OR REPLACE INTO downloads (id, position, endpoint, repository, revision, path, target,"
    " commit_hash, sha256, blob_sha1, size_bytes, kept_bytes, etag, state, problem_code, problem,"
    " problem_context, problem_needed, problem_available)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kSelectDownloads =
    "SELECT id, position, endpoint, repository, revision, path, target, commit_hash, sha256,"
    " blob_sha1, size_bytes, kept_bytes, etag, state, problem_code, problem, problem_context,"
    " problem_needed, problem_available FROM downloads ORDER BY position, id";

DownloadRecord readDownload(const Statement& row) {
    DownloadRecord download;
    download.id = row.integer(0);
    download.position = row.integer(1);
    download.endpoint = row.text(2);
    download.repository = row.text(3);
    download.revision = row.text(4);
    download.path = row.text(5);
    download.target = row.text(6);
    download.commit = row.text(7);
    download.sha256 = row.text(8);
    download.blobSha1 = row.text(9);
    download.sizeBytes = row.integer(10);
    download.keptBytes = row.integer(11);
    download.etag = row.text(12);
    download.state = row.text(13);
    const std::string code = row.text(14);
    if (code.empty()) return download;
    download.problem = Error{errorCodeOfName(code), row.text(15), row.text(16),
                             static_cast<std::uint64_t>(row.integer(17)),
                             static_cast<std::uint64_t>(row.integer(18))};
    return download;
}

}  // namespace

Status saveDownloadRow(Connection& connection, const DownloadRecord& download) {
    const Error problem = download.problem.value_or(Error{});
    const std::string_view code =
        download.problem ? errorCodeName(problem.code) : std::string_view();
    return connection.run(kSaveDownload, download.id, download.position, download.endpoint,
                          download.repository, download.revision, download.path, download.target,
                          download.commit, download.sha256, download.blobSha1, download.sizeBytes,
                          download.keptBytes, download.etag, download.state, code, problem.message,
                          problem.context, static_cast<std::int64_t>(problem.needed),
                          static_cast<std::int64_t>(problem.available));
}

Result<std::vector<DownloadRecord>> DownloadTable::list() {
    SOTTO_ASSIGN(Statement row, m_connection.prepare(kSelectDownloads));
    std::vector<DownloadRecord> downloads;
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, row.step());
        if (!hasRow) return downloads;
        downloads.push_back(readDownload(row));
    }
}

Status DownloadTable::saveAll(std::span<const DownloadRecord> downloads) {
    for (const DownloadRecord& download : downloads)
        if (download.id == 0 || download.target.empty())
            return fail(ErrorCode::InvalidArgument, "A download needs an id and a target.");
    return inTransaction(m_connection, Durability::Synced, [&]() -> Status {
        for (const DownloadRecord& download : downloads)
            SOTTO_TRY(saveDownloadRow(m_connection, download));
        return {};
    });
}

Status DownloadTable::remove(std::int64_t id) {
    return inTransaction(m_connection, Durability::Synced, [&] {
        return m_connection.run("DELETE FROM downloads WHERE id = ?", id);
    });
}

}  // namespace sotto::storage
