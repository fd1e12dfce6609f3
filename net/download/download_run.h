// DownloadRun: one file from the hub to this disk, as far as it goes this time.
//
// Place: run by a worker of the DownloadQueue. Reads like what it does: open the part, read what is
// there, ask the hub, take the bytes, check, rename. One thread.
// What breaks on the way is tried again after growing pauses as long as bytes come in between; what
// cannot go well (no room, no access, another hash) ends it with what is there kept.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "base/hash.h"
#include "net/api/download_queue.h"
#include "net/api/download_store.h"
#include "net/download/download_disk.h"
#include "net/download/rate_limit.h"
#include "net/hub/hub.h"

namespace sotto::net {

struct DownloadTools {
    const HubClient& client;
    DownloadDisk& disk;
    RateLimit& rate;
    const DownloadOptions& options;
    // The record changed: to be kept.
    std::function<Status(const DownloadRecord&)> save;
    std::function<void(std::uint64_t nReceivedBytes)> progress;
    // How much of the file was there already, once that has proved to be of use.
    std::function<void(std::uint64_t nBytes)> resumed;
};

// `NAME.part` and `NAME.damaged` beside the target.
std::filesystem::path partOf(const std::filesystem::path& target);
std::filesystem::path damagedOf(const std::filesystem::path& target);

// Whether bytes of the part may be this record's: it is written only once the hub has said what the
// file is. Any other part is of a program that remembers its own elsewhere (the window in its
// library, the command line beside the file), and may have gigabytes.
bool hasOwnPart(const DownloadRecord& record);

class DownloadRun {
public:
    DownloadRun(DownloadRecord record, DownloadTools tools);

    // Verified, Damaged, Paused (no room), Interrupted (the problem), or Running: it was stopped,
    // and what is there is kept.
    DownloadRecord run(const std::stop_token& stop);

private:
    Status take(const std::stop_token& stop);
    Result<bool> wasFinished(const std::stop_token& stop);
    Status openPart();
    Status readKept(const std::stop_token& stop);
    Status takeBytes(const std::stop_token& stop);
    Status attempt(const std::stop_token& stop);
    Status adopt(const ResolvedFile& file);
    Status checkRoom();
    // The answer begins where the part ends, or the part begins anew.
    Status agree(const HttpAnswer& answer);
    Status receive(HttpAnswer& answer, const std::stop_token& stop);
    void begin(std::uint64_t nResumedBytes);
    Status startOver();
    Status keep();
    Status finish();
    Status save() { return m_tools.save(m_record); }
    Hash newHash() const;
    const std::string& expectedHash() const;
    std::string subject() const { return m_record.repository + ": " + m_record.path; }

    DownloadRecord m_record;
    DownloadTools m_tools;
    std::unique_ptr<PartFile> m_part;
    std::optional<Hash> m_hash;  // of the first m_nBytes bytes of the part
    std::uint64_t m_nBytes = 0;  // in the part
    bool m_hasBegun = false;     // bytes came, or none were missing
};

}  // namespace sotto::net
