#include "net/download/download_run.h"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "base/existing_folder.h"
#include "base/log.h"
#include "net/http/backoff.h"
#include "net/net_error.h"

namespace sotto::net {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReadBytes = std::size_t{1} << 20;
// Hubs count in windows of five minutes.
constexpr std::uint64_t kMaxLimitSeconds = 900;

fs::path withEnding(const fs::path& path, const char* ending) {
    fs::path longer = path;
    longer += ending;
    return longer;
}

bool isThere(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

// One that If-Range may be asked with: a weak one says only that the text means the same.
std::string strongEtag(const HttpHead& head) {
    const std::string etag = head.headers.text("ETag");
    return etag.size() >= 2 && etag.front() == '"' && etag.back() == '"' ? etag : std::string();
}

// Takes the first `nBytes` into the hash; fewer, where the file ends before. `tell`: of what was
// read so far; may be empty. Errors: the disk's, Cancelled.
Result<std::uint64_t> hashFile(PartFile& file, std::uint64_t nBytes, Hash& hash,
                               const std::function<void(std::uint64_t)>& tell,
                               const std::stop_token& stop) {
    std::vector<std::byte> buffer(std::min<std::uint64_t>(kReadBytes, nBytes));
    std::uint64_t nDone = 0;
    while (nDone < nBytes) {
        if (stop.stop_requested()) return fail(cancelledError());
        const std::size_t nWanted = std::min<std::uint64_t>(buffer.size(), nBytes - nDone);
        SOTTO_ASSIGN(const std::size_t nRead, file.read(nDone, std::span(buffer).first(nWanted)));
        if (nRead == 0) break;
        hash.append(std::span(buffer).first(nRead));
        nDone += nRead;
        if (tell) tell(nDone);
    }
    return nDone;
}

}  // namespace

fs::path partOf(const fs::path& target) { return withEnding(target, ".part"); }
fs::path damagedOf(const fs::path& target) { return withEnding(target, ".damaged"); }

bool hasOwnPart(const DownloadRecord& record) {
    return record.nKeptBytes > 0 || !record.commit.empty() || !record.sha256.empty() ||
           !record.blobSha1.empty();
}

DownloadRun::DownloadRun(DownloadRecord record, DownloadTools tools)
    : m_record(std::move(record)), m_tools(std::move(tools)) {}

DownloadRecord DownloadRun::run(const std::stop_token& stop) {
    m_record.problem = {};
    Status status = take(stop);
    // Whatever ended it: what came is kept for the next time. Of a part that was being read again
    // less is known by now than is there.
    if (m_part != nullptr && m_nBytes > m_record.nKeptBytes &&
        m_record.state != DownloadState::Verified && m_record.state != DownloadState::Damaged) {
        const Status kept = keep();
        if (!kept && status) status = kept;
    }
    if (m_part != nullptr && m_nBytes == 0 && m_record.nKeptBytes == 0 && !status) {
        // Nothing came, and nothing was there: nothing is left behind.
        m_part.reset();
        std::error_code error;
        fs::remove(partOf(m_record.target), error);
    }
    if (status) return std::move(m_record);
    if (m_record.state == DownloadState::Damaged) {
        m_record.problem = status.error();
    } else if (status.error().code == ErrorCode::Cancelled ||
               status.error().code == ErrorCode::Closed) {
        m_record.state = DownloadState::Running;
    } else {
        m_record.problem = status.error();
        m_record.state = status.error().code == ErrorCode::DiskFull ? DownloadState::Paused
                                                                    : DownloadState::Interrupted;
    }
    return std::move(m_record);
}

Status DownloadRun::take(const std::stop_token& stop) {
    SOTTO_ASSIGN(const bool isDone, wasFinished(stop));
    if (isDone) return {};
    SOTTO_TRY(openPart());
    SOTTO_TRY(readKept(stop));
    SOTTO_TRY(takeBytes(stop));
    return finish();
}

// A kill between the last two steps leaves the file under its name and the record behind.
Result<bool> DownloadRun::wasFinished(const std::stop_token& stop) {
    if (!isThere(m_record.target)) return false;
    const auto taken = fail(takenError(m_record.target));
    std::error_code error;
    const std::uint64_t nBytes = fs::file_size(m_record.target, error);
    if (error || expectedHash().empty() || nBytes != m_record.nBytes) return taken;
    m_record.state = DownloadState::Checking;
    SOTTO_TRY(save());
    SOTTO_ASSIGN(const auto file, m_tools.disk.openPart(m_record.target));
    Hash hash = newHash();
    SOTTO_ASSIGN(const std::uint64_t nRead, hashFile(*file, nBytes, hash, {}, stop));
    if (nRead < nBytes || hash.finish() != expectedHash()) return taken;
    fs::remove(partOf(m_record.target), error);
    m_record.nKeptBytes = nBytes;
    begin(nBytes);
    m_tools.progress(nBytes);
    m_record.state = DownloadState::Verified;
    return true;
}

Status DownloadRun::openPart() {
    const fs::path path = partOf(m_record.target);
    SOTTO_ASSIGN(std::unique_ptr<PartFile> part, m_tools.disk.openPart(path));
    SOTTO_ASSIGN(const std::uint64_t size, part->size());
    if (size > 0 && !hasOwnPart(m_record)) return fail(strangePartError(path, size));
    m_part = std::move(part);
    return {};
}

// What was on disk is never believed: its hash is taken anew.
Status DownloadRun::readKept(const std::stop_token& stop) {
    SOTTO_ASSIGN(const std::uint64_t size, m_part->size());
    const bool isUsable = m_record.nKeptBytes > 0 && size >= m_record.nKeptBytes &&
                          m_record.nKeptBytes <= m_record.nBytes && !m_record.etag.empty() &&
                          !expectedHash().empty();
    if (!isUsable) return startOver();
    m_record.state = DownloadState::Checking;
    SOTTO_TRY(save());
    m_hash = newHash();
    const auto tell = [this](std::uint64_t nRead) {
        m_nBytes = nRead;
        m_tools.progress(nRead);
    };
    m_nBytes = 0;
    SOTTO_ASSIGN(const std::uint64_t nRead,
                 hashFile(*m_part, m_record.nKeptBytes, *m_hash, tell, stop));
    if (nRead < m_record.nKeptBytes) return startOver();
    return m_part->truncate(m_nBytes);
}

Status DownloadRun::takeBytes(const std::stop_token& stop) {
    Backoff backoff;
    std::uint64_t nMost = m_nBytes;
    for (int nFruitless = 0; expectedHash().empty() || m_nBytes < m_record.nBytes;) {
        m_record.state = DownloadState::Running;
        SOTTO_TRY(save());
        const Status status = attempt(stop);
        if (status) continue;
        const bool isLimited = status.error().code == ErrorCode::RateLimited &&
                               status.error().needed <= kMaxLimitSeconds;
        if (!isTransient(status.error()) && !isLimited) return status;
        // Only what is more than ever before: a server that always begins anew gets nowhere.
        if (m_nBytes > nMost) {
            nMost = m_nBytes;
            nFruitless = 0;
            backoff.reset();
        }
        if (++nFruitless >= m_tools.options.nAttempts) return status;
        logMessage(LogLevel::Info, "download tried again: " + status.error().message);
        const Clock::Span pause = std::max<Clock::Span>(
            backoff.next(), std::chrono::seconds(isLimited ? status.error().needed : 0));
        if (!m_tools.client.hub()->clock().wait(pause, stop)) return fail(cancelledError());
    }
    return {};
}

Status DownloadRun::attempt(const std::stop_token& stop) {
    // From the commit, once it is known: a branch moves. Each time anew: addresses expire.
    const std::string& revision = m_record.commit.empty() ? m_record.revision : m_record.commit;
    SOTTO_ASSIGN(const ResolvedFile file,
                 m_tools.client.resolve(m_record.repository, revision, m_record.path, stop));
    SOTTO_TRY(adopt(file));
    if (m_nBytes == m_record.nBytes) return {};
    SOTTO_TRY(checkRoom());
    SOTTO_ASSIGN(Url address, Url::parse(file.address));
    HttpCall call{.url = std::move(address), .purpose = Purpose::Download};
    // Without an ETag nobody can say that what is there is of the same file.
    if (m_nBytes > 0 && !m_record.etag.empty()) {
        call.headers.push_back("Range: bytes=" + std::to_string(m_nBytes) + "-");
        call.headers.push_back("If-Range: " + m_record.etag);
    }
    SOTTO_ASSIGN(HttpAnswer answer,
                 m_tools.client.hub()->askOnce(call, HubWindow::Resolve, subject(), stop));
    SOTTO_TRY(agree(answer));
    return receive(answer, stop);
}

Status DownloadRun::adopt(const ResolvedFile& file) {
    const bool isSame = m_record.sha256 == file.sha256 && m_record.blobSha1 == file.blobSha1 &&
                        m_record.nBytes == file.nBytes;
    if (m_record.commit.empty()) m_record.commit = file.commit;
    if (isSame) return {};
    // The first time, or a mirror without commits has another file by now.
    m_record.sha256 = file.sha256;
    m_record.blobSha1 = file.blobSha1;
    m_record.nBytes = file.nBytes;
    SOTTO_TRY(startOver());
    return save();
}

Status DownloadRun::checkRoom() {
    const fs::path folder = existingFolder(m_record.target.parent_path());
    SOTTO_ASSIGN(const std::uint64_t nFree, m_tools.disk.freeBytes(folder));
    const std::uint64_t nWanted = m_record.nBytes - m_nBytes + m_tools.options.reservedBytes;
    if (nFree < nWanted) return fail(noRoomError(m_record.path, nWanted, nFree));
    return {};
}

Status DownloadRun::agree(const HttpAnswer& answer) {
    const HttpHeaders& headers = answer.head.headers;
    const std::string& host = answer.url.host;
    const std::string encoding = headers.text("Content-Encoding");
    if (!encoding.empty() && !isSameIgnoringCase(encoding, "identity"))
        return fail(answerError(host, "the file is packed, which was not asked for"));
    if (answer.head.status == 206 && m_nBytes > 0) {
        const auto range = parseContentRange(headers.text("Content-Range"));
        const bool isRest = range && range->first == m_nBytes &&
                            range->last + 1 == m_record.nBytes &&
                            range->total.value_or(m_record.nBytes) == m_record.nBytes;
        if (isRest) {
            begin(m_nBytes);
            return {};
        }
        SOTTO_TRY(startOver());
        return fail(answerError(host, "it is not the part of the file that was asked for"));
    }
    if (answer.head.status == 200) {
        if (m_nBytes > 0) SOTTO_TRY(startOver());
        const std::string length = headers.text("Content-Length");
        if (!length.empty() && parseCount(length) != m_record.nBytes)
            return fail(answerError(host, "the file has another size than the hub says"));
        m_record.etag = strongEtag(answer.head);
        // Whatever was there before: all of it comes now.
        m_hasBegun = false;
        begin(0);
        return {};
    }
    // 416: what is here does not belong to what is there.
    SOTTO_TRY(startOver());
    return fail(answerError(host, "its status is " + std::to_string(answer.head.status)));
}

Status DownloadRun::receive(HttpAnswer& answer, const std::stop_token& stop) {
    while (m_nBytes < m_record.nBytes) {
        SOTTO_ASSIGN(const std::vector<std::byte> bytes, answer.stream->next(stop));
        if (bytes.empty())
            return fail(answerError(answer.url.host, "the file ends before its end"));
        // What comes behind its size is not the file.
        const std::span<const std::byte> taken = std::span(bytes).first(
            std::min<std::uint64_t>(bytes.size(), m_record.nBytes - m_nBytes));
        if (const Status written = m_part->append(taken); !written) {
            // Some of it may have been written.
            SOTTO_TRY(m_part->truncate(m_nBytes));
            return written;
        }
        m_hash->append(taken);
        m_nBytes += taken.size();
        m_tools.progress(m_nBytes);
        if (m_nBytes - m_record.nKeptBytes >= m_tools.options.checkpointBytes) SOTTO_TRY(keep());
        if (!m_tools.rate.take(taken.size(), stop)) return fail(cancelledError());
    }
    return {};
}

void DownloadRun::begin(std::uint64_t nResumedBytes) {
    if (!m_hasBegun) m_tools.resumed(nResumedBytes);
    m_hasBegun = true;
}

Status DownloadRun::startOver() {
    SOTTO_TRY(m_part->truncate(0));
    m_nBytes = 0;
    m_hash = newHash();
    m_record.nKeptBytes = 0;
    m_record.etag.clear();
    m_tools.progress(0);
    return {};
}

// Bytes first, then the word that they are there.
Status DownloadRun::keep() {
    if (m_nBytes == m_record.nKeptBytes) return {};
    SOTTO_TRY(m_part->sync());
    m_record.nKeptBytes = m_nBytes;
    return save();
}

Status DownloadRun::finish() {
    begin(m_nBytes);
    m_record.state = DownloadState::Checking;
    SOTTO_TRY(m_part->sync());
    m_record.nKeptBytes = m_nBytes;
    SOTTO_TRY(save());
    const std::string hash = m_hash->finish();
    if (hash == expectedHash()) {
        SOTTO_TRY(m_tools.disk.rename(partOf(m_record.target), m_record.target));
        m_record.state = DownloadState::Verified;
        return {};
    }
    m_part.reset();
    std::error_code error;
    fs::rename(partOf(m_record.target), damagedOf(m_record.target), error);
    const Error problem = damagedError(m_record.path, expectedHash(), hash);
    m_record.state = DownloadState::Damaged;
    m_record.nKeptBytes = 0;
    m_record.etag.clear();
    return fail(problem);
}

// Of those in large file storage SHA-256; of others git's blob hash, SHA-1 of "blob SIZE", a zero
// byte and the bytes.
Hash DownloadRun::newHash() const {
    if (!m_record.sha256.empty() || m_record.blobSha1.empty()) return Hash();
    Hash hash(Hash::Algorithm::Sha1);
    const std::string head = "blob " + std::to_string(m_record.nBytes);
    hash.append(std::as_bytes(std::span(head.c_str(), head.size() + 1)));
    return hash;
}

const std::string& DownloadRun::expectedHash() const {
    return m_record.sha256.empty() ? m_record.blobSha1 : m_record.sha256;
}

}  // namespace sotto::net
